#include "tools/ctl/user.h"

#include "rpc/rpc.h"

const Posthouse__User *
user_find(struct ctl *c, const char *name)
{
	Posthouse__UserShowRequest request = POSTHOUSE__USER_SHOW_REQUEST__INIT;
	struct place *p = place_any(c, PLACE_AUTHSVC);

	request.name = (char *)(uintptr_t)name;
	if (!p)
		return NULL;
	const Posthouse__UserShowReply *reply = place_call(c, p, PLACE_OWN, "UserShow", &request.base, 0);
	return reply ? reply->user : NULL;
}

bool
user_each(struct ctl *c, void (*each)(struct ctl *c, void *arg, const Posthouse__User *user), void *arg)
{
	Posthouse__UserListRequest request = POSTHOUSE__USER_LIST_REQUEST__INIT;
	struct place *p = place_any(c, PLACE_AUTHSVC);
	const Posthouse__UserListReply *reply = NULL;
	bool more = p != NULL;

	while (more) {
		reply = place_call(c, p, PLACE_OWN, "UserList", &request.base, 0);
		for (size_t i = 0; reply && i < reply->n_users; i++)
			each(c, arg, reply->users[i]);
		more = reply && reply->more && reply->n_users;
		if (more)
			request.after = arena_strdup(&c->arena, reply->users[reply->n_users - 1]->account->account);
		place_forget_answers(c);
	}
	return reply != NULL;
}

json_t *
user_json(const Posthouse__User *user)
{
	const Posthouse__Ticket *t = user->account;
	json_t *row = json_object();

	json_object_set_new(row, "account", ctl_text(t->account));
	json_object_set_new(row, "module", ctl_text(user->module));
	json_object_set_new(row, "store", ctl_text(t->store));
	json_object_set_new(row, "home", ctl_text(t->home));
	json_object_set_new(row, "maildir", ctl_text(t->maildir));
	json_object_set_new(row, "uid", json_integer(t->uid));
	json_object_set_new(row, "gid", json_integer(t->gid));
	json_object_set_new(row, "quota", ctl_text(t->quota));
	json_object_set_new(row, "options", ctl_text(t->options));
	json_object_set_new(row, "full_name", ctl_text(t->full_name));
	return row;
}

Posthouse__Ticket *
user_keep(struct ctl *c, const Posthouse__Ticket *account)
{
	ProtobufCAllocator memory = rpc_arena_allocator(&c->arena);
	size_t len = posthouse__ticket__get_packed_size(account);
	uint8_t *bytes = arena_bytes(&c->arena, len);

	posthouse__ticket__pack(account, bytes);
	return posthouse__ticket__unpack(&memory, len, bytes);
}
