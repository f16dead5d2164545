/*
 * test_store - a whole store in a directory of its own, called without RPC
 *
 *	test_store_start(&t);
 *	Posthouse__CreateRequest in = POSTHOUSE__CREATE_REQUEST__INIT;
 *	in.mailbox = "Sent";
 *	assert_int_equal(TEST_CALL(&t, create, &in), STATUS_OK);
 *	const Posthouse__CreateReply *reply = t.reply;
 *	test_store_stop(&t);
 */
#ifndef STORESVC_TEST_STORE_H
#define STORESVC_TEST_STORE_H

#include "base/test_folder.h"
#include "storesvc/store.h"

struct test_store {
	struct test_folder folder;
	struct store_config config;
	struct store *store;
	struct span ticket;		/* of "alice" */
	struct arena arena;

	/* For the next call. */
	const char *request_id;
	uint32_t attempt;
	struct span attachment;
	/* Of the last call; live until the next. */
	struct rpc_call *call;
	const void *reply;		/* NULL unless OK */
};

void test_store_start(struct test_store *t);
/* Stops and starts again; after a `kill` nothing was saved. */
void test_store_restart(struct test_store *t, bool kill);
void test_store_stop(struct test_store *t);
/* A signed ticket for an account below the store's root. */
struct span test_store_ticket(struct test_store *t, const char *account, uint32_t uid);
/* The same of one whose home and Maildir have other names. */
struct span test_store_ticket_at(struct test_store *t, const char *account, const char *home, const char *maildir,
    uint32_t uid);
/* "mail/alice/Maildir/..." within the test's folder, in the arena. */
const char *test_store_path(struct test_store *t, const char *path);

struct rpc_call *test_store_call(struct test_store *t);
void test_store_answered(const void *reply, void *data);

/* The status code of calling method `name` with `request`. */
#define TEST_CALL(t, name, request) \
	(posthouse__store__##name(store_service((t)->store), (request), \
	    (void *)test_store_answered, test_store_call(t)), (t)->call->status.code)

#endif
