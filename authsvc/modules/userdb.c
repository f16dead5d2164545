/*
 * userdb.c - accounts in the files that makeuserdb compiles
 *
 * The record must be there; then the password is SERVICEpw, or else systempw, or an application password.
 */
#include <stdlib.h>

#include "authsvc/account/account_check.h"
#include "authsvc/account/account_secrets.h"
#include "authsvc/userdb/userdb_account.h"
#include "authsvc/userdb/userdb_password.h"
#include "authsvc/userdb/userdb_reader.h"
#include "authsvc/userdb/userdb_record.h"
#include "authsvc/userdb/userdb_secrets.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

struct userdb {
	struct userdb_reader *reader;
	char *source, *usual_scheme;
	struct password_cache *passwords;
};

static struct status
userdb_open(const struct auth_host *host, void **out_state)
{
	const char *source = host->setting(host->arg, "USERDB");

	if (!*source) {
		log_error("USERDB is not set");
		return status_make(STATUS_INVALID, "USERDB is not set");
	}
	struct userdb *u = MEM_NEW(struct userdb);
	u->reader = userdb_reader_new(source);
	u->source = mem_strdup(source);
	u->usual_scheme = mem_strdup(host->setting(host->arg, "PASSWORD_SCHEME"));
	u->passwords = host->passwords;
	*out_state = u;
	return STATUS_FINE;
}

static void
userdb_close(void **state)
{
	struct userdb *u = *state;

	userdb_reader_free(&u->reader);
	free(u->source);
	free(u->usual_scheme);
	free(u);
	*state = NULL;
}

/* A field as a string in the arena, "" when it is not there. */
static const char *
text_field(struct arena *a, struct span record, const char *name)
{
	struct span value;

	if (!userdb_record_get(record, name, &value))
		return "";
	return arena_strndup(a, value.at, value.len);
}

static bool
id_field(struct span record, const char *name, uint32_t *out)
{
	struct span value;
	uint64_t number;

	/* The last 32-bit number means "leave it" to chown(2) and its kin. */
	if (!userdb_record_get(record, name, &value) || !span_number(value, UINT32_MAX - 1, &number))
		return false;
	*out = (uint32_t)number;
	return true;
}

static enum auth_result
fill(struct arena *a, const struct auth_query *q, struct span record, struct auth_account *out)
{
	struct auth_account account = { .name = q->account, .store = "" };

	account.home = text_field(a, record, "home");
	if (!id_field(record, "uid", &account.uid) || !id_field(record, "gid", &account.gid) ||
	    account.home[0] != '/') {
		log_error("userdb: %s needs uid=, gid= and an absolute home=", q->account);
		return AUTH_TROUBLE;
	}
	account.mail = text_field(a, record, "mail");
	account.quota = text_field(a, record, "quota");
	account.options = text_field(a, record, "options");
	account.full_name = text_field(a, record, "gecos");
	*out = account;
	return AUTH_OK;
}

static enum auth_result
find(struct userdb *u, struct arena *a, struct auth_query *q, struct span *record,
    struct span *secret)
{
	struct status st = userdb_reader_find(u->reader, a, span_str(q->account), record, secret);

	if (status_ok(st)) {
		q->known = q->account;
		return AUTH_OK;
	}
	return st.code == STATUS_NOT_FOUND ? AUTH_REJECTED : AUTH_TROUBLE;
}

static enum auth_result
userdb_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	struct span record, secret;
	enum auth_result r = find(state, a, q, &record, &secret);

	if (r == AUTH_OK)
		r = fill(a, q, record, out);
	if (r == AUTH_OK)
		out->locked = userdb_secrets_locked(a, secret, q->service);
	if (r == AUTH_OK && secret.len)
		secret_wipe((char *)secret.at, secret.len);
	return r;
}

static enum auth_result
check(const struct userdb *u, struct arena *a, struct auth_query *q, struct span secret,
    struct span password)
{
	struct auth_secrets list = userdb_secrets_find(a, secret, q->service);
	enum auth_result r = account_check_all(u->passwords, "userdb", q, &list, password);

	account_secrets_wipe(&list);
	return r;
}

static enum auth_result
userdb_verify(void *state, struct arena *a, struct auth_query *q, struct span password,
    struct auth_account *out)
{
	struct span record, secret;
	enum auth_result r = find(state, a, q, &record, &secret);

	if (r == AUTH_OK) {
		r = check(state, a, q, secret, password);
		if (secret.len)
			secret_wipe((char *)secret.at, secret.len);
	}
	return r == AUTH_OK ? fill(a, q, record, out) : r;
}

/* Passwords even when nobody has one yet: they may come while clients are connected. */
static unsigned
userdb_offers(void *state)
{
	struct userdb *u = state;

	return AUTH_OFFERS_PASSWORDS | userdb_reader_offers(u->reader);
}

static enum auth_result
userdb_secrets(void *state, struct arena *a, struct auth_query *q, struct auth_account *out,
    struct auth_secrets *out_secrets)
{
	struct span record, secret;
	enum auth_result r = find(state, a, q, &record, &secret);

	if (r == AUTH_OK) {
		*out_secrets = userdb_secrets_find(a, secret, q->service);
		if (secret.len)
			secret_wipe((char *)secret.at, secret.len);
	}
	return r == AUTH_OK ? fill(a, q, record, out) : r;
}

/* What may be wrong with the source is trouble, for the account is there. */
static enum auth_result
userdb_change(void *state, struct arena *a, struct auth_query *q, const struct auth_change *change)
{
	struct userdb *u = state;
	struct span record, secret, location = SPAN_LIT("");
	enum auth_result r = find(u, a, q, &record, &secret);

	if (r != AUTH_OK)
		return r;
	if (secret.len)
		secret_wipe((char *)secret.at, secret.len);
	userdb_record_get(record, "_", &location);
	struct status st = userdb_password_set(a, &(struct userdb_new_password){
		u->source, span_str(q->account), location, q->service, u->usual_scheme, change->new_password,
	});
	if (st.code == STATUS_INVALID)
		return AUTH_REJECTED;
	if (status_ok(st))
		log_info("userdb: changed the password of %s", q->account);
	else
		log_error("userdb: the password of %s cannot be changed: %s", q->account, st.text);
	return status_ok(st) ? AUTH_OK : AUTH_TROUBLE;
}

/* The status of an edit, as a module answers. */
static enum auth_result
edited(const char *account, const char *doing, struct status st)
{
	if (status_ok(st))
		log_info("userdb: %s %s", doing, account);
	else if (st.code != STATUS_INVALID)
		log_error("userdb: %s %s: %s", doing, account, st.text);
	return status_ok(st) ? AUTH_OK : st.code == STATUS_INVALID ? AUTH_REJECTED : AUTH_TROUBLE;
}

static enum auth_result
userdb_create(void *state, struct arena *a, const struct auth_account *account, const char *stored)
{
	struct userdb *u = state;

	return edited(account->name, "added", userdb_account_add(a, u->source, account, stored));
}

static enum auth_result
userdb_remove(void *state, struct arena *a, struct auth_query *q)
{
	struct userdb *u = state;
	struct span record, secret, location = SPAN_LIT("");
	enum auth_result r = find(u, a, q, &record, &secret);

	if (r != AUTH_OK)
		return r;
	if (secret.len)
		secret_wipe((char *)secret.at, secret.len);
	userdb_record_get(record, "_", &location);
	return edited(q->account, "removed", userdb_account_remove(a, u->source, span_str(q->account), location));
}

struct listing {
	auth_each_fn *each;
	void *arg;
	struct arena arena;	/* of the account at hand */
};

/* One that lacks what it needs is told in the log and left out. */
static bool
list_one(void *arg, struct span name, struct span shown)
{
	struct listing *l = arg;
	struct auth_account account;

	arena_reset(&l->arena);
	struct auth_query q = { .account = arena_strndup(&l->arena, name.at, name.len), .service = "", .address = "" };
	return fill(&l->arena, &q, shown, &account) != AUTH_OK || l->each(l->arg, &account);
}

static enum auth_result
userdb_enumerate(void *state, struct arena *a, auth_each_fn *each, void *arg)
{
	struct userdb *u = state;
	struct listing l = { .each = each, .arg = arg };

	(void)a;
	arena_init(&l.arena, 0);
	struct status st = userdb_reader_each(u->reader, list_one, &l);
	arena_release(&l.arena);
	return status_ok(st) ? AUTH_OK : AUTH_TROUBLE;
}

static const char *
userdb_missing(void *state)
{
	struct userdb *u = state;

	return userdb_reader_ready(u->reader) ? NULL : "compiled userdb";
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "userdb",
	.open = userdb_open,
	.close = userdb_close,
	.verify = userdb_verify,
	.lookup = userdb_lookup,
	.offers = userdb_offers,
	.secrets = userdb_secrets,
	.change = userdb_change,
	.enumerate = userdb_enumerate,
	.create = userdb_create,
	.remove = userdb_remove,
	.missing = userdb_missing,
};
