/*
 * sasl_exchanges - those that wait for their client's next response
 *
 * An exchange is known by a random id, and is either here or in one thread's hands. There is room for so many: when it
 * is taken, the oldest goes, and so does whatever has waited for too long (docs/adr/0010). Thread-safe.
 */
#ifndef AUTHSVC_SASL_SASL_EXCHANGES_H
#define AUTHSVC_SASL_SASL_EXCHANGES_H

#include "authsvc/sasl/sasl.h"

#define SASL_ID_LEN 16

struct sasl_exchanges;

struct sasl_exchanges *sasl_exchanges_new(size_t most, int64_t patience_ms);
void sasl_exchanges_free(struct sasl_exchanges **e);

/* `now_ms` as of clock_mono_ms(). */
void sasl_exchanges_put(struct sasl_exchanges *e, struct sasl *take_x, int64_t now_ms,
    unsigned char out_id[SASL_ID_LEN]);
/* Yours again; the id is of no use any more. NULL: not here, or not any longer. */
struct sasl *sasl_exchanges_take(struct sasl_exchanges *e, struct span id, int64_t now_ms);
size_t sasl_exchanges_count(struct sasl_exchanges *e);

#endif
