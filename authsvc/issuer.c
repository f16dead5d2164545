/*
 * issuer.c - from an account to a signed ticket
 *
 *	0 ---- 1/4 ---------------- 3/4 ------- lifetime
 *	given again |  a new one     | renewed    | refused
 */
#include "authsvc/issuer.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/rand.h>

#include "authsvc/account/account_options.h"
#include "base/hex.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/panic.h"

#define REMEMBERED 10000	/* tickets; then all are forgotten, which costs a signature each */
#define SESSION_BYTES 12

struct given {			/* a ticket that may be given again */
	int64_t issued_at;
	char session_id[2 * SESSION_BYTES + 1];
	size_t len;
	char bytes[];
};

struct issuer {
	struct issuer_options options;
	char *store, *maildir;
	pthread_mutex_t lock;	/* guards `given` */
	struct map given;	/* from what a ticket says, apart from its times */
};

struct issuer *
issuer_new(const struct issuer_options *options)
{
	struct issuer *i = MEM_NEW(struct issuer);

	i->options = *options;
	i->store = mem_strdup(options->store);
	i->maildir = mem_strdup(options->maildir);
	pthread_mutex_init(&i->lock, NULL);
	map_init(&i->given);
	return i;
}

static void
forget_all(struct issuer *i)
{
	struct given *g;

	for (size_t at = 0; (g = map_next(&i->given, &at, NULL)) != NULL;)
		free(g);
	map_release(&i->given);
	map_init(&i->given);
}

void
issuer_free(struct issuer **i)
{
	if (!*i)
		return;
	forget_all(*i);
	map_release(&(*i)->given);
	pthread_mutex_destroy(&(*i)->lock);
	free((*i)->store);
	free((*i)->maildir);
	free(*i);
	*i = NULL;
}

static const char *
maildir_of(const struct issuer *i, struct arena *a, const struct auth_account *account)
{
	const char *mail = *account->mail ? account->mail : i->maildir;

	return mail[0] == '/' ? mail : arena_printf(a, "%s/%s", account->home, mail);
}

static const char *
store_of(const struct issuer *i, struct arena *a, const struct auth_account *account)
{
	const char *host = i->options.mailhost_is_store ? account_option_value(a, account->options, "mailhost") : "";

	return *account->store ? account->store : *host ? host : i->store;
}

/* All but service, session and times. protobuf-c does not know const. */
Posthouse__Ticket *
issuer_describe(const struct issuer *i, struct arena *a, const struct auth_account *account)
{
	Posthouse__Ticket *t = ARENA_NEW(a, Posthouse__Ticket);

	posthouse__ticket__init(t);
	t->account = (char *)account->name;
	t->uid = account->uid;
	t->gid = account->gid;
	t->home = (char *)account->home;
	t->maildir = (char *)maildir_of(i, a, account);
	t->store = (char *)store_of(i, a, account);
	t->quota = (char *)account->quota;
	t->groups = account_groups(a, account->options, &t->n_groups);
	t->options = (char *)account->options;
	t->full_name = (char *)account->full_name;
	t->by_password = account->by_password;
	return t;
}

static void
set_times(Posthouse__Ticket *t, const char *session_id, int64_t issued_at, int64_t lifetime_s)
{
	t->session_id = (char *)session_id;
	t->issued_at = issued_at;
	t->expires_at = issued_at + lifetime_s;
}

static struct span
packed(struct arena *a, const Posthouse__Ticket *t)
{
	size_t len = posthouse__ticket__get_packed_size(t);
	uint8_t *bytes = arena_bytes(a, len);

	posthouse__ticket__pack(t, bytes);
	return span_of(bytes, len);
}

/* The same again, if it is young enough. */
static bool
give_again(struct issuer *i, struct arena *a, struct span key, int64_t now_s, Posthouse__Ticket *t,
    struct span *out)
{
	pthread_mutex_lock(&i->lock);
	const struct given *g = map_find(&i->given, key);
	bool young = g && now_s >= g->issued_at && now_s < g->issued_at + i->options.lifetime_s / 4;
	if (young) {
		*out = arena_span(a, span_of(g->bytes, g->len));
		set_times(t, arena_strdup(a, g->session_id), g->issued_at, i->options.lifetime_s);
	}
	pthread_mutex_unlock(&i->lock);
	return young;
}

static void
remember(struct issuer *i, struct span key, const Posthouse__Ticket *t, struct span ticket)
{
	struct given *g = mem_alloc(sizeof(*g) + ticket.len);

	g->issued_at = t->issued_at;
	g->len = ticket.len;
	memcpy(g->session_id, t->session_id, sizeof(g->session_id));
	memcpy(g->bytes, ticket.at, ticket.len);
	pthread_mutex_lock(&i->lock);
	if (i->given.count >= REMEMBERED)
		forget_all(i);
	free(map_put(&i->given, key, g));
	pthread_mutex_unlock(&i->lock);
}

static const char *
new_session_id(struct arena *a)
{
	unsigned char random[SESSION_BYTES];
	char *text = arena_bytes(a, 2 * SESSION_BYTES + 1);

	assert_that(RAND_bytes(random, sizeof(random)) == 1);
	hex_encode(span_of(random, sizeof(random)), text);
	text[2 * SESSION_BYTES] = '\0';
	return text;
}

struct status
issuer_issue(struct issuer *i, struct arena *a, const struct auth_account *account, const char *service,
    int64_t now_s, struct issued *out)
{
	Posthouse__Ticket *t = issuer_describe(i, a, account);

	t->service = (char *)(uintptr_t)service;
	struct span key = packed(a, t), ticket;

	if (!give_again(i, a, key, now_s, t, &ticket)) {
		set_times(t, new_session_id(a), now_s, i->options.lifetime_s);
		struct status st = ticket_sign(i->options.signer, a, t, &ticket);
		if (!status_ok(st))
			return st;
		remember(i, key, t, ticket);
	}
	int64_t renew_at = t->issued_at + i->options.lifetime_s * 3 / 4;
	*out = (struct issued){ ticket, t, renew_at > now_s ? (uint32_t)(renew_at - now_s) : 1 };
	return STATUS_FINE;
}
