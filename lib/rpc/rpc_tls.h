/*
 * rpc_tls - certificates for tls+tcp://, shown and checked by both sides
 */
#ifndef RPC_RPC_TLS_H
#define RPC_RPC_TLS_H

#include "rpc/rpc_client.h"

struct nng_tls_config;

/*
 * TLS 1.2 or 1.3 with the files of `tls`, the other side's certificate required
 * and checked against ca_file. `server_name` NULL on the listening side.
 */
MUST_USE struct status rpc_tls_config(const struct rpc_tls *tls, const char *server_name,
    struct nng_tls_config **out);

#endif
