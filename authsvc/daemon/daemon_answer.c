/*
 * daemon_answer.c - what authdaemond would say
 */
#include "authsvc/daemon/daemon_answer.h"

#include "authsvc/account/account_name.h"
#include "authsvc/account/account_options.h"
#include "authsvc/account/account_service.h"
#include "authsvc/methods/methods.h"
#include "authsvc/sasl/cram.h"
#include "authsvc/sasl/stored.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/secret.h"

#define PIECE 32768		/* bytes of a list that are sent at a time */

static const char fail[] = "FAIL\n";

struct job {
	struct auth *auth;
	struct arena arena;
	const struct daemon_request *request;
	const struct daemon_asker *asker;
	struct auth_query query;
	struct span clear;		/* the password, where it was proved and is known */
	struct span challenge, digest;	/* of CRAM */
	struct daemon_answer *out;
	bool gone;			/* the asker */
};

/* False for what can be nobody's name. */
static bool
take_name(struct job *j, struct span given)
{
	struct account_rules names = auth_names(j->auth);

	return account_name_ask(&j->arena, &names, given, &j->query);
}

static bool
take_service(struct job *j)
{
	const struct daemon_request *r = j->request;
	const char *service = account_service_find(r->service, SERVICE_FOR_AUTHDAEMON);

	if (!service) {
		log_info("authdaemond: the service %.*s is not known", (int)r->service.len, r->service.at);
		return false;
	}
	j->query = (struct auth_query){
		.account = "", .service = service, .address = arena_strndup(&j->arena, r->address.at, r->address.len),
	};
	return true;
}

/* A value with a line end in it would be lines of its own. */
static void
put(struct job *j, const char *name, struct span value)
{
	struct buf *b = &j->out->text;

	if (!value.len)
		return;
	if (span_index(value, '\n') < value.len) {
		log_error("authdaemon: %s has a line end in %s", j->query.account, name);
		return;
	}
	buf_str(b, name);
	buf_char(b, '=');
	buf_span(b, value);
	buf_char(b, '\n');
}

/* Both ids 0 mean storesvc's own user, which a mail transport would take for root. */
static bool
own_ids(const struct job *j, const struct auth_account *account)
{
	if (account->uid || account->gid)
		return true;
	log_error("authdaemon: %s has no uid of its own that could be told", *account->name ? account->name :
	    j->query.account);
	return false;
}

static const char *
maildir_of(const struct job *j, const struct auth_account *account)
{
	const char *usual = j->auth->config->maildirpath;

	return *account->mail || strcmp(usual, "Maildir") == 0 ? account->mail : usual;
}

static void
put_account(struct job *j, const struct auth_account *account)
{
	struct buf *b = &j->out->text;

	if (!own_ids(j, account))
		return;
	buf_printf(b, "UID=%u\nGID=%u\n", account->uid, account->gid);
	put(j, "HOME", span_str(account->home));
	put(j, "ADDRESS", span_str(account->name));
	put(j, "NAME", span_str(account->full_name));
	put(j, "MAILDIR", span_str(maildir_of(j, account)));
	put(j, "QUOTA", span_str(account->quota));
	put(j, "PASSWD2", j->clear);
	put(j, "OPTIONS", span_str(account_options_join(&j->arena, account->options,
	    j->auth->config->default_options)));
	buf_str(b, ".\n");
}

/* A response to a challenge is another each time, so that it always counts. */
static void
refuse(struct job *j)
{
	const struct auth_query *q = &j->query;
	struct failures *f = j->auth->failures;
	const char *counted = q->known ? q->known : q->account;
	int64_t delay = j->request->verb == DAEMON_CRAM ? failures_count(f, counted, q->address) :
	    failures_count_password(f, counted, q->address, j->request->password);
	int64_t hold = failures_answer_at(f, j->asker->begun, delay) - clock_mono_ms();

	log_info("refused %s for %s from %s", q->service, *q->account ? q->account : "(no name)", q->address);
	j->out->hold_ms = hold > 0 ? hold : 0;
	buf_str(&j->out->text, fail);
}

static void
answer_pre(struct job *j)
{
	enum auth_result r = AUTH_REJECTED;
	struct auth_account account;

	if (take_name(j, j->request->user))
		r = auth_chain_lookup_in(j->auth->chain, &j->arena, &j->query, j->request->module, &account);
	if (r == AUTH_OK)
		put_account(j, &account);
	else if (r == AUTH_REJECTED)
		buf_str(&j->out->text, fail);
}

static enum auth_result
try_login(struct job *j, struct auth_account *account)
{
	j->clear = j->request->password;
	if (!take_name(j, j->request->user))
		return AUTH_REJECTED;
	return auth_chain_verify(j->auth->chain, &j->arena, &j->query, j->request->password, account);
}

static bool
proves(void *arg, const struct auth_account *account, const struct auth_secrets *secrets)
{
	struct job *j = arg;
	const struct auth_secret *found = cram_find(&j->arena, j->request->hash, secrets, j->challenge, j->digest);

	(void)account;
	if (!found)
		return false;
	j->query.application = found->name;
	if (stored_clear(found->stored, &j->clear))
		j->clear = arena_span(&j->arena, j->clear);
	return true;
}

static enum auth_result
try_cram(struct job *j, struct auth_account *account)
{
	struct span response, name;

	if (!base64_decode(&j->arena, j->request->challenge, &j->challenge) ||
	    !base64_decode(&j->arena, j->request->response, &response) ||
	    !cram_split(&j->arena, response, &name, &j->digest) || !take_name(j, name))
		return AUTH_REJECTED;
	return auth_chain_secrets(j->auth->chain, &j->arena, &j->query, proves, j, account);
}

/* An address that has to wait is not heard, which its client takes for trouble. */
static void
answer_auth(struct job *j)
{
	bool cram = j->request->verb == DAEMON_CRAM;
	struct auth_account account;

	if (!status_ok(failures_admit(j->auth->failures, j->query.address)))
		return;
	enum auth_result r = cram ? try_cram(j, &account) : try_login(j, &account);
	if (r == AUTH_OK) {
		failures_forgive(j->auth->failures, account.name);
		log_info("accepted %s for %s from %s by %s, asked by authdaemond's protocol", j->query.service,
		    account.name, j->query.address, cram ? "CRAM" : "password");
		put_account(j, &account);
	} else if (r == AUTH_REJECTED) {
		refuse(j);
	}
	if (cram && j->clear.len)
		secret_wipe((char *)(uintptr_t)j->clear.at, j->clear.len);
}

static void
answer_passwd(struct job *j)
{
	struct auth_change change = { j->request->password, j->request->new_password };
	enum auth_result r = AUTH_REJECTED;

	if (!status_ok(failures_admit(j->auth->failures, j->query.address)))
		return;
	if (take_name(j, j->request->user))
		r = auth_chain_change(j->auth->chain, &j->arena, &j->query, &change);
	if (r == AUTH_OK)
		buf_str(&j->out->text, "OK\n");
	else if (r == AUTH_REJECTED)
		refuse(j);
}

static void
begin_module(void *arg, const char *module)
{
	struct job *j = arg;

	buf_printf(&j->out->text, "# %s\n\n", module);
}

/* A field with a tab or a line end in it would be others. */
static bool
fits_list(const struct auth_account *account)
{
	const char *const fields[] = { account->name, account->home, account->mail, account->options };

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (strpbrk(fields[i], "\t\n"))
			return false;
	return true;
}

static bool
list_one(void *arg, const struct auth_account *account)
{
	struct job *j = arg;
	struct buf *b = &j->out->text;
	struct arena a;

	if (!own_ids(j, account) || !fits_list(account))
		return true;
	arena_init(&a, 0);
	buf_printf(b, "%s\t%u\t%u\t%s\t%s\t%s\n", account->name, account->uid, account->gid, account->home,
	    maildir_of(j, account), account_options_join(&a, account->options, j->auth->config->default_options));
	arena_release(&a);
	if (b->len >= PIECE) {
		j->gone = !j->asker->send(j->asker->arg, buf_view(b));
		buf_reset(b);
	}
	return !j->gone;
}

static void
answer_enumerate(struct job *j)
{
	enum auth_result r = auth_chain_enumerate(j->auth->chain, &j->arena, begin_module, list_one, j);

	if (j->gone)
		buf_reset(&j->out->text);
	else if (r == AUTH_OK)
		buf_str(&j->out->text, ".\n");
}

void
daemon_answer_make(struct auth *auth, const struct daemon_request *r, const struct daemon_asker *asker,
    struct daemon_answer *out)
{
	struct job j = { .auth = auth, .request = r, .asker = asker, .out = out, .clear = span_of(NULL, 0) };

	*out = (struct daemon_answer){ .hold_ms = 0 };
	buf_init(&out->text, 0);
	arena_init(&j.arena, 0);
	if (r->verb == DAEMON_ENUMERATE)
		answer_enumerate(&j);
	else if (r->verb == DAEMON_AUTH_OTHER || !take_service(&j))
		buf_str(&out->text, fail);
	else if (r->verb == DAEMON_PRE)
		answer_pre(&j);
	else if (r->verb == DAEMON_PASSWD)
		answer_passwd(&j);
	else
		answer_auth(&j);
	arena_release(&j.arena);
}

void
daemon_answer_release(struct daemon_answer *answer)
{
	if (answer->text.len)
		secret_wipe(answer->text.at, answer->text.len);
	buf_release(&answer->text);
}
