/*
 * passwd.c - accounts of passwd(5) and shadow(5)
 *
 * The system's, by way of nsswitch.conf, or those of files of their own. What PAM would add is not here,
 * except that an account past its day is as good as unknown. An account of the DEFAULT_DOMAIN is
 * known by its name alone. Root has no mail.
 */
#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>

#include "authsvc/account/account_check.h"
#include "authsvc/account/account_secrets.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

#define ROOM 16384		/* bytes of one entry */
#define DAY 86400

struct files {
	char *passwd, *shadow;	/* "" for the system's */
	char *domain;		/* with the "@", or "" */
	struct password_cache *passwords;
};

static struct status
passwd_open(const struct auth_host *host, void **out_state)
{
	const char *domain = host->setting(host->arg, "DEFAULT_DOMAIN");
	struct files *f = MEM_NEW(struct files);
	size_t room = strlen(domain) + 2;

	f->passwd = mem_strdup(host->setting(host->arg, "PASSWD_FILE"));
	f->shadow = mem_strdup(host->setting(host->arg, "SHADOW_FILE"));
	f->domain = mem_zalloc(room);
	if (*domain)
		snprintf(f->domain, room, "@%s", domain + (*domain == '@'));
	f->passwords = host->passwords;
	*out_state = f;
	return STATUS_FINE;
}

static void
passwd_close(void **state)
{
	struct files *f = *state;

	free(f->passwd);
	free(f->shadow);
	free(f->domain);
	free(f);
	*state = NULL;
}

static const char *
local_name(const struct files *f, struct arena *a, const char *account)
{
	struct span name = span_str(account), domain = span_str(f->domain);

	if (domain.len && name.len >= domain.len && span_eq_nocase(span_skip(name, name.len - domain.len), domain))
		name.len -= domain.len;
	return arena_strndup(a, name.at, name.len);
}

/* 0 and NULL: there is no such entry; an error number: nobody can tell. */
static int
in_passwd_file(const char *file, const char *name, struct passwd *p, char *room, struct passwd **out)
{
	FILE *in = fopen(file, "re");
	int error = in ? 0 : errno;

	*out = NULL;
	while (in && (error = fgetpwent_r(in, p, room, ROOM, out)) == 0 && strcmp(p->pw_name, name) != 0)
		;
	if (error)
		*out = NULL;
	if (in)
		fclose(in);
	return in && error == ENOENT ? 0 : error;
}

static int
in_shadow_file(const char *file, const char *name, struct spwd *p, char *room, struct spwd **out)
{
	FILE *in = fopen(file, "re");
	int error = in ? 0 : errno;

	*out = NULL;
	while (in && (error = fgetspent_r(in, p, room, ROOM, out)) == 0 && strcmp(p->sp_namp, name) != 0)
		;
	if (error)
		*out = NULL;
	if (in)
		fclose(in);
	return in && error == ENOENT ? 0 : error;
}

static enum auth_result
trouble(const char *what, int error)
{
	log_error("passwd: %s cannot be read: %s", what, strerror(error));
	return AUTH_TROUBLE;
}

/* The entry, and the hash, which is in the one file or the other. */
static enum auth_result
find(const struct files *f, struct arena *a, struct auth_query *q, struct passwd *entry,
    const char **out_stored)
{
	char *room = arena_bytes(a, ROOM), *shadow_room = arena_bytes(a, ROOM);
	const char *name = local_name(f, a, q->account);
	struct spwd shadow, *hidden = NULL;
	struct passwd *p = NULL;

	int error = *f->passwd ? in_passwd_file(f->passwd, name, entry, room, &p) :
	    getpwnam_r(name, entry, room, ROOM, &p);
	if (error)
		return trouble("passwd", error);
	if (!p || p->pw_uid == 0)
		return AUTH_REJECTED;
	q->known = p->pw_name;
	*out_stored = p->pw_passwd;
	if (strcmp(p->pw_passwd, "x") != 0)
		return AUTH_OK;
	error = *f->shadow ? in_shadow_file(f->shadow, name, &shadow, shadow_room, &hidden) :
	    *f->passwd ? 0 : getspnam_r(name, &shadow, shadow_room, ROOM, &hidden);
	if (error)
		return trouble("shadow", error);
	/* A line of NIS, such as "+name", has no hash. */
	if (!hidden || !hidden->sp_pwdp || (hidden->sp_expire > 0 && clock_wall_s() / DAY >= hidden->sp_expire))
		return AUTH_REJECTED;
	*out_stored = hidden->sp_pwdp;
	return AUTH_OK;
}

static enum auth_result
fill(struct arena *a, const struct passwd *p, struct auth_account *out)
{
	struct span name = span_str(p->pw_gecos);

	name.len = span_index(name, ',');
	*out = (struct auth_account){
		.name = p->pw_name, .uid = p->pw_uid, .gid = p->pw_gid, .home = p->pw_dir, .mail = "",
		.quota = "", .options = "", .store = "", .full_name = arena_strndup(a, name.at ? name.at : "", name.len),
	};
	return AUTH_OK;
}

static enum auth_result
passwd_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	struct passwd entry;
	const char *stored;
	enum auth_result r = find(state, a, q, &entry, &stored);

	if (r == AUTH_OK)
		r = fill(a, &entry, out);
	if (r == AUTH_OK) {
		out->locked = password_is_locked(span_str(stored));
		secret_wipe((char *)stored, strlen(stored));
	}
	return r;
}

static enum auth_result
passwd_verify(void *state, struct arena *a, struct auth_query *q, struct span password,
    struct auth_account *out)
{
	const struct files *f = state;
	struct passwd entry;
	const char *stored;
	enum auth_result r = find(f, a, q, &entry, &stored);

	if (r == AUTH_OK) {
		r = account_check(f->passwords, "passwd", q, span_str(stored), password);
		secret_wipe((char *)stored, strlen(stored));
	}
	return r == AUTH_OK ? fill(a, &entry, out) : r;
}

/* Offers nothing more than passwords: what shadow(5) holds serves no challenge. */
static enum auth_result
passwd_secrets(void *state, struct arena *a, struct auth_query *q, struct auth_account *out,
    struct auth_secrets *out_secrets)
{
	struct auth_secrets list = { .count = 0 };
	struct passwd entry;
	const char *stored;
	enum auth_result r = find(state, a, q, &entry, &stored);

	if (r != AUTH_OK)
		return r;
	if (!password_is_locked(span_str(stored)))
		account_secrets_add(a, &list, "", span_str(stored));
	secret_wipe((char *)stored, strlen(stored));
	*out_secrets = list;
	return fill(a, &entry, out);
}

static bool
list_one(struct arena *a, const struct passwd *p, auth_each_fn *each, void *arg)
{
	struct auth_account account;

	arena_reset(a);
	return p->pw_uid == 0 || fill(a, p, &account) != AUTH_OK || each(arg, &account);
}

/* `in` NULL: the system's. Whatever error ends it, ENOENT says that there are no more. */
static int
next_entry(FILE *in, struct passwd *p, char *room, struct passwd **out)
{
	return in ? fgetpwent_r(in, p, room, ROOM, out) : getpwent_r(p, room, ROOM, out);
}

/* The system's list has one place in it for all threads. */
static enum auth_result
passwd_enumerate(void *state, struct arena *a, auth_each_fn *each, void *arg)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	const struct files *f = state;
	FILE *in = *f->passwd ? fopen(f->passwd, "re") : NULL;
	char *room = arena_bytes(a, ROOM);
	struct passwd entry, *p;
	struct arena scratch;
	int error;

	if (*f->passwd && !in)
		return errno == ENOENT ? AUTH_OK : trouble("passwd", errno);
	arena_init(&scratch, 0);
	pthread_mutex_lock(&lock);
	setpwent();
	while ((error = next_entry(in, &entry, room, &p)) == 0 && list_one(&scratch, p, each, arg))
		;
	endpwent();
	pthread_mutex_unlock(&lock);
	arena_release(&scratch);
	if (in)
		fclose(in);
	return error && error != ENOENT ? trouble("passwd", error) : AUTH_OK;
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "passwd",
	.drops_domain = true,
	.open = passwd_open,
	.close = passwd_close,
	.verify = passwd_verify,
	.lookup = passwd_lookup,
	.secrets = passwd_secrets,
	.enumerate = passwd_enumerate,
};
