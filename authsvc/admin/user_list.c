/*
 * user_list.c - UserList: all accounts, in the order of their names, a page at a time
 *
 * Modules list in an order of their own, so each page looks at all accounts and keeps the first ones after the last page. An
 * account that two modules know is told once, as the first of them has it: that one is asked first.
 */
#include "authsvc/admin/admin.h"

#include <stdlib.h>

#include "base/mem.h"

enum { PAGE_USUAL = 10000, PAGE_MOST = 50000 };

struct found {
	const char *name;		/* in the arena of the page */
	Posthouse__User *user;
	size_t order;			/* in which they came       */
};

struct page {
	struct auth *auth;
	struct arena *arena;
	const char *after, *module;
	struct found *found;
	size_t count, room, most, seen;
	bool more;
};

static int
by_name(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : x->order < y->order ? -1 : 1;
}

/* In order, each name once, no more than there is room for. */
static void
settle(struct page *p)
{
	size_t kept = 0;

	if (p->count)
		qsort(p->found, p->count, sizeof(*p->found), by_name);
	for (size_t i = 0; i < p->count; i++) {
		if (kept && strcmp(p->found[kept - 1].name, p->found[i].name) == 0)
			continue;
		if (kept == p->most) {
			p->more = true;
			break;
		}
		p->found[kept++] = p->found[i];
	}
	p->count = kept;
}

static Posthouse__User *
copy(struct page *p, const struct auth_account *account)
{
	struct auth_account own = *account;
	Posthouse__User *user = ARENA_NEW(p->arena, Posthouse__User);

	own.name = arena_strdup(p->arena, account->name);
	own.home = arena_strdup(p->arena, account->home);
	own.mail = arena_strdup(p->arena, account->mail);
	own.quota = arena_strdup(p->arena, account->quota);
	own.options = arena_strdup(p->arena, account->options);
	own.full_name = arena_strdup(p->arena, account->full_name);
	own.store = arena_strdup(p->arena, account->store);
	posthouse__user__init(user);
	user->account = issuer_describe(p->auth->issuer, p->arena, &own);
	user->module = (char *)(uintptr_t)p->module;
	return user;
}

static void
begin(void *arg, const char *module)
{
	struct page *p = arg;

	p->module = module;
}

static bool
each(void *arg, const struct auth_account *account)
{
	struct page *p = arg;

	if (strcmp(account->name, p->after) <= 0)
		return true;
	if (p->count == 2 * p->most)
		settle(p);
	/* Most accounts of a long list are for other pages: they are not copied. */
	if (p->more && p->count >= p->most && strcmp(account->name, p->found[p->most - 1].name) > 0)
		return true;
	MEM_GROW(p->found, p->count, &p->room);
	Posthouse__User *user = copy(p, account);
	p->found[p->count++] = (struct found){ user->account->account, user, p->seen++ };
	return true;
}

static struct status
list(struct auth *auth, struct arena *a, const Posthouse__UserListRequest *in, Posthouse__UserListReply *reply)
{
	struct page p = { .auth = auth, .arena = a, .after = in->after, .module = "" };

	p.most = in->most ? in->most : PAGE_USUAL;
	if (p.most > PAGE_MOST)
		p.most = PAGE_MOST;
	enum auth_result r = auth_chain_enumerate(auth->chain, a, begin, each, &p);
	settle(&p);
	reply->users = ARENA_ARRAY(a, p.count, Posthouse__User *);
	for (size_t i = 0; i < p.count; i++)
		reply->users[i] = p.found[i].user;
	reply->n_users = p.count;
	reply->more = p.more;
	free(p.found);
	return r == AUTH_TROUBLE ?
	    status_make(STATUS_UNAVAILABLE, "Not all accounts can be listed; authsvc's log says why") : STATUS_FINE;
}

void
admin_user_list(Posthouse__AuthAdmin_Service *service, const Posthouse__UserListRequest *in,
    Posthouse__UserListReply_Closure closure, void *data)
{
	Posthouse__UserListReply reply = POSTHOUSE__USER_LIST_REPLY__INIT;
	struct rpc_call *call = data;

	call->status = list(auth_of_admin(service), &call->arena, in, &reply);
	closure(&reply, call);
}
