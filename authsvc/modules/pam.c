/*
 * pam.c - the system's own accounts
 *
 * PAM's service is "imap" or "pop3", or PAM_SERVICE for both. An account of the
 * DEFAULT_DOMAIN is known to the system by its name alone.
 */
#include <stdlib.h>

#include "authsvc/module.h"
#include "authsvc/pam/pam_keeper.h"
#include "authsvc/pam/pam_login.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

#define ROOM 8192		/* bytes of an answer */
#define LIMIT_S 15		/* of one conversation, when PAM_TIMEOUT is not set */

struct pam {
	struct pam_keeper *keeper;
	char *service;		/* "" for the protocol's name */
	char *confdir;
	char *domain;		/* with the "@", or ""        */
};

static struct status
pam_open(const struct auth_host *host, void **out_state)
{
	struct pam *p = MEM_NEW(struct pam);
	const char *domain = host->setting(host->arg, "DEFAULT_DOMAIN");
	size_t at = domain[0] == '@';
	uint64_t limit_ms = 0;

	p->service = mem_strdup(host->setting(host->arg, "PAM_SERVICE"));
	p->confdir = mem_strdup(host->setting(host->arg, "PAM_CONFDIR"));
	p->domain = mem_zalloc(strlen(domain) + 2);
	if (domain[at])
		snprintf(p->domain, strlen(domain) + 2, "@%s", domain + at);
	if (!span_number(span_str(host->setting(host->arg, "PAM_TIMEOUT")), INT32_MAX, &limit_ms))
		limit_ms = LIMIT_S * 1000;
	p->keeper = pam_keeper_new(pam_login_answer, NULL, (int)((limit_ms + 999) / 1000));
	*out_state = p;
	return STATUS_FINE;
}

static void
pam_close(void **state)
{
	struct pam *p = *state;

	pam_keeper_free(&p->keeper);
	free(p->service);
	free(p->confdir);
	free(p->domain);
	free(p);
	*state = NULL;
}

/* The name without the default domain; NULL for what modules might take for a path or an option. */
static const char *
system_name(const struct pam *p, struct arena *a, const char *account)
{
	struct span name = span_str(account), domain = span_str(p->domain);

	if (domain.len && name.len >= domain.len && span_eq_nocase(span_skip(name, name.len - domain.len), domain))
		name.len -= domain.len;
	if (name.len == 0 || name.at[0] == '-' || span_index(name, '/') < name.len)
		return NULL;
	return arena_strndup(a, name.at, name.len);
}

static enum auth_result
ask(struct pam *p, struct arena *a, struct auth_query *q, const char *password,
    struct auth_account *out)
{
	struct pam_question question = {
		.service = *p->service ? p->service : q->service, .confdir = p->confdir,
		.user = system_name(p, a, q->account), .address = q->address, .password = password,
	};
	enum auth_result r = AUTH_TROUBLE;
	char *answer = arena_bytes(a, ROOM);
	struct buf b;

	buf_init(&b, ROOM);
	buf_reserve(&b, ROOM);		/* so that the password is in one place only */
	if (!question.user || !pam_question_pack(&question, &b)) {
		r = AUTH_REJECTED;
	} else {
		ssize_t n = pam_keeper_ask(p->keeper, buf_view(&b), answer, ROOM);
		if (n > 0)
			r = pam_answer_unpack(a, span_of(answer, (size_t)n), &q->known, out);
		else
			log_error("PAM gave no answer about %s", q->account);
	}
	secret_wipe(b.at, b.len);
	buf_release(&b);
	return r;
}

static enum auth_result
pam_verify(void *state, struct arena *a, struct auth_query *q, struct span password,
    struct auth_account *out)
{
	struct secret word;

	if (span_index(password, '\0') < password.len)
		return AUTH_REJECTED;
	secret_init(&word, password);
	enum auth_result r = ask(state, a, q, word.bytes, out);
	secret_release(&word);
	return r;
}

static enum auth_result
pam_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	return ask(state, a, q, NULL, out);
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "pam",
	.drops_domain = true,
	.open = pam_open,
	.close = pam_close,
	.verify = pam_verify,
	.lookup = pam_lookup,
};
