/*
 * rpc_tls.c - certificates for tls+tcp://, shown and checked by both sides
 */
#include "rpc/rpc_tls.h"

#include <nng/nng.h>
#include <nng/supplemental/tls/tls.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/log.h"
#include "base/secret.h"
#include "rpc/rpc_tls_engine.h"

#define PEM_MAX (1 << 20)

/* A whole file, terminated. */
static struct status
read_pem(const char *path, struct buf *out)
{
	struct status st = io_read_path(path, PEM_MAX, out);

	if (st.code == STATUS_NOT_FOUND)
		log_error("there is no certificate file %s", path);
	if (status_ok(st))
		buf_char(out, '\0');
	return st;
}

static struct status
fill(struct nng_tls_config *config, const char *ca, const char *cert, const char *key,
    const char *server_name)
{
	int rv = nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED);

	if (rv == 0)
		rv = nng_tls_config_version(config, NNG_TLS_1_2, NNG_TLS_1_3);
	if (rv == 0)
		rv = nng_tls_config_ca_chain(config, ca, NULL);
	if (rv == 0)
		rv = nng_tls_config_own_cert(config, cert, key, NULL);
	if (rv == 0 && server_name)
		rv = nng_tls_config_server_name(config, server_name);
	if (rv == 0)
		return STATUS_FINE;
	log_error("RPC certificates cannot be used: %s", nng_strerror(rv));
	return status_make(STATUS_INVALID, "RPC certificates cannot be used");
}

struct status
rpc_tls_config(const struct rpc_tls *tls, const char *server_name, struct nng_tls_config **out)
{
	struct buf ca, cert, key;
	struct nng_tls_config *config = NULL;
	struct status st;

	if (!tls->cert_file || !tls->key_file || !tls->ca_file) {
		log_error("tls+tcp:// needs RPC_TLS_CERT, RPC_TLS_KEY and RPC_TLS_CA");
		return status_make(STATUS_INVALID, "RPC certificates are not given");
	}
	st = rpc_tls_engine_use();
	if (!status_ok(st))
		return st;
	buf_init(&ca, 0);
	buf_init(&cert, 0);
	buf_init(&key, 0);
	st = read_pem(tls->ca_file, &ca);
	if (status_ok(st))
		st = read_pem(tls->cert_file, &cert);
	if (status_ok(st))
		st = read_pem(tls->key_file, &key);
	if (status_ok(st) && nng_tls_config_alloc(&config,
	    server_name ? NNG_TLS_MODE_CLIENT : NNG_TLS_MODE_SERVER) != 0)
		st = status_make(STATUS_INTERNAL, "nng has no TLS");
	if (status_ok(st))
		st = fill(config, ca.at, cert.at, key.at, server_name);
	if (key.at)
		secret_wipe(key.at, key.len);
	buf_release(&key);
	buf_release(&cert);
	buf_release(&ca);
	if (status_ok(st))
		*out = config;
	else if (config)
		nng_tls_config_free(config);
	return st;
}
