/*
 * vpasswd.c - vpopmail's accounts
 *
 *	DOMAINS/example.test/vpasswd
 *	user:hash:uid:flags:full name:home:quota[:clear password]
 *
 * The uid and gid of the mail are those that own the domain's directory, as vpopmail makes it. Of the flags
 * two matter: no POP3, no IMAP. An alias of a domain is a link in DOMAINS, which is followed. vpopmail keeps
 * clear passwords of all accounts or of none, as it was built, so the first account of each domain tells.
 */
#include <dirent.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "authsvc/account/account_check.h"
#include "authsvc/account/account_secrets.h"
#include "authsvc/password/password_like.h"
#include "authsvc/vpasswd/vpasswd_edit.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

#define LARGEST_FILE (64 << 20)

enum { USER, HASH, UID, FLAGS, FULL_NAME, HOME, QUOTA, CLEAR, FIELDS };
enum { FEWEST_FIELDS = QUOTA };
enum vpasswd_flags { NO_POP = 0x02, NO_IMAP = 0x08 };

struct vpasswd {
	char *domains, *usual_scheme;
	struct password_cache *passwords;
	atomic_uint offers;
};

struct entry {
	struct span field[FIELDS];
	uint32_t uid, gid;
};

static bool
first_line_is_clear(const char *path)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t room = 0, colons = 0;
	ssize_t len = in ? getline(&line, &room, in) : -1;
	struct span rest = span_trim(span_of(line, len > 0 ? (size_t)len : 0));

	while (rest.at && colons < CLEAR && span_index(rest, ':') < rest.len) {
		span_cut(&rest, ':');
		colons++;
	}
	if (line)
		secret_wipe(line, room);
	free(line);
	if (in)
		fclose(in);
	return colons == CLEAR && rest.len > 0;
}

static void
vpasswd_reload(void *state)
{
	struct vpasswd *v = state;
	unsigned offers = AUTH_OFFERS_PASSWORDS;
	DIR *domains = opendir(v->domains);
	struct arena a;

	arena_init(&a, 0);
	for (struct dirent *e; domains && offers == AUTH_OFFERS_PASSWORDS && (e = readdir(domains)) != NULL;)
		if (e->d_name[0] != '.' && first_line_is_clear(arena_printf(&a, "%s/%s/vpasswd", v->domains, e->d_name)))
			offers |= AUTH_OFFERS_CLEAR;
	if (domains)
		closedir(domains);
	arena_release(&a);
	v->offers = offers;
}

static unsigned
vpasswd_offers(void *state)
{
	const struct vpasswd *v = state;

	return v->offers;
}

static struct status
vpasswd_open(const struct auth_host *host, void **out_state)
{
	const char *domains = host->setting(host->arg, "VPASSWD_DOMAINS");

	if (domains[0] != '/') {
		log_error("VPASSWD_DOMAINS must be an absolute path");
		return status_make(STATUS_INVALID, "No domains");
	}
	struct vpasswd *v = MEM_NEW(struct vpasswd);
	v->domains = mem_strdup(domains);
	v->usual_scheme = mem_strdup(host->setting(host->arg, "PASSWORD_SCHEME"));
	v->passwords = host->passwords;
	vpasswd_reload(v);
	*out_state = v;
	return STATUS_FINE;
}

static void
vpasswd_close(void **state)
{
	struct vpasswd *v = *state;

	free(v->domains);
	free(v->usual_scheme);
	free(v);
	*state = NULL;
}

/* Nothing that leads out of DOMAINS, or to what does not hold a domain. */
static bool
is_domain(struct span domain)
{
	return domain.len && domain.at[0] != '.' && span_index(domain, '/') == domain.len;
}

/* False for what is no account's line. */
static bool
take_line(struct span line, struct entry *out)
{
	size_t count = 0;

	while (line.at && count < FIELDS)
		out->field[count++] = span_cut(&line, ':');
	for (size_t i = count; i < FIELDS; i++)
		out->field[i] = span_of("", 0);
	return count >= FEWEST_FIELDS && out->field[USER].len > 0;
}

static enum auth_result
find_in(struct arena *a, struct span text, struct span user, struct entry *out)
{
	while (text.at) {
		if (!take_line(span_cut(&text, '\n'), out) || !span_eq(out->field[USER], user))
			continue;
		for (size_t i = 0; i < FIELDS; i++)
			out->field[i] = arena_span(a, out->field[i]);
		return AUTH_OK;
	}
	return AUTH_REJECTED;
}

static enum auth_result
find(const struct vpasswd *v, struct arena *a, struct auth_query *q, struct entry *out)
{
	struct span domain = span_str(q->account), user = span_cut(&domain, '@');
	enum auth_result r = AUTH_TROUBLE;
	struct stat owner;
	struct buf text;

	if (!is_domain(domain) || !user.len)
		return AUTH_REJECTED;
	const char *folder = arena_printf(a, "%s/%.*s", v->domains, (int)domain.len, domain.at);
	if (stat(folder, &owner) < 0) {
		if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
			return AUTH_REJECTED;
		log_error("vpasswd: %s cannot be looked into: %s", folder, strerror(errno));
		return AUTH_TROUBLE;
	}
	buf_init(&text, LARGEST_FILE);
	struct status st = io_read_path(arena_printf(a, "%s/vpasswd", folder), LARGEST_FILE, &text);
	if (status_ok(st))
		r = find_in(a, buf_view(&text), user, out);
	else if (st.code == STATUS_NOT_FOUND)
		r = AUTH_REJECTED;
	secret_wipe(text.at, text.len);
	buf_release(&text);
	out->uid = owner.st_uid;
	out->gid = owner.st_gid;
	if (r == AUTH_OK)
		q->known = q->account;
	return r;
}

static const char *
options_of(uint64_t flags)
{
	if (flags & NO_POP)
		return flags & NO_IMAP ? "disablepop3=1,disableimap=1" : "disablepop3=1";
	return flags & NO_IMAP ? "disableimap=1" : "";
}

static enum auth_result
fill(struct arena *a, const struct auth_query *q, const struct entry *e, struct auth_account *out)
{
	uint64_t flags = 0;

	if (!span_number(e->field[FLAGS], UINT32_MAX, &flags) || !span_starts(e->field[HOME], SPAN_LIT("/"))) {
		log_error("vpasswd: %s needs flags and an absolute home", q->account);
		return AUTH_TROUBLE;
	}
	*out = (struct auth_account){
		.name = q->account, .uid = e->uid, .gid = e->gid, .mail = "", .store = "",
		.home = arena_strndup(a, e->field[HOME].at, e->field[HOME].len),
		/* vpopmail says NOQUOTA for none. */
		.quota = span_eq(e->field[QUOTA], SPAN_LIT("NOQUOTA")) ? "" :
		    arena_strndup(a, e->field[QUOTA].at, e->field[QUOTA].len),
		.options = options_of(flags),
		.full_name = arena_strndup(a, e->field[FULL_NAME].at, e->field[FULL_NAME].len),
	};
	return AUTH_OK;
}

static void
wipe(const struct entry *e)
{
	secret_wipe((char *)e->field[HASH].at, e->field[HASH].len);
	secret_wipe((char *)e->field[CLEAR].at, e->field[CLEAR].len);
}

static enum auth_result
vpasswd_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	struct entry e;
	enum auth_result r = find(state, a, q, &e);

	if (r == AUTH_OK)
		r = fill(a, q, &e, out);
	if (r == AUTH_OK) {
		out->locked = e.field[HASH].len && password_is_locked(e.field[HASH]);
		wipe(&e);
	}
	return r;
}

/* The hash, and the clear password, which serves when there is no hash and for challenges; none when locked. */
static struct auth_secrets
secrets_of(struct arena *a, const struct entry *e)
{
	struct span hash = e->field[HASH], clear = e->field[CLEAR];
	struct auth_secrets list = { .count = 0 };

	if (hash.len && password_is_locked(hash))
		return list;
	account_secrets_add(a, &list, "", hash);
	if (clear.len) {
		char *whole = arena_printf(a, "{PLAIN}%.*s", (int)clear.len, clear.at);
		account_secrets_add(a, &list, "", span_str(whole));
		secret_wipe(whole, strlen(whole));
	}
	return list;
}

static enum auth_result
vpasswd_verify(void *state, struct arena *a, struct auth_query *q, struct span password,
    struct auth_account *out)
{
	const struct vpasswd *v = state;
	struct entry e;
	enum auth_result r = find(v, a, q, &e);

	if (r == AUTH_OK) {
		struct auth_secrets list = secrets_of(a, &e);
		r = AUTH_REJECTED;
		if (list.count)
			r = account_check(v->passwords, "vpasswd", q, list.at[0].stored, password);
		account_secrets_wipe(&list);
		wipe(&e);
	}
	return r == AUTH_OK ? fill(a, q, &e, out) : r;
}

static enum auth_result
vpasswd_secrets(void *state, struct arena *a, struct auth_query *q, struct auth_account *out,
    struct auth_secrets *out_secrets)
{
	struct entry e;
	enum auth_result r = find(state, a, q, &e);

	if (r == AUTH_OK) {
		*out_secrets = secrets_of(a, &e);
		wipe(&e);
	}
	return r == AUTH_OK ? fill(a, q, &e, out) : r;
}

/* A colon would end the field that a clear password is in. */
static enum auth_result
vpasswd_change(void *state, struct arena *a, struct auth_query *q, const struct auth_change *change)
{
	const struct vpasswd *v = state;
	struct span domain = span_str(q->account), user = span_cut(&domain, '@'), clear = SPAN_LIT("");
	const char *stored;
	struct entry e;
	enum auth_result r = find(v, a, q, &e);

	if (r != AUTH_OK)
		return r;
	if (e.field[CLEAR].len)
		clear = change->new_password;
	struct status st = password_make_like(a, e.field[HASH], v->usual_scheme, change->new_password, &stored);
	wipe(&e);
	if (!status_ok(st) || span_index(span_str(stored), ':') < strlen(stored) || span_index(clear, ':') < clear.len ||
	    span_index(clear, '\n') < clear.len)
		return AUTH_REJECTED;
	st = vpasswd_edit(arena_printf(a, "%s/%.*s", v->domains, (int)domain.len, domain.at), user, span_str(stored), clear);
	secret_wipe((char *)stored, strlen(stored));
	if (status_ok(st))
		log_info("vpasswd: changed the password of %s", q->account);
	return status_ok(st) ? AUTH_OK : st.code == STATUS_NOT_FOUND ? AUTH_REJECTED : AUTH_TROUBLE;
}

/* Sets *going to false when `each` has had enough. */
static enum auth_result
list_domain(const struct vpasswd *v, const char *domain, auth_each_fn *each, void *arg, bool *going)
{
	struct auth_account account;
	struct stat owner;
	struct arena a;
	struct entry e;
	struct buf text;

	arena_init(&a, 0);
	buf_init(&text, LARGEST_FILE);
	const char *folder = arena_printf(&a, "%s/%s", v->domains, domain);
	struct status st = stat(folder, &owner) < 0 ? io_status(errno, "look into", folder) : STATUS_FINE;
	if (status_ok(st) && S_ISDIR(owner.st_mode))
		st = io_read_path(arena_printf(&a, "%s/vpasswd", folder), LARGEST_FILE, &text);
	for (struct span rest = buf_view(&text); rest.at && *going && status_ok(st);) {
		arena_reset(&a);
		if (!take_line(span_cut(&rest, '\n'), &e))
			continue;
		e.uid = owner.st_uid;
		e.gid = owner.st_gid;
		struct auth_query q = { .account = arena_printf(&a, "%.*s@%s", (int)e.field[USER].len, e.field[USER].at,
		    domain), .service = "", .address = "" };
		if (fill(&a, &q, &e, &account) == AUTH_OK)
			*going = each(arg, &account);
	}
	secret_wipe(text.at, text.len);
	buf_release(&text);
	arena_release(&a);
	return status_ok(st) || st.code == STATUS_NOT_FOUND ? AUTH_OK : AUTH_TROUBLE;
}

static enum auth_result
vpasswd_enumerate(void *state, struct arena *a, auth_each_fn *each, void *arg)
{
	const struct vpasswd *v = state;
	DIR *domains = opendir(v->domains);
	enum auth_result r = AUTH_OK;
	bool going = true;

	(void)a;
	if (!domains) {
		log_error("vpasswd: %s cannot be looked into: %s", v->domains, strerror(errno));
		return AUTH_TROUBLE;
	}
	for (struct dirent *e; going && (e = readdir(domains)) != NULL;)
		if (is_domain(span_str(e->d_name)) && list_domain(v, e->d_name, each, arg, &going) != AUTH_OK)
			r = AUTH_TROUBLE;
	closedir(domains);
	return r;
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "vpasswd",
	.open = vpasswd_open,
	.close = vpasswd_close,
	.verify = vpasswd_verify,
	.lookup = vpasswd_lookup,
	.offers = vpasswd_offers,
	.secrets = vpasswd_secrets,
	.change = vpasswd_change,
	.enumerate = vpasswd_enumerate,
	.reload = vpasswd_reload,
};
