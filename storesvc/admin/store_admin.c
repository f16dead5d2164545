#include "storesvc/admin/store_admin.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/io.h"
#include "storesvc/account/home.h"
#include "storesvc/fence/fence.h"

void
store_admin_init(struct store_admin *admin, struct store *store)
{
	static const Posthouse__StoreAdmin_Service methods = POSTHOUSE__STORE_ADMIN__INIT(admin_);

	*admin = (struct store_admin){ methods, store };
}

/* Looked at as ourselves: whether it may be used, account_open finds out. */
static struct status
has_maildir(const Posthouse__Ticket *ticket, struct arena *a)
{
	struct stat info;
	const char *path;
	struct status st = home_path(a, span_str(ticket->home), span_str(ticket->maildir), &path);

	if (status_ok(st) && stat(path, &info) < 0)
		st = errno == ENOENT ? status_make(STATUS_NOT_FOUND, "The account has no mail yet") :
		    io_status(errno, "look at", path);
	return st;
}

struct status
admin_enter(struct store *store, const Posthouse__Ticket *ticket, struct arena *a, struct account **out)
{
	if (!ticket)
		return status_make(STATUS_INVALID, "No account is named");
	if (strcmp(ticket->store, store->config.store_name) != 0)
		return status_make(STATUS_CONFLICT, "The account is on another store");
	struct status st = has_maildir(ticket, a);
	if (status_ok(st))
		st = account_open(store, ticket, out);
	if (status_ok(st) && !account_enter(*out)) {
		account_put(out);
		st = status_make(STATUS_DENIED, "This store cannot work as another user");
	}
	return st;
}

void
admin_leave(struct account **account)
{
	if (!*account)
		return;
	account_leave(*account);
	account_put(account);
	fence_check();
}
