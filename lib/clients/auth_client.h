/*
 * auth_client - the auth service
 *
 * Checking a password twice is harmless, so every method but Exchange may be sent again while
 * its deadline allows. Who sees the number of failures grow is authsvc, which does not count the same
 * wrong password twice.
 */
#ifndef CLIENTS_AUTH_CLIENT_H
#define CLIENTS_AUTH_CLIENT_H

#include "proto/auth.pb-c.h"
#include "rpc/rpc_client.h"

/* `urls`: comma-separated. Free with rpc_client_free. */
MUST_USE struct status auth_client_new(const char *urls, const struct rpc_tls *tls, int timeout_ms,
    struct rpc_client **out);

#endif
