/*
 * admin_load.c - Load: how full is the store?
 */
#include <errno.h>
#include <sys/statvfs.h>

#include "base/io.h"
#include "storesvc/account/boxes.h"
#include "storesvc/admin/store_admin.h"

void
admin_load(Posthouse__StoreAdmin_Service *service, const Posthouse__LoadRequest *in,
    Posthouse__LoadReply_Closure closure, void *data)
{
	Posthouse__LoadReply reply = POSTHOUSE__LOAD_REPLY__INIT;
	struct store *store = store_of_admin(service);
	struct rpc_call *call = data;
	struct statvfs disk;
	size_t count, memory;

	(void)in;
	if (statvfs(store->config.maildir_root, &disk) == 0) {
		reply.disk_size = (uint64_t)disk.f_blocks * disk.f_frsize;
		reply.disk_free = (uint64_t)disk.f_bavail * disk.f_frsize;
	} else {
		call->status = io_status(errno, "measure", store->config.maildir_root);
	}
	boxes_measure(store->boxes, &count, &memory);
	reply.store = store->config.store_name;
	reply.root = store->config.maildir_root;
	reply.open_mailboxes = count;
	reply.memory = memory;
	closure(&reply, call);
}
