/*
 * chain_names.c - from the name that was typed to the one that the account's source has for it
 */
#include "authsvc/chain_inside.h"

#include "authsvc/account/account_name.h"
#include "base/log.h"

struct chain_names
chain_names_of(const struct auth_chain *c, struct arena *a, const struct auth_query *q)
{
	struct chain_names names = { .at = { q->account }, .count = 1 };
	struct span local = span_str(q->account), domain;
	size_t at = span_rindex(local, '@');

	if (q->typed)
		names.at[names.count++] = q->typed;
	domain = span_skip(local, at + 1);
	local = span_head(local, at);
	if (*c->domain && local.len && span_index(local, '@') == local.len && span_eq_nocase(domain, span_str(c->domain)))
		names.at[names.count++] = names.bare = arena_strndup(a, local.at, local.len);
	return names;
}

bool
chain_names_asks(const struct chain_names *names, const struct auth_query *q, const struct auth_module *m)
{
	return !m->drops_domain || q->account != names->bare;
}

enum auth_result
chain_names_settle(const struct auth_chain *c, struct arena *a, const struct auth_module *m, struct auth_query *q,
    enum auth_result result, struct auth_account *out)
{
	const char *name = result == AUTH_OK ? out->name : q->known;

	if (!name || result == AUTH_TROUBLE)
		return result;
	if (!account_name_whole(a, c->domain, name, &q->known)) {
		q->known = NULL;
		log_error("%s: the account %s has a name that cannot be an account's", m->name, q->account);
		return AUTH_TROUBLE;
	}
	if (result == AUTH_OK)
		out->name = q->known;
	return result;
}
