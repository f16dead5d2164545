/*
 * rpc_tls_engine - TLS for nng's streams, by OpenSSL
 *
 * nng is built with another library, and does not tell whose certificate the other side has shown. Its interface for
 * engines (nng/supplemental/tls/engine.h) lets a program bring one of its own.
 */
#ifndef RPC_RPC_TLS_ENGINE_H
#define RPC_RPC_TLS_ENGINE_H

#include "base/status.h"

struct nng_stream;

/* Before the first configuration is made; once is enough, and more do no harm. */
MUST_USE struct status rpc_tls_engine_use(void);

/*
 * Of the certificate that the other side of a tls+tcp:// stream has shown (rpc_role.h). 0 before the handshake is over, and
 * for a certificate that names no role.
 */
unsigned rpc_tls_engine_roles(struct nng_stream *stream);

#endif
