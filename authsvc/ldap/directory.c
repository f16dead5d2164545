/*
 * directory.c - an LDAP directory that many threads ask
 *
 * Each question is a struct that a pool hands to the connection that is free, together with a function
 * for it; `result` is the answer.
 */
#include "authsvc/ldap/directory.h"

#include <stdlib.h>

#include "authsvc/ldap/directory_link.h"
#include "authsvc/pool/pool.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

struct directory {
	const struct directory_settings *settings;
	struct pool *lookups, *logins;
};

/* ---- connections ---- */

static void *
connect_as_nobody(void *arg, int64_t deadline)
{
	const struct directory *d = arg;

	return directory_link_open(d->settings, deadline);
}

static void *
connect_for_lookups(void *arg, int64_t deadline)
{
	const struct directory_settings *s = ((const struct directory *)arg)->settings;
	struct directory_link *link = directory_link_open(s, deadline);

	if (!link || !*s->bind_dn)
		return link;
	switch (directory_link_bind(link, s->bind_dn, span_str(s->bind_password), deadline)) {
	case LINK_DONE:
		return link;
	case LINK_NO:
		log_error("LDAP: the server does not take LDAP_BINDPW for LDAP_BINDDN");
		break;
	case LINK_REFUSED: case LINK_LOST:
		break;
	}
	directory_link_close(link);
	return NULL;
}

static void
close_link(void *link)
{
	directory_link_close(link);
}

static const struct pool_kind for_lookups = { connect_for_lookups, close_link };
static const struct pool_kind for_logins = { connect_as_nobody, close_link };

struct directory *
directory_new(const struct directory_settings *settings)
{
	struct directory *d = MEM_NEW(struct directory);

	d->settings = settings;
	d->lookups = pool_new("LDAP", &for_lookups, d, settings->connections, settings->timeout_ms);
	d->logins = pool_new("LDAP, for logins,", &for_logins, d, settings->connections, settings->timeout_ms);
	return d;
}

void
directory_free(struct directory **d)
{
	if (!*d)
		return;
	pool_free(&(*d)->lookups);
	pool_free(&(*d)->logins);
	free(*d);
	*d = NULL;
}

static enum auth_result
answer_of(enum link_result r)
{
	switch (r) {
	case LINK_DONE:
		return AUTH_OK;
	case LINK_NO:
		return AUTH_REJECTED;
	case LINK_REFUSED: case LINK_LOST:
		break;
	}
	return AUTH_TROUBLE;
}

/* ---- one entry ---- */

struct find {
	struct arena *a;
	const char *base, *filter;
	const struct directory_wish *wish;
	struct directory_entry *out;
	enum auth_result result;
};

static enum auth_result
the_only_one(const struct find *f, LDAP *ldap, LDAPMessage *found)
{
	LDAPMessage *first = ldap_first_entry(ldap, found);

	if (!first)
		return AUTH_REJECTED;
	if (ldap_next_entry(ldap, first)) {
		log_error("LDAP: more than one entry below %s fits %s", f->base, f->filter);
		return AUTH_TROUBLE;
	}
	return directory_entry_read(ldap, first, f->a, f->wish, f->out) ? AUTH_OK : AUTH_TROUBLE;
}

static bool
find(void *task, void *link, int64_t deadline)
{
	struct find *f = task;
	struct link_search search = { f->base, f->filter, (char **)f->wish->names, 2 };
	LDAPMessage *found = NULL;
	enum link_result r = directory_link_search(link, &search, deadline, &found);

	if (r == LINK_DONE)
		directory_link_answered(link);
	f->result = r == LINK_DONE ? the_only_one(f, directory_link_handle(link), found) : AUTH_TROUBLE;
	ldap_msgfree(found);
	return r != LINK_LOST;
}

enum auth_result
directory_find(struct directory *d, struct arena *a, const char *base, const char *filter,
    const struct directory_wish *wish, struct directory_entry *out)
{
	struct find f = { a, base, filter, wish, out, AUTH_TROUBLE };

	return pool_use(d->lookups, find, &f) ? f.result : AUTH_TROUBLE;
}

/* ---- being somebody ---- */

struct login {
	const char *dn;
	struct span password;
	const struct auth_change *change;	/* NULL: none is wanted */
	enum auth_result result;
};

static bool
login(void *task, void *link, int64_t deadline)
{
	struct login *l = task;
	enum link_result r = directory_link_bind(link, l->dn, l->password, deadline);

	if (r == LINK_DONE && l->change)
		r = directory_link_new_password(link, l->change->old_password, l->change->new_password, deadline);
	if (r != LINK_LOST)
		directory_link_answered(link);
	l->result = answer_of(r);
	return r != LINK_LOST;
}

enum auth_result
directory_bind(struct directory *d, const char *dn, struct span password)
{
	struct login l = { dn, password, NULL, AUTH_TROUBLE };

	return pool_use(d->logins, login, &l) ? l.result : AUTH_TROUBLE;
}

/*
 * When the answer to a change is lost, the second try may find the old password gone: that looks like a wrong
 * one, as it does to somebody else who changed it at the same moment.
 */
enum auth_result
directory_change_own(struct directory *d, const char *dn, const struct auth_change *change)
{
	struct login l = { dn, change->old_password, change, AUTH_TROUBLE };

	return pool_use(d->logins, login, &l) ? l.result : AUTH_TROUBLE;
}

/* ---- changing an entry ---- */

#define MOST_VALUES 4

struct replace {
	const char *dn;
	LDAPMod *changes[MOST_VALUES + 1];
	enum auth_result result;
};

static bool
replace(void *task, void *link, int64_t deadline)
{
	struct replace *c = task;
	enum link_result r = directory_link_modify(link, c->dn, c->changes, deadline);

	c->result = answer_of(r);
	return r != LINK_LOST;
}

enum auth_result
directory_replace(struct directory *d, const char *dn, const struct directory_value *values)
{
	struct replace c = { .dn = dn, .result = AUTH_TROUBLE };
	struct berval value[MOST_VALUES], *list[MOST_VALUES][2];
	LDAPMod change[MOST_VALUES];

	for (size_t i = 0; i < MOST_VALUES && values[i].attribute; i++) {
		value[i] = (struct berval){ values[i].value.len, (char *)values[i].value.at };
		list[i][0] = &value[i];
		list[i][1] = NULL;
		change[i] = (LDAPMod){ .mod_op = LDAP_MOD_REPLACE | LDAP_MOD_BVALUES,
		    .mod_type = (char *)values[i].attribute, .mod_vals.modv_bvals = list[i] };
		c.changes[i] = &change[i];
	}
	return pool_use(d->lookups, replace, &c) ? c.result : AUTH_TROUBLE;
}

/* ---- all of them ---- */

struct walk {
	const struct directory_settings *settings;
	const char *filter;
	const struct directory_wish *wish;
	directory_each_fn *each;
	void *arg;
	struct arena arena;
	bool begun;		/* somebody was told of */
	enum auth_result result;
};

static bool
walk_page(struct walk *w, LDAP *ldap, LDAPMessage *found)
{
	struct directory_entry e;
	bool more = true;

	for (LDAPMessage *m = ldap_first_entry(ldap, found); m && more; m = ldap_next_entry(ldap, m)) {
		w->begun = true;
		arena_reset(&w->arena);
		if (directory_entry_read(ldap, m, &w->arena, w->wish, &e))
			more = w->each(w->arg, &w->arena, &e);
	}
	return more;
}

/* Each page has the whole time: a directory may be large. */
static bool
walk(void *task, void *link, int64_t deadline)
{
	struct walk *w = task;
	struct link_search search = { w->settings->base, w->filter, (char **)w->wish->names, 0 };
	struct link_page page = { NULL, NULL };
	enum link_result r;
	bool more;

	w->result = AUTH_TROUBLE;
	if (w->begun)
		return true;	/* over a new connection: a second time nobody is told of */
	do {
		r = directory_link_page(link, &search, deadline, &page);
		more = r == LINK_DONE && walk_page(w, directory_link_handle(link), page.entries);
		ldap_msgfree(page.entries);
		deadline = clock_mono_ms() + w->settings->timeout_ms;
	} while (more && page.cookie);
	ber_bvfree(page.cookie);
	if (r == LINK_DONE)
		w->result = AUTH_OK;
	return r != LINK_LOST;
}

enum auth_result
directory_each(struct directory *d, const char *filter, const struct directory_wish *wish,
    directory_each_fn *each, void *arg)
{
	struct walk w = { .settings = d->settings, .filter = filter, .wish = wish, .each = each, .arg = arg,
	    .result = AUTH_TROUBLE };

	arena_init(&w.arena, 0);
	bool answered = pool_use(d->lookups, walk, &w);
	arena_release(&w.arena);
	return answered ? w.result : AUTH_TROUBLE;
}
