#include "frontend/net/tls_names.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"

bool
tls_names_exists(const char *file)
{
	return access(file, F_OK) == 0;
}

/* --- the lists -------------------------------------------------------------------------- */

/* The next item of a list that is not empty, terminated; NULL: there is none. */
static const char *
list_next(struct arena *a, struct span *rest)
{
	while (rest->at) {
		struct span one = span_trim(span_cut(rest, ','));
		if (one.len)
			return arena_strndup(a, one.at, one.len);
	}
	return NULL;
}

bool
tls_names_listed(const struct tls_settings *settings, tls_names_listed_fn *found, void *arg)
{
	struct span files = span_str(settings->certfile), keys = span_str(settings->private_keyfile);
	struct arena a;
	const char *file;
	bool any = false;
	arena_init(&a, 0);
	while ((file = list_next(&a, &files))) {
		found(arg, file, list_next(&a, &keys));
		any = true;
	}
	bool keys_left = list_next(&a, &keys);
	arena_release(&a);
	return any && !keys_left;
}

/* --- names ------------------------------------------------------------------------------- */

bool
tls_name_fold(struct span host, char out[static TLS_NAME_MAX])
{
	if (host.len && host.at[host.len - 1] == '.')
		host.len--;
	if (!host.len || host.len >= TLS_NAME_MAX)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = ascii_lower(host.at[i]);
		if (!ascii_digit(c) && !(c >= 'a' && c <= 'z') && c != '.' && c != '-' && c != '_')
			return false;
		out[i] = c;
	}
	out[host.len] = '\0';
	return true;
}

/* An address in its usual form. */
static bool
address_fold(const char *text, char out[static TLS_NAME_MAX])
{
	struct in6_addr address;
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(family, text, &address) == 1 && inet_ntop(family, &address, out, TLS_NAME_MAX);
}

/*
 * Is what stands behind "FILE." a name? A host name has a dot inside, so that FILE.bak and FILE.new are none; and FILE.ocsp and
 * FILE.mail.example.test.ocsp are something else.
 */
static bool
ending_is_name(const char *ending, char out[static TLS_NAME_MAX])
{
	struct span text = span_str(ending);
	if (address_fold(ending, out))
		return true;
	if (span_ends(text, SPAN_LIT(".ocsp")) || span_index(text, '.') + 1 >= text.len || text.at[0] == '.')
		return false;
	return tls_name_fold(text, out);
}

/* --- files beside ---------------------------------------------------------------------------- */

struct beside {
	const char *key_file;		/* of the listed one */
	tls_names_beside_fn *found;
	void *arg;
};

static void
beside_ending(const struct beside *b, struct arena *a, const char *file, const char *ending)
{
	char name[TLS_NAME_MAX];
	if (!ending_is_name(ending, name))
		return;
	const char *key = b->key_file ? arena_printf(a, "%s.%s", b->key_file, ending) : NULL;
	b->found(b->arg, span_str(name), arena_printf(a, "%s.%s", file, ending), key && tls_names_exists(key) ? key : NULL);
}

static void
beside_file(struct arena *a, const char *file, const struct beside *b)
{
	size_t slash = span_rindex(span_str(file), '/');
	bool in_folder = file[slash] == '/';
	const char *folder = in_folder ? arena_strndup(a, file, slash + 1) : ".";
	const char *start = arena_printf(a, "%s.", in_folder ? file + slash + 1 : file);
	DIR *dir = opendir(folder);
	if (!dir) {
		log_warn("tls: cannot look beside %s: %s", file, strerror(errno));
		return;
	}
	for (struct dirent *entry; (entry = readdir(dir)); )
		if (span_starts(span_str(entry->d_name), span_str(start)))
			beside_ending(b, a, file, entry->d_name + strlen(start));
	closedir(dir);
}

void
tls_names_beside(const struct tls_settings *settings, tls_names_beside_fn *found, void *arg)
{
	struct span files = span_str(settings->certfile), keys = span_str(settings->private_keyfile);
	struct arena a;
	const char *file;
	arena_init(&a, 0);
	while ((file = list_next(&a, &files))) {
		struct beside b = { list_next(&a, &keys), found, arg };
		beside_file(&a, file, &b);
	}
	arena_release(&a);
}
