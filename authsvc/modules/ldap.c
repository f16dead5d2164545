/*
 * ldap.c - accounts in an LDAP directory
 *
 *	map	LDAP_EMAILMAP, if set: what is the account behind this address?
 *	find	its entry
 *	check	by logging in to the directory as that entry, or by what it has stored
 *	fill	the entry as an account
 */
#include <stdlib.h>

#include "authsvc/account/account_check.h"
#include "authsvc/account/account_secrets.h"
#include "authsvc/ldap/directory.h"
#include "authsvc/ldap/directory_account.h"
#include "authsvc/ldap/directory_filter.h"
#include "authsvc/password/password_like.h"
#include "authsvc/password/password_make.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

struct ldap_accounts {
	struct arena arena;
	struct directory_settings settings;
	struct directory *directory;
	/* What to ask for: an account; the same and its passwords; the value that LDAP_EMAILMAP leads to. */
	struct directory_wish account, account_and_secrets, map;
	unsigned offers;
	const char *password_scheme;
	struct password_cache *passwords;
};

static struct status
make_wishes(struct ldap_accounts *l)
{
	const struct directory_settings *s = &l->settings;
	struct status st = directory_account_wish(s, &l->arena, &l->account);

	l->account_and_secrets = l->account;
	if (status_ok(st) && (!directory_wish_add(&l->account_and_secrets, &l->arena, span_str(s->crypt_password)) ||
	    !directory_wish_add(&l->account_and_secrets, &l->arena, span_str(s->clear_password)) ||
	    !directory_wish_add(&l->map, &l->arena, span_str(s->map_attribute)))) {
		log_error("LDAP_AUXOPTIONS names too many attributes");
		return status_make(STATUS_INVALID, "Too many attributes");
	}
	return st;
}

static void
ldap_close(void **state)
{
	struct ldap_accounts *l = *state;

	directory_free(&l->directory);
	arena_release(&l->arena);
	free(l);
	*state = NULL;
}

/*
 * The directory is not searched for what it has stored: LDAP_CLEARPW says that there are clear passwords, and
 * PASSWORD_SCHEME which form most of the stored ones have.
 */
static unsigned
find_offers(struct ldap_accounts *l)
{
	unsigned offers = AUTH_OFFERS_PASSWORDS;
	const char *usual;

	if (l->settings.check_by_binding)
		return offers;
	if (*l->settings.clear_password)
		offers |= AUTH_OFFERS_CLEAR;
	struct status st = password_make(&l->arena, l->password_scheme, SPAN_LIT("posthouse"), &usual);
	return status_ok(st) ? offers | account_secret_offers(span_str(usual)) : offers;
}

static struct status
ldap_open(const struct auth_host *host, void **out_state)
{
	struct ldap_accounts *l = MEM_NEW(struct ldap_accounts);
	void *state = l;

	arena_init(&l->arena, 0);
	l->passwords = host->passwords;
	struct status st = directory_settings_read(&l->arena, host, &l->settings);
	if (status_ok(st))
		st = make_wishes(l);
	if (!status_ok(st)) {
		ldap_close(&state);
		return st;
	}
	l->password_scheme = arena_strdup(&l->arena, host->setting(host->arg, "PASSWORD_SCHEME"));
	l->offers = find_offers(l);
	l->directory = directory_new(&l->settings);
	*out_state = l;
	return STATUS_FINE;
}

/* ---- finding ---- */

/* The value that leads to the account; AUTH_REJECTED when there is no such address. */
static enum auth_result
map(struct ldap_accounts *l, struct arena *a, struct span name, struct span *out)
{
	const struct directory_settings *s = &l->settings;
	struct span realm = name, user = span_cut(&realm, '@');
	struct directory_entry e;
	const struct span *values;
	enum auth_result r = directory_find(l->directory, a, s->map_base,
	    directory_filter_map(a, s->map_filter, user, realm), &l->map, &e);

	if (r != AUTH_OK)
		return r;
	if (directory_entry_values(&e, s->map_attribute, &values) == 0) {
		log_error("LDAP: %s has no %s", e.dn, s->map_attribute);
		return AUTH_TROUBLE;
	}
	*out = values[0];
	return AUTH_OK;
}

/* With LDAP_DOMAIN, if it has no domain. */
static struct span
name_asked(const struct directory_settings *s, struct arena *a, const struct auth_query *q)
{
	return span_str(*s->domain && !strchr(q->account, '@') ? arena_printf(a, "%s@%s", q->account, s->domain) : q->account);
}

static enum auth_result
found(const struct directory_settings *s, struct auth_query *q, const struct directory_entry *e, enum auth_result r)
{
	const char *name = r == AUTH_OK ? directory_account_name(s, e) : "";

	if (*name)
		q->known = name;
	return r;
}

static enum auth_result
find_directly(struct ldap_accounts *l, struct arena *a, struct auth_query *q, const struct directory_wish *wish,
    struct directory_entry *out)
{
	const struct directory_settings *s = &l->settings;
	const char *filter = directory_filter_equal(a, s->filter, s->mail, name_asked(s, a, q));

	return found(s, q, out, directory_find(l->directory, a, s->base, filter, wish, out));
}

static enum auth_result
find(struct ldap_accounts *l, struct arena *a, struct auth_query *q, const struct directory_wish *wish,
    struct directory_entry *out)
{
	const struct directory_settings *s = &l->settings;
	struct span name = name_asked(s, a, q), value;

	if (!*s->map_filter || span_index(name, '@') == name.len)
		return find_directly(l, a, q, wish, out);
	enum auth_result r = map(l, a, name, &value);
	if (r != AUTH_OK)
		return r;
	const char *filter = directory_filter_equal(a, s->filter, s->map_mail, value);
	return found(s, q, out, directory_find(l->directory, a, s->base, filter, wish, out));
}

/* ---- passwords ---- */

static void
wipe(const struct ldap_accounts *l, const struct directory_entry *e)
{
	directory_entry_wipe(e, l->settings.crypt_password);
	directory_entry_wipe(e, l->settings.clear_password);
}

/* "!" and its like, with or without the mark that other programs want. */
static bool
is_locked(const struct ldap_accounts *l, const struct directory_entry *e)
{
	const struct span *stored;
	size_t count = directory_entry_values(e, l->settings.crypt_password, &stored);
	struct span mark = SPAN_LIT("{CRYPT}");

	for (size_t i = 0; i < count; i++)
		if (password_is_locked(span_skip(stored[i], span_starts_nocase(stored[i], mark) ? mark.len : 0)))
			return true;
	return false;
}

/*
 * LDAP_EMAILMAP need not know the names that accounts have, and it is by those that they are looked up again. Where passwords
 * are checked by binding, whether one is locked is the directory's to know.
 */
static enum auth_result
ldap_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	struct ldap_accounts *l = state;
	const struct directory_wish *wish = l->settings.check_by_binding ? &l->account : &l->account_and_secrets;
	struct directory_entry e;
	enum auth_result r = find(l, a, q, wish, &e);

	if (r == AUTH_REJECTED && *l->settings.map_filter)
		r = find_directly(l, a, q, wish, &e);
	if (r != AUTH_OK)
		return r;
	bool locked = !l->settings.check_by_binding && is_locked(l, &e);
	wipe(l, &e);
	r = directory_account_fill(&l->settings, a, &e, out);
	if (r == AUTH_OK)
		out->locked = locked;
	return r;
}

static void
add_stored(const struct ldap_accounts *l, struct arena *a, const struct directory_entry *e, struct auth_secrets *list)
{
	const struct span *stored;
	size_t count = directory_entry_values(e, l->settings.crypt_password, &stored);

	for (size_t i = 0; i < count; i++)
		account_secrets_add(a, list, "", stored[i]);
}

static void
add_clear(const struct ldap_accounts *l, struct arena *a, const struct directory_entry *e, struct auth_secrets *list)
{
	const struct span *clear;
	size_t count = directory_entry_values(e, l->settings.clear_password, &clear);

	for (size_t i = 0; i < count; i++) {
		char *whole = arena_printf(a, "{PLAIN}%.*s", (int)clear[i].len, clear[i].at);
		if (clear[i].len)
			account_secrets_add(a, list, "", span_str(whole));
		secret_wipe(whole, strlen(whole));
	}
}

/* An entry may have several passwords: each counts. Stored ones, if there are any, or else the clear ones. */
static enum auth_result
check_stored(const struct ldap_accounts *l, struct arena *a, struct auth_query *q,
    const struct directory_entry *e, struct span password)
{
	struct auth_secrets list = { .count = 0 };
	enum auth_result result = AUTH_REJECTED;

	if (is_locked(l, e))
		return AUTH_REJECTED;
	add_stored(l, a, e, &list);
	if (!list.count)
		add_clear(l, a, e, &list);
	for (size_t i = 0; i < list.count && result != AUTH_OK; i++) {
		enum auth_result r = account_check(l->passwords, "LDAP", q, list.at[i].stored, password);
		if (r != AUTH_REJECTED)
			result = r;
	}
	account_secrets_wipe(&list);
	return result;
}

static enum auth_result
check(struct ldap_accounts *l, struct arena *a, struct auth_query *q, const struct directory_entry *e,
    struct span password)
{
	if (!l->settings.check_by_binding)
		return check_stored(l, a, q, e, password);
	q->worked = true;
	return directory_bind(l->directory, e->dn, password);
}

static enum auth_result
ldap_verify(void *state, struct arena *a, struct auth_query *q, struct span password, struct auth_account *out)
{
	struct ldap_accounts *l = state;
	struct directory_entry e;

	/* No password at all would be an anonymous bind; one with a NUL ends early in somebody's C string. */
	if (!password.len || password.len > PASSWORD_LONGEST || span_index(password, '\0') < password.len)
		return AUTH_REJECTED;
	enum auth_result r = find(l, a, q, l->settings.check_by_binding ? &l->account : &l->account_and_secrets, &e);
	if (r != AUTH_OK)
		return r;
	r = check(l, a, q, &e, password);
	wipe(l, &e);
	return r == AUTH_OK ? directory_account_fill(&l->settings, a, &e, out) : r;
}

static unsigned
ldap_offers(void *state)
{
	const struct ldap_accounts *l = state;

	return l->offers;
}

/* Clear passwords serve every challenge, so they come first. What binding proves is known to the directory alone. */
static enum auth_result
ldap_secrets(void *state, struct arena *a, struct auth_query *q, struct auth_account *out,
    struct auth_secrets *out_secrets)
{
	struct ldap_accounts *l = state;
	struct auth_secrets list = { .count = 0 };
	struct directory_entry e;
	bool readable = !l->settings.check_by_binding;
	enum auth_result r = find(l, a, q, readable ? &l->account_and_secrets : &l->account, &e);

	if (r != AUTH_OK)
		return r;
	if (readable && !is_locked(l, &e)) {
		add_clear(l, a, &e, &list);
		add_stored(l, a, &e, &list);
	}
	wipe(l, &e);
	*out_secrets = list;
	return directory_account_fill(&l->settings, a, &e, out);
}

/* ---- changing passwords ---- */

/* Of the old one's scheme. Other programs read the attribute, too: what crypt(3) makes is marked as such. */
static struct status
make_stored(const struct ldap_accounts *l, struct arena *a, struct span old, struct span password, struct span *out)
{
	const char *made;
	struct status st = password_make_like(a, old, l->password_scheme, password, &made);

	if (status_ok(st))
		*out = span_str(made[0] == '$' ? arena_printf(a, "{CRYPT}%s", made) : made);
	return st;
}

/* Whichever of the two attributes the entry has, or may have. */
static enum auth_result
replace_stored(struct ldap_accounts *l, struct arena *a, const struct directory_entry *e, struct span password)
{
	const struct directory_settings *s = &l->settings;
	struct directory_value values[3] = { { NULL, { NULL, 0 } } };
	const struct span *clear;
	size_t count = 0;

	if (*s->clear_password && (!*s->crypt_password || directory_entry_values(e, s->clear_password, &clear)))
		values[count++] = (struct directory_value){ s->clear_password, password };
	if (*s->crypt_password && (!count || *directory_entry_text(e, s->crypt_password))) {
		values[count].attribute = s->crypt_password;
		if (!status_ok(make_stored(l, a, span_str(directory_entry_text(e, s->crypt_password)), password,
		    &values[count].value)))
			return AUTH_REJECTED;
		count++;
	}
	enum auth_result r = directory_replace(l->directory, e->dn, values);
	if (r == AUTH_OK)
		log_info("LDAP: changed the password of %s", e->dn);
	return r;
}

static enum auth_result
ldap_change(void *state, struct arena *a, struct auth_query *q, const struct auth_change *change)
{
	struct ldap_accounts *l = state;
	struct directory_entry e;
	bool own = l->settings.check_by_binding;
	enum auth_result r = find(l, a, q, own ? &l->account : &l->account_and_secrets, &e);

	if (r != AUTH_OK)
		return r;
	if (own)
		r = directory_change_own(l->directory, e.dn, change);
	else
		r = replace_stored(l, a, &e, change->new_password);
	wipe(l, &e);
	return r;
}

/* ---- all accounts ---- */

struct list {
	const struct directory_settings *settings;
	auth_each_fn *each;
	void *arg;
};

/* Who has no name cannot log in, and is no account; who lacks something else is told of in the log. */
static bool
list_entry(void *arg, struct arena *a, const struct directory_entry *e)
{
	const struct list *l = arg;
	struct auth_account account;

	if (!*directory_entry_text(e, l->settings->mail) ||
	    directory_account_fill(l->settings, a, e, &account) != AUTH_OK)
		return true;
	return l->each(l->arg, &account);
}

static enum auth_result
ldap_enumerate(void *state, struct arena *a, auth_each_fn *each, void *arg)
{
	struct ldap_accounts *l = state;
	const struct directory_settings *s = &l->settings;
	struct list list = { s, each, arg };
	const char *filter = *s->enumerate_filter ? s->enumerate_filter : s->filter;

	return directory_each(l->directory, directory_filter_present(a, filter, s->mail), &l->account, list_entry, &list);
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "ldap",
	.open = ldap_open,
	.close = ldap_close,
	.verify = ldap_verify,
	.lookup = ldap_lookup,
	.offers = ldap_offers,
	.secrets = ldap_secrets,
	.change = ldap_change,
	.enumerate = ldap_enumerate,
};
