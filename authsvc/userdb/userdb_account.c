/*
 * userdb_account.c - accounts added to the source and taken away, compiled at once
 */
#include "authsvc/userdb/userdb_account.h"

#include <sys/stat.h>

#include "authsvc/userdb/userdb_compile.h"
#include "authsvc/userdb/userdb_edit.h"

#define NEW_ACCOUNTS "users"
#define FIELDS 8

struct fields {
	struct userdb_change at[FIELDS];
	struct span value[FIELDS];
	size_t count;
};

static void
add(struct fields *f, const char *field, const char *value)
{
	if (!*value)
		return;
	f->value[f->count] = span_str(value);
	f->at[f->count] = (struct userdb_change){ span_str(field), &f->value[f->count] };
	f->count++;
}

const char *
userdb_file_of(struct arena *a, const char *source, struct span location)
{
	if (location.len && location.at[location.len - 1] == '/')
		location.len--;
	return !location.len ? source : arena_printf(a, "%s/%.*s", source, (int)location.len, location.at);
}

static const char *
file_for_new(struct arena *a, const char *source)
{
	struct stat info;
	bool directory = stat(source, &info) == 0 && S_ISDIR(info.st_mode);

	return userdb_file_of(a, source, directory ? SPAN_LIT(NEW_ACCOUNTS) : SPAN_LIT(""));
}

struct status
userdb_account_add(struct arena *a, const char *source, const struct auth_account *account, const char *stored)
{
	struct fields f = { .count = 0 };

	add(&f, "uid", arena_printf(a, "%u", account->uid));
	add(&f, "gid", arena_printf(a, "%u", account->gid));
	add(&f, "home", account->home);
	add(&f, "mail", account->mail);
	add(&f, "quota", account->quota);
	add(&f, "options", account->options);
	add(&f, "gecos", account->full_name);
	add(&f, "systempw", stored);
	struct status st = userdb_edit_change(file_for_new(a, source), span_str(account->name), f.at, f.count);
	return status_ok(st) ? userdb_compile(source, NULL) : st;
}

struct status
userdb_account_remove(struct arena *a, const char *source, struct span name, struct span location)
{
	struct status st = userdb_edit_delete(userdb_file_of(a, source, location), name);

	return status_ok(st) ? userdb_compile(source, NULL) : st;
}
