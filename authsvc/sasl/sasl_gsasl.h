/*
 * sasl_gsasl - mechanisms whose arithmetic is libgsasl's
 *
 * Its questions, "properties", go to the mechanism at hand, which keeps a struct sasl_gsasl at the front of
 * its state. Answers are given with gsasl_property_set.
 */
#ifndef AUTHSVC_SASL_SASL_GSASL_H
#define AUTHSVC_SASL_SASL_GSASL_H

#include "authsvc/sasl/sasl.h"

struct sasl_gsasl {
	Gsasl_session *session;
	int (*property)(struct sasl *x, Gsasl_property property);
};

/* False: libgsasl has no such mechanism now; logged. x->state begins with *g. */
bool sasl_gsasl_begin(struct sasl *x, struct sasl_gsasl *g, int (*property)(struct sasl *x, Gsasl_property p));
/* One step. Never SASL_TROUBLE; accepted means that the mechanism is satisfied. */
enum sasl_result sasl_gsasl_step(struct sasl *x, struct sasl_gsasl *g, struct span response, struct span *out);
void sasl_gsasl_end(struct sasl_gsasl *g);

/* For gsasl_callback_set. */
int sasl_gsasl_property(Gsasl *gsasl, Gsasl_session *session, Gsasl_property property);

#endif
