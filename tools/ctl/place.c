/*
 * place.c - from the settings to the processes behind them
 */
#include "tools/ctl/place.h"

#include <string.h>

#include "clients/store_list.h"
#include "rpc/rpc_addresses.h"
#include "tools/ctl/place_inside.h"

static struct places *
places_of(struct ctl *c)
{
	if (!c->places)
		c->places = ARENA_NEW(&c->arena, struct places);
	return c->places;
}

static void
add(struct ctl *c, struct place *p)
{
	struct places *all = c->places;

	*(all->last ? &all->last->next : &all->first) = p;
	all->last = p;
}

/* Each address of `urls`, and a place that is nowhere for what has none. */
static void
add_addresses(struct ctl *c, const struct place *like, const char *urls)
{
	struct rpc_addresses list;
	struct status st = rpc_addresses_parse(&c->arena, urls, true, &list);

	if (!status_ok(st)) {
		ctl_error(c, EX_CONFIG, "%s in %s: %s: %s", like->setting, c->config_file, urls, st.text);
		return;
	}
	for (size_t i = 0; i < list.count; i++) {
		struct place *p = ARENA_NEW(&c->arena, struct place);
		*p = *like;
		arena_init(&p->told, 0);
		p->url = list.items[i].url;
		p->host = list.items[i].host;
		p->resolved = true;
		add(c, p);
	}
	if (list.incomplete) {
		struct place *p = ARENA_NEW(&c->arena, struct place);
		*p = *like;
		arena_init(&p->told, 0);
		p->url = urls;
		add(c, p);
	}
}

static void
add_stores(struct ctl *c)
{
	struct span rest = span_str(c->config.stores), name, urls;

	while (store_list_next(&rest, &name, &urls)) {
		struct place like = { .role = PLACE_STORESVC, .setting = "STORES" };
		like.name = arena_strndup(&c->arena, name.at, name.len);
		if (!name.len)
			ctl_error(c, EX_CONFIG, "STORES in %s is a list of name=url: %s", c->config_file,
			    c->config.stores);
		else
			add_addresses(c, &like, arena_strndup(&c->arena, urls.at, urls.len));
	}
}

void
places_find(struct ctl *c, unsigned roles)
{
	const struct {
		enum place_role role;
		const char *name, *setting, *urls;
	} lists[] = {
		{ PLACE_FRONTEND, "frontend", "FRONTENDS", c->config.frontends },
		{ PLACE_AUTHSVC, "authsvc", "AUTH", c->config.auth },
		{ PLACE_OUTBOXSVC, "outboxsvc", "OUTBOX", c->config.outbox },
	};
	struct places *all = places_of(c);

	roles &= ~all->found;
	all->found |= roles;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct place like = { .role = lists[i].role, .name = lists[i].name, .setting = lists[i].setting };
		if ((roles & lists[i].role) && *lists[i].urls)
			add_addresses(c, &like, lists[i].urls);
	}
	if (roles & PLACE_STORESVC)
		add_stores(c);
	if (roles)
		places_ask_health(c);
}

struct place *
place_next(struct ctl *c, const struct place *after, unsigned roles)
{
	struct place *p = after ? after->next : places_of(c)->first;

	while (p && !(p->role & roles))
		p = p->next;
	return p;
}

struct place *
place_next_there(struct ctl *c, const struct place *after, unsigned roles)
{
	struct place *p;

	if (!after)
		places_find(c, roles);
	for (p = place_next(c, after, roles); p && !p->health; p = place_next(c, p, roles))
		place_complain(c, p);
	return p;
}

struct place *
place_any(struct ctl *c, enum place_role role)
{
	struct place *p;

	places_find(c, role);
	for (p = place_next(c, NULL, role); p; p = place_next(c, p, role))
		if (p->health)
			return p;
	for (p = place_next(c, NULL, role); p; p = place_next(c, p, role))
		place_complain(c, p);
	return NULL;
}

struct place *
place_store(struct ctl *c, const char *name)
{
	const struct place *named = NULL;
	struct place *p = NULL;

	places_find(c, PLACE_STORESVC);
	while ((p = place_next(c, p, PLACE_STORESVC))) {
		if (strcmp(p->name, name) != 0)
			continue;
		if (p->health)
			return p;
		named = p;
	}
	if (named)
		place_complain(c, named);
	else
		ctl_error(c, EX_CONFIG, "the account is on the store \"%s\", which is not among STORES in %s", name,
		    c->config_file);
	return NULL;
}

void
place_complain(struct ctl *c, const struct place *p)
{
	if (!p->resolved)
		ctl_error(c, EX_UNAVAILABLE, "%s: not all names in %s can be resolved (%s in %s)", p->name, p->url,
		    p->setting, c->config_file);
	else
		ctl_error(c, EX_UNAVAILABLE, "%s does not answer at %s: is it running, and is that its LISTEN? "
		    "(%s in %s)", p->name, p->url, p->setting, c->config_file);
}

void
place_failed(struct ctl *c, const struct place *p, struct status st)
{
	switch (st.code) {
	case STATUS_UNAUTHENTICATED: case STATUS_DENIED:
		ctl_error(c, EX_NOPERM, "%s at %s refuses: %s (ADMIN_KEY in %s, ADMIN_PUBLIC_KEYS of the service)",
		    p->name, p->url, st.text, c->config_file);
		break;
	case STATUS_NOT_FOUND:
		ctl_error(c, EX_NOUSER, "%s: %s", p->name, st.text);
		break;
	case STATUS_EXISTS: case STATUS_CONFLICT:
		ctl_error(c, EX_CANTCREAT, "%s: %s", p->name, st.text);
		break;
	case STATUS_INVALID:
		ctl_error(c, EX_DATAERR, "%s: %s", p->name, st.text);
		break;
	case STATUS_UNIMPLEMENTED:
		ctl_error(c, EX_UNAVAILABLE, "%s at %s is another version, which cannot do that", p->name, p->url);
		break;
	case STATUS_DEADLINE:
		ctl_error(c, EX_TEMPFAIL, "%s at %s did not answer in time; whether it did it is not known "
		    "(TIMEOUT in %s)", p->name, p->url, c->config_file);
		break;
	default:
		ctl_error(c, EX_TEMPFAIL, "%s at %s: %s", p->name, p->url, st.text);
	}
}
