/*
 * rpc_role.c - who is on the other side of a connection
 */
#include "rpc/rpc_role.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define ENTRY_ROOM 16384	/* bytes of an entry of the system's accounts */

static const struct {
	const char *word;
	unsigned role;
} words[] = {
	{ "frontend", RPC_ROLE_FRONTEND },
	{ "delivery", RPC_ROLE_DELIVERY },
	{ "outbox", RPC_ROLE_OUTBOX },
	{ "operator", RPC_ROLE_OPERATOR },
};

unsigned
rpc_role_find(struct span word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_eq(word, span_str(words[i].word)))
			return words[i].role;
	return 0;
}

const char *
rpc_role_name(unsigned roles)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (roles & words[i].role)
			return words[i].word;
	return "nobody";
}

/* ---- users of this host ---- */

struct user {
	uid_t uid;
	unsigned roles;
};

struct rpc_users {
	struct user *at;
	size_t count;
};

static bool
find_user(const char *name, uid_t *out)
{
	char *room = mem_alloc(ENTRY_ROOM);
	struct passwd entry, *p = NULL;
	uint64_t number;

	if (span_number(span_str(name), UINT32_MAX - 1, &number)) {
		*out = (uid_t)number;
		free(room);
		return true;
	}
	bool found = getpwnam_r(name, &entry, room, ENTRY_ROOM, &p) == 0 && p;
	if (found)
		*out = p->pw_uid;
	free(room);
	return found;
}

static struct status
add_user(struct rpc_users *users, struct span one)
{
	struct span name = one, word = span_trim(span_cut(&name, '='));
	unsigned role = rpc_role_find(word);
	uid_t uid;

	name = span_trim(name.at ? name : SPAN_LIT(""));
	if (!role || !name.len) {
		log_error("RPC_ROLES: \"%.*s\" is not ROLE=USER", (int)one.len, one.at);
		return status_make(STATUS_INVALID, "RPC_ROLES cannot be understood");
	}
	char *copy = mem_strndup(name.at, name.len);
	if (find_user(copy, &uid))
		users->at[users->count++] = (struct user){ uid, role };
	else
		log_debug("RPC_ROLES: there is no user %s", copy);
	free(copy);
	return STATUS_FINE;
}

struct status
rpc_users_new(const char *list, struct rpc_users **out)
{
	struct rpc_users *users = MEM_NEW(struct rpc_users);
	struct span rest = span_str(list);
	struct status st = STATUS_FINE;
	size_t most = 1;

	for (const char *c = list; *c; c++)
		most += *c == ',';
	users->at = mem_zalloc(most * sizeof(*users->at));
	while (rest.at && status_ok(st)) {
		struct span one = span_trim(span_cut(&rest, ','));
		if (one.len)
			st = add_user(users, one);
	}
	if (status_ok(st))
		*out = users;
	else
		rpc_users_free(&users);
	return st;
}

void
rpc_users_free(struct rpc_users **users)
{
	if (!*users)
		return;
	free((*users)->at);
	free(*users);
	*users = NULL;
}

unsigned
rpc_users_roles(const struct rpc_users *users, uid_t uid)
{
	unsigned roles = 0;

	if (uid == 0 || uid == geteuid())
		return RPC_ROLES_ALL;
	for (size_t i = 0; users && i < users->count; i++)
		if (users->at[i].uid == uid)
			roles |= users->at[i].roles;
	return roles;
}
