/*
 * place - the processes there are to ask
 *
 * The settings name services, names stand for addresses, and each address is a process: a place. Finding
 * the places asks them for their health, all at once, which tells who is there and under which
 * instance; two addresses of one process are one place.
 *
 *	struct place *p = NULL;
 *	while ((p = place_next(c, p, PLACE_FRONTEND)))
 *		if (place_call(c, p, FRONTEND_ADMIN, "Kick", &request.base, &reply))
 *			...
 */
#ifndef CTL_PLACE_H
#define CTL_PLACE_H

#include "proto/admin.pb-c.h"
#include "tools/ctl/ctl.h"

enum place_role {
	PLACE_FRONTEND = 1, PLACE_AUTHSVC = 2, PLACE_STORESVC = 4, PLACE_OUTBOXSVC = 8, PLACE_ANY = 15
};

struct rpc_client;

struct place {
	struct place *next;
	enum place_role role;
	const char *name;			/* "frontend", "authsvc", "store1", "outboxsvc" */
	const char *setting;			/* "FRONTENDS": which one led here   */
	const char *url;			/* as it can be dialled; or what could not be resolved */
	const char *host;			/* as the setting has it: the certificate's name */
	bool resolved;
	struct arena told;			/* what it told of its health lives there */
	const Posthouse__HealthReply *health;	/* NULL: no answer                   */
	/* For Health, for the role's service, for Admin; made when needed. */
	struct rpc_client *asks, *own, *common;
};

/* Finds those of `roles` that have not been looked for yet; complains about malformed settings. */
void places_find(struct ctl *c, unsigned roles);
/* Ask them for their health again; who does not answer within `ms` is away. */
void places_look_again(struct ctl *c, int64_t ms);
void places_free(struct ctl *c);

/* Those of `roles`, there or not; `after` NULL begins. */
struct place *place_next(struct ctl *c, const struct place *after, unsigned roles);
/* Those that answered; a complaint about each that did not. */
struct place *place_next_there(struct ctl *c, const struct place *after, unsigned roles);
/* Any that answers, of a stateless service; NULL and a complaint when there is none. */
struct place *place_any(struct ctl *c, enum place_role role);
/* The store of that name, likewise. */
struct place *place_store(struct ctl *c, const char *name);

/* Not reachable: says which service, at which address, and the setting to look at. */
void place_complain(struct ctl *c, const struct place *p);

/* Which of a place's services a method belongs to. */
enum place_service { PLACE_COMMON, PLACE_OWN };

/*
 * One order, answered. The reply lives until place_forget_answers. `ms`: how long it may take; 0: TIMEOUT. place_call
 * complains itself and returns NULL; place_try leaves that to the caller, with place_failed.
 */
const void *place_call(struct ctl *c, struct place *p, enum place_service which, const char *method,
    const ProtobufCMessage *request, int64_t ms);
MUST_USE struct status place_try(struct ctl *c, struct place *p, enum place_service which, const char *method,
    const ProtobufCMessage *request, int64_t ms, const void **out_reply);
void place_failed(struct ctl *c, const struct place *p, struct status st);
void place_forget_answers(struct ctl *c);

#endif
