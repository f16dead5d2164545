/*
 * method_upload.c - Upload: one piece of a long literal
 */
#include "storesvc/maildir/spool.h"
#include "storesvc/methods/method.h"
#include "storesvc/methods/methods.h"

void
method_upload(Posthouse__Store_Service *service, const Posthouse__UploadRequest *in,
    Posthouse__UploadReply_Closure closure, void *data)
{
	Posthouse__UploadReply reply = POSTHOUSE__UPLOAD_REPLY__INIT;
	struct method m;
	struct status st = method_begin(&m, service, data);

	if (status_ok(st))
		st = upload_write(account_dir(m.account), span_str(in->upload_id), in->offset,
		    m.call->received.bytes, &reply.received);
	method_end(&m, st);
	closure(&reply, m.call);
}
