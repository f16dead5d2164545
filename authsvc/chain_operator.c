/*
 * chain_operator.c - accounts as an operator sees and changes them
 */
#include "authsvc/chain_inside.h"

enum auth_result
auth_chain_find(struct auth_chain *c, struct arena *a, struct auth_query *q, struct auth_account *out,
    const char **out_module)
{
	size_t at;
	enum auth_result r = chain_look_up(c, a, q, out, &at);

	if (r == AUTH_OK)
		*out_module = c->module[at]->name;
	return r;
}

enum auth_result
auth_chain_set_password(struct auth_chain *c, struct arena *a, struct auth_query *q, struct span password)
{
	const struct auth_change change = { .old_password = SPAN_LIT(""), .new_password = password };
	struct auth_account account;
	size_t at;
	enum auth_result r = chain_look_up(c, a, q, &account, &at);

	if (r != AUTH_OK)
		return r;
	return c->module[at]->change && password.len ? c->module[at]->change(c->state[at], a, q, &change) : AUTH_REJECTED;
}

enum auth_result
auth_chain_remove(struct auth_chain *c, struct arena *a, struct auth_query *q)
{
	struct auth_account account;
	size_t at;
	enum auth_result r = chain_look_up(c, a, q, &account, &at);

	if (r != AUTH_OK)
		return r;
	return c->module[at]->remove ? c->module[at]->remove(c->state[at], a, q) : AUTH_REJECTED;
}

enum auth_result
auth_chain_create(struct auth_chain *c, struct arena *a, const char *module, const struct auth_account *account,
    const char *stored)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct auth_module *m = c->module[i];
		if (m->create && (!*module || strcmp(m->name, module) == 0))
			return m->create(c->state[i], a, account, stored);
	}
	return AUTH_REJECTED;
}
