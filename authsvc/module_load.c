/*
 * module_load.c - a module's shared object, found by the module's name
 */
#include "authsvc/module_load.h"

#include <dlfcn.h>
#include <limits.h>
#include <unistd.h>

#include "base/log.h"

#define TEXT_OF(macro) TEXT(macro)
#define TEXT(name) #name

/* Letters, digits and dashes: nothing that leads out of the directory. */
static bool
is_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = ascii_lower(name.at[i]);
		if (!ascii_digit(c) && !(c >= 'a' && c <= 'z') && c != '-')
			return false;
	}
	return name.len > 0;
}

/* PREFIX/lib/posthouse for a program that is PREFIX/bin/x, PREFIX/sbin/x. */
const char *
auth_module_dir(struct arena *a, const char *dir)
{
	char program[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", program, sizeof(program));
	struct span path = span_of(program, n > 0 ? (size_t)n : 0);

	if (*dir)
		return dir;
	path.len = span_rindex(path, '/');
	path.len = span_rindex(path, '/');
	return arena_printf(a, "%.*s/lib/posthouse", (int)path.len, path.at);
}

static const struct auth_module *
load(const char *path)
{
	if (access(path, F_OK) < 0) {
		log_error("AUTH_MODULES: there is no %s; authinfo lists the modules there are", path);
		return NULL;
	}
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!object) {
		log_error("AUTH_MODULES: %s", dlerror());
		return NULL;
	}
	const struct auth_module *m = dlsym(object, TEXT_OF(AUTH_MODULE_ENTRY));
	if (!m || m->version != AUTH_MODULE_VERSION) {
		log_error("AUTH_MODULES: %s is not for version %d of the interface", path, AUTH_MODULE_VERSION);
		return NULL;
	}
	return m;
}

struct status
auth_module_load(const char *dir, struct span name, const struct auth_module **out)
{
	const struct auth_module *m = NULL;
	struct arena a;

	arena_init(&a, 0);
	/* Courier's names: authmysql, authuserdb, authvchkpw. */
	if (span_starts(name, SPAN_LIT("auth")) && name.len > 4)
		name = span_eq(name, SPAN_LIT("authvchkpw")) ? SPAN_LIT("vpasswd") : span_skip(name, 4);
	if (!is_name(name))
		log_error("AUTH_MODULES: %.*s cannot be a module's name", (int)name.len, name.at);
	else
		m = load(arena_printf(&a, "%s/auth-%.*s.so", auth_module_dir(&a, dir), (int)name.len, name.at));
	arena_release(&a);
	if (!m)
		return status_make(STATUS_INVALID, "No such module");
	*out = m;
	return STATUS_FINE;
}
