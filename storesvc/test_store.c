/*
 * test_store.c - a whole store in a directory of its own, called without RPC
 */
#include "storesvc/test_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/panic.h"
#include "storesvc/account/boxes.h"
#include "storesvc/keeper.h"
#include "storesvc/mailbox/mailbox_open.h"
#include "ticket/ticket.h"

const char *
test_store_path(struct test_store *t, const char *path)
{
	return arena_printf(&t->arena, "%s/%s", t->folder.path, path);
}

static void
make_keys(struct test_store *t)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	FILE *private = fopen(test_store_path(t, "key"), "w");
	FILE *public = fopen(test_store_path(t, "pub"), "w");

	assert_that(pkey && private && public);
	assert_that(PEM_write_PrivateKey(private, pkey, NULL, NULL, 0, NULL, NULL) == 1);
	assert_that(PEM_write_PUBKEY(public, pkey) == 1);
	fclose(private);
	fclose(public);
	EVP_PKEY_free(pkey);
}

struct span
test_store_ticket(struct test_store *t, const char *account, uint32_t uid)
{
	return test_store_ticket_at(t, account, account, "Maildir", uid);
}

struct span
test_store_ticket_at(struct test_store *t, const char *account, const char *home, const char *maildir, uint32_t uid)
{
	Posthouse__Ticket ticket = POSTHOUSE__TICKET__INIT;
	struct ticket_signer *signer;
	struct span signed_ticket;

	ticket.account = (char *)account;
	ticket.uid = ticket.gid = uid;
	ticket.home = (char *)test_store_path(t, arena_printf(&t->arena, "mail/%s", home));
	ticket.maildir = (char *)(uintptr_t)maildir;
	ticket.store = (char *)"store1";
	ticket.session_id = (char *)"test";
	ticket.issued_at = clock_wall_s();
	ticket.expires_at = ticket.issued_at + 3600;
	assert_that(status_ok(ticket_signer_open(test_store_path(t, "key"), &signer)));
	assert_that(status_ok(ticket_sign(signer, &t->arena, &ticket, &signed_ticket)));
	ticket_signer_free(&signer);
	return signed_ticket;
}

void
test_store_start(struct test_store *t)
{
	*t = (struct test_store){ .attempt = 1 };
	log_set_level(LOG_LEVEL_WARN);
	arena_init(&t->arena, 0);
	assert_that(test_folder_make(&t->folder) == 0);
	make_keys(t);
	t->config = (struct store_config){
		.store_name = (char *)"store1", .maildir_root = (char *)test_store_path(t, "mail"), .maildir_root_init = true,
		.ticket_public_keys = (char *)test_store_path(t, "pub"), .fsync = FSYNC_NEVER,
		.mailbox_memory = 64 << 20, .poll_ms = 100,
	};
	t->store = store_new(&t->config);
	t->ticket = test_store_ticket(t, "alice", 0);
}

void
test_store_restart(struct test_store *t, bool kill)
{
	if (kill)
		store_abandon(&t->store);
	else
		store_free(&t->store);
	t->store = store_new(&t->config);
}

void
test_store_stop(struct test_store *t)
{
	rpc_call_free(&t->call);
	store_free(&t->store);
	arena_release(&t->arena);
	(void)test_folder_remove(&t->folder);
}

struct rpc_call *
test_store_call(struct test_store *t)
{
	rpc_call_free(&t->call);
	t->call = rpc_call_new("test", 0);
	t->call->ticket = t->ticket;
	t->call->request_id = t->request_id;
	t->call->attempt = t->attempt;
	t->call->received.bytes = t->attachment;
	t->call->user = t;
	t->reply = NULL;
	return t->call;
}

/* The reply is on the method's stack: what is read from it afterwards is a copy. */
void
test_store_answered(const void *reply, void *data)
{
	struct rpc_call *call = data;
	struct test_store *t = call->user;
	const ProtobufCMessage *message = reply;

	if (!status_ok(call->status))
		return;
	uint8_t *packed = arena_alloc(&call->arena, protobuf_c_message_get_packed_size(message) + 1);
	size_t len = protobuf_c_message_pack(message, packed);
	ProtobufCAllocator allocator = rpc_arena_allocator(&call->arena);
	t->reply = protobuf_c_message_unpack(message->descriptor, &allocator, len, packed);
	assert_that(t->reply);
}
