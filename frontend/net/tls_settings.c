#include "frontend/net/tls_settings.h"

#include <openssl/err.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/panic.h"
#include "base/span.h"

enum { SESSION_SECONDS = 2 * 3600 };	/* how long a ticket is good for */

void
tls_log_errors(const char *doing, const char *with)
{
	char text[256];
	unsigned long code = ERR_get_error();
	ERR_error_string_n(code, text, sizeof(text));
	ERR_clear_error();
	log_error("tls: %s %s failed: %s", doing, with, code ? text : "no reason given");
}

/* There is nobody to ask. */
static int
no_passphrase(char *buf, int size, int writing, void *arg)
{
	(void)buf, (void)size, (void)writing, (void)arg;
	return -1;
}

/*
 * What an idle connection costs is decided here: RELEASE_BUFFERS gives the 16 KiB record
 * buffers back between records, the session cache is off and one stateless
 * ticket is sent instead. Reading ahead makes a record one read(2), not two.
 */
static void
set_frugal(SSL_CTX *context)
{
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
	    | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
	    | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 1);
	SSL_CTX_set_timeout(context, SESSION_SECONDS);
	SSL_CTX_set_read_ahead(context, 1);
	SSL_CTX_set_default_passwd_cb(context, no_passphrase);
}

/* Courier's "+" and "++" are accepted: all versions from this one on are meant anyway, and nobody may renegotiate. */
static bool
set_protocol(SSL_CTX *context, const char *setting)
{
	static const struct {
		const char *name;
		int version;
	} versions[] = {
		{ "TLSv1", TLS1_VERSION }, { "TLSv1.1", TLS1_1_VERSION },
		{ "TLSv1.2", TLS1_2_VERSION }, { "TLSv1.3", TLS1_3_VERSION },
	};
	struct span name = span_str(tls_setting_given(setting) ? setting : "TLSv1.2");
	for (int plus = 0; plus < 2 && span_ends(name, SPAN_LIT("+")); plus++)
		name.len--;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (span_eq_nocase(name, span_str(versions[i].name)))
			return SSL_CTX_set_min_proto_version(context, versions[i].version) == 1;
	return false;
}

static bool
set_trust(SSL_CTX *context, const char *setting)
{
	struct stat st;
	if (!tls_setting_given(setting))
		return SSL_CTX_set_default_verify_paths(context) == 1;
	if (stat(setting, &st) < 0)
		return false;
	if (S_ISDIR(st.st_mode))
		return SSL_CTX_load_verify_dir(context, setting) == 1;
	/* Clients with several certificates choose by these names. */
	SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(setting));
	return SSL_CTX_load_verify_file(context, setting) == 1;
}

/*
 * A session is resumed only where the same was asked of the client, or one from a frontend that
 * asks for no certificate would be a way around one that does.
 */
static void
set_session_context(SSL_CTX *context, const struct tls_settings *settings)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	const char *trust = settings->trustcerts ? settings->trustcerts : "";
	char text[1024];
	int len = snprintf(text, sizeof(text), "posthouse %d %s", settings->verifypeer, trust);
	assert_that(EVP_Digest(text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1, digest, NULL,
	    EVP_sha256(), NULL) == 1);
	assert_that(SSL_CTX_set_session_id_context(context, digest, SSL_MAX_SID_CTX_LENGTH) == 1);
}

static bool
set_verify(SSL_CTX *context, const struct tls_settings *settings)
{
	set_session_context(context, settings);
	if (settings->verifypeer == TLS_VERIFY_NONE)
		return true;
	bool required = settings->verifypeer == TLS_VERIFY_REQUIREPEER;
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), NULL);
	return set_trust(context, settings->trustcerts);
}

SSL_CTX *
tls_settings_context(const struct tls_settings *s)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());
	if (!context)
		panic("tls: no context");
	set_frugal(context);
	const char *setting = "TLS_PROTOCOL", *value = s->protocol;
	if (!set_protocol(context, value))
		goto bad;
	setting = "TLS_CIPHER_LIST", value = s->cipher_list;
	if (tls_setting_given(value) && SSL_CTX_set_cipher_list(context, value) != 1)
		goto bad;
	setting = "TLS_CIPHERSUITES", value = s->ciphersuites;
	if (tls_setting_given(value) && SSL_CTX_set_ciphersuites(context, value) != 1)
		goto bad;
	setting = "TLS_GROUPS", value = s->groups;
	if (tls_setting_given(value) && SSL_CTX_set1_groups_list(context, value) != 1)
		goto bad;
	setting = "TLS_TRUSTCERTS", value = s->trustcerts;
	if (!set_verify(context, s))
		goto bad;
	ERR_clear_error();
	return context;
bad:
	tls_log_errors(setting, value ? value : "");
	SSL_CTX_free(context);
	return NULL;
}
