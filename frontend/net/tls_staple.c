#include "frontend/net/tls_staple.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"

enum { ANSWER_MAX = 64 * 1024, SKEW_SECONDS = 300 };

/* Goes with its SSL_CTX. */
struct staple {
	char *file;
	struct buf answer;
	int64_t until;			/* seconds since 1970 */
	atomic_bool told;		/* that it is too old */
};

static int staple_index;

static void
staple_free(void *parent, void *ptr, CRYPTO_EX_DATA *data, int index, long argl, void *argp)
{
	struct staple *s = ptr;
	(void)parent, (void)data, (void)index, (void)argl, (void)argp;
	if (!s)
		return;
	buf_release(&s->answer);
	free(s->file);
	free(s);
}

static void
make_index(void)
{
	staple_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, staple_free);
	assert_that(staple_index >= 0);
}

/* --- reading ------------------------------------------------------------------------- */

/* The part of the answer about `cert`, or NULL. An answer about several names them by number, within one authority. */
static OCSP_SINGLERESP *
answer_about(OCSP_BASICRESP *basic, X509 *cert)
{
	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *one = OCSP_resp_get0(basic, i);
		ASN1_INTEGER *serial = NULL;
		const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(one);
		if (OCSP_id_get0_info(NULL, NULL, NULL, &serial, (OCSP_CERTID *)(uintptr_t)id) == 1
		    && ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(cert)) == 0)
			return one;
	}
	return NULL;
}

/* Until when may `basic` be sent for `cert`; or what is wrong with it. */
static const char *
answer_problem(OCSP_BASICRESP *basic, X509 *cert, int64_t *out_until)
{
	ASN1_GENERALIZEDTIME *from, *until;
	struct tm end;
	OCSP_SINGLERESP *about = answer_about(basic, cert);
	if (!about)
		return "is not about the certificate beside it";
	(void)OCSP_single_get0_status(about, NULL, NULL, &from, &until);
	if (!until)
		return "does not say how long it holds";
	if (OCSP_check_validity(from, until, SKEW_SECONDS, -1) != 1 || ASN1_TIME_to_tm(until, &end) != 1)
		return "is too old, or of a time to come";
	*out_until = timegm(&end);
	return NULL;
}

/* What is wrong with the staple's answer; NULL: nothing, and `until` is set. */
static const char *
staple_problem(struct staple *s, X509 *cert)
{
	const unsigned char *at = (const unsigned char *)s->answer.at;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)s->answer.len);
	const char *problem = "is not a successful OCSP response";
	if (response && OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL) {
		OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
		if (basic)
			problem = answer_problem(basic, cert, &s->until);
		OCSP_BASICRESP_free(basic);
	}
	OCSP_RESPONSE_free(response);
	ERR_clear_error();
	return problem;
}

/* --- sending --------------------------------------------------------------------------- */

static int
on_status_request(SSL *ssl, void *arg)
{
	struct staple *s = arg;
	if (clock_wall_s() >= s->until) {
		if (!atomic_exchange(&s->told, true))
			log_warn("tls: the OCSP response in %s is too old now and no longer sent", s->file);
		return SSL_TLSEXT_ERR_NOACK;
	}
	unsigned char *copy = OPENSSL_memdup(s->answer.at, s->answer.len);
	if (!copy)
		return SSL_TLSEXT_ERR_NOACK;
	SSL_set_tlsext_status_ocsp_resp(ssl, copy, (long)s->answer.len);	/* takes it */
	return SSL_TLSEXT_ERR_OK;
}

void
tls_staple_use(SSL_CTX *context, const char *file)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, make_index);
	if (access(file, F_OK) < 0 && errno == ENOENT)
		return;
	struct staple *s = MEM_NEW(struct staple);
	s->file = mem_strdup(file);
	buf_init(&s->answer, 0);
	assert_that(SSL_CTX_set_ex_data(context, staple_index, s) == 1);	/* which frees it */
	if (!status_ok(io_read_path(file, ANSWER_MAX, &s->answer)))
		return;
	const char *problem = staple_problem(s, SSL_CTX_get0_certificate(context));
	if (problem) {
		log_warn("tls: %s %s; it is not sent", file, problem);
		return;
	}
	SSL_CTX_set_tlsext_status_cb(context, on_status_request);
	SSL_CTX_set_tlsext_status_arg(context, s);
}
