/*
 * method_sync.c - Sync: what happened since a MODSEQ
 */
#include "storesvc/account/boxes.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"
#include "storesvc/store.h"

void
method_sync(Posthouse__Store_Service *service, const Posthouse__SyncRequest *in,
    Posthouse__SyncReply_Closure closure, void *data)
{
	Posthouse__SyncReply reply = POSTHOUSE__SYNC_REPLY__INIT;
	struct method m;
	struct status st = method_begin(&m, service, data);

	if (status_ok(st))
		st = method_box(&m, in->box);
	if (status_ok(st)) {
		uint8_t *token = arena_alloc(m.arena, BOX_TOKEN_SIZE);
		method_delta(&m, in->box, NULL, &reply.delta);
		if (boxes_token(m.store->boxes, m.box, token))
			reply.watch_token = (ProtobufCBinaryData){ BOX_TOKEN_SIZE, token };
	}
	method_end(&m, st);
	closure(&reply, m.call);
}
