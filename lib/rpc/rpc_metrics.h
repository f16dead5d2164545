/*
 * rpc_metrics - calls counted, at both of their ends
 *
 * Labels are method names as the .proto files have them; requests for methods that there are not
 * are one series.
 */
#ifndef RPC_RPC_METRICS_H
#define RPC_RPC_METRICS_H

#include <stdbool.h>

#include "base/status.h"
#include "metrics/metrics.h"

/* A server. `begun` is metric_clock() when a worker took the call. */
void rpc_metrics_queued(void);
void rpc_metrics_begun(void);
void rpc_metrics_served(const char *method, enum status_code status, int64_t begun);
void rpc_metrics_refused(enum status_code status);

/* A client. `begun` is when it was called, so waiting and trying again are in it. */
void rpc_metrics_called(const char *method, enum status_code status, int64_t begun);
void rpc_metrics_retried(const char *method);

#endif
