/*
 * store_methods.c - the index of Store's methods
 *
 * Who may call a method, and how large its request may be, is the table below. What a method does is in methods/method_x.c, all of it. Whether it may be sent twice is
 * in lib/clients/store_client.c.
 */
#include "base/clock.h"
#include "storesvc/methods/methods.h"
#include "storesvc/store.h"
#include "ticket/ticket.h"

/*
 * Bytes of a request. A set of messages has up to 16 for each run as a rule, and a folder of a million where every second one
 * is gone has half a million runs; names, patterns, flags and texts to search for are parts of a command's line.
 */
#define SMALL (1u << 20)
#define SET (8u << 20)
#define PIECE (4u << 20)		/* of a message, attached */

const struct rpc_rule store_rules[] = {
	{ .method = "Select", .roles = RPC_ROLE_FRONTEND, .max_message = SET, .guarded = true },	/* QRESYNC */
	{ .method = "Sync", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .guarded = true },
	/* Its tokens are what tickets are to others. */
	{ .method = "Watch", .roles = RPC_ROLE_FRONTEND, .max_message = SET },
	{ .method = "List", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .guarded = true },
	{ .method = "Status", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .guarded = true },
	{ .method = "Create", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .guarded = true },
	{ .method = "Delete", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .guarded = true },
	{ .method = "Rename", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .guarded = true },
	{ .method = "Subscribe", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .guarded = true },
	{ .method = "Upload", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .max_attachment = PIECE, .guarded = true },
	{ .method = "Append", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .max_attachment = PIECE, .guarded = true },
	{ .method = "Flags", .roles = RPC_ROLE_FRONTEND, .max_message = SET, .guarded = true },
	{ .method = "Copy", .roles = RPC_ROLE_FRONTEND, .max_message = SET, .guarded = true },
	{ .method = "Expunge", .roles = RPC_ROLE_FRONTEND, .max_message = SET, .guarded = true },
	{ .method = "Fetch", .roles = RPC_ROLE_FRONTEND, .max_message = SET, .guarded = true },
	{ .method = "Search", .roles = RPC_ROLE_FRONTEND, .max_message = SET, .guarded = true },
	{ .method = "Pop3List", .roles = RPC_ROLE_FRONTEND, .max_message = SMALL, .guarded = true },
	{ .method = "Pop3Read", .roles = RPC_ROLE_FRONTEND, .max_message = SET, .guarded = true },
	{ .method = NULL },
};

static struct status
check_ticket(void *arg, struct rpc_call *call, const char *service, const char *method, struct span message)
{
	const struct store *store = arg;
	const Posthouse__Ticket *ticket;

	(void)service, (void)method, (void)message;
	return ticket_verify(store->tickets, &call->arena, call->ticket, clock_wall_s(), &ticket);
}

struct rpc_guard
store_guard(struct store *store)
{
	return (struct rpc_guard){ check_ticket, store };
}

void
store_methods_init(Posthouse__Store_Service *service)
{
	static const Posthouse__Store_Service methods = POSTHOUSE__STORE__INIT(method_);

	*service = methods;
}
