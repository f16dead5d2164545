/*
 * directory_link.c - one connection to a directory
 *
 * libldap's asynchronous calls are used, each with one wait for its result. Where the library waits by
 * itself it is given what is left of the time: LDAP_OPT_NETWORK_TIMEOUT while it connects. During TLS that
 * must be off, because the library would ask the socket again and again without a pause; a guard ends the
 * handshake instead. The socket has a limit of its own, in case the server stops in the middle of an answer.
 */
#include "authsvc/ldap/directory_link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "authsvc/ldap/directory_guard.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define PAGE 200		/* entries */

struct directory_link {
	LDAP *ldap;
	int64_t timeout_ms;
	struct ldap_conncb callback;
	struct directory_guard guard;
	bool guarded;		/* while directory_link_open is at work */
	bool used;		/* has answered a question              */
};

static struct timeval
time_left(int64_t deadline)
{
	int64_t left = deadline - clock_mono_ms();

	if (left < 1)
		left = 1;
	return (struct timeval){ .tv_sec = left / 1000, .tv_usec = left % 1000 * 1000 };
}

static void
complain(LDAP *ldap, const char *what, int code)
{
	char *detail = NULL;

	ldap_get_option(ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &detail);
	log_error("LDAP: %s: %s%s%s", what, ldap_err2string(code), detail && *detail ? ": " : "",
	    detail ? detail : "");
	ldap_memfree(detail);
}

/* Servers close connections that were idle: nothing is wrong as long as a new one answers. */
static void
complain_of(const struct directory_link *link, const char *what, int code)
{
	if (link->used && (code == LDAP_SERVER_DOWN || code == LDAP_CONNECT_ERROR))
		log_info("LDAP: %s: the server has closed the connection, a new one is tried", what);
	else
		complain(link->ldap, what, code);
}

/* ---- connecting ---- */

static bool
set_file(LDAP *ldap, int option, const char *name)
{
	return !*name || ldap_set_option(ldap, option, name) == LDAP_OPT_SUCCESS;
}

static bool
set_tls(LDAP *ldap, const struct directory_settings *s)
{
	int for_clients = 0;

	return set_file(ldap, LDAP_OPT_X_TLS_CACERTFILE, s->ca_file) &&
	    set_file(ldap, LDAP_OPT_X_TLS_CACERTDIR, s->ca_dir) &&
	    set_file(ldap, LDAP_OPT_X_TLS_CERTFILE, s->certificate) &&
	    set_file(ldap, LDAP_OPT_X_TLS_KEYFILE, s->key) &&
	    set_file(ldap, LDAP_OPT_X_TLS_CIPHER_SUITE, s->ciphers) &&
	    ldap_set_option(ldap, LDAP_OPT_X_TLS_REQUIRE_CERT, &s->require_certificate) == LDAP_OPT_SUCCESS &&
	    ldap_set_option(ldap, LDAP_OPT_X_TLS_NEWCTX, &for_clients) == LDAP_OPT_SUCCESS;
}

static bool
set_options(struct directory_link *link, const struct directory_settings *s, int64_t deadline)
{
	struct timeval left = time_left(deadline);
	int version = LDAP_VERSION3;

	return ldap_set_option(link->ldap, LDAP_OPT_PROTOCOL_VERSION, &version) == LDAP_OPT_SUCCESS &&
	    ldap_set_option(link->ldap, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS &&
	    ldap_set_option(link->ldap, LDAP_OPT_DEREF, &s->deref) == LDAP_OPT_SUCCESS &&
	    ldap_set_option(link->ldap, LDAP_OPT_NETWORK_TIMEOUT, &left) == LDAP_OPT_SUCCESS &&
	    ldap_set_option(link->ldap, LDAP_OPT_TIMEOUT, &left) == LDAP_OPT_SUCCESS &&
	    ldap_set_option(link->ldap, LDAP_OPT_CONNECT_CB, &link->callback) == LDAP_OPT_SUCCESS &&
	    set_tls(link->ldap, s);
}

static struct directory_link *
link_of(struct ldap_conncb *callback)
{
	return callback->lc_arg;
}

/*
 * The library has connected, and TLS comes next. Later on it would connect anew by itself when a connection broke, and
 * forget StartTLS: such a connection is not taken.
 */
static int
connected(LDAP *ldap, Sockbuf *socket, LDAPURLDesc *server, struct sockaddr *address, struct ldap_conncb *callback)
{
	struct directory_link *link = link_of(callback);
	struct timeval most = time_left(clock_mono_ms() + link->timeout_ms), no_limit = { .tv_sec = -1 };
	ber_socket_t fd = -1;

	(void)server, (void)address;
	if (!link->guarded || ber_sockbuf_ctrl(socket, LBER_SB_OPT_GET_FD, &fd) != 1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof(most)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most)) < 0)
		log_warn("LDAP: the socket takes no time limit: %s", strerror(errno));
	directory_guard_watch(&link->guard, fd);
	return ldap_set_option(ldap, LDAP_OPT_NETWORK_TIMEOUT, &no_limit) == LDAP_OPT_SUCCESS ? 0 : -1;
}

/* Before the socket is closed, and once more, without one, before the handle goes. The library has its locks. */
static void
disconnected(LDAP *ldap, Sockbuf *socket, struct ldap_conncb *callback)
{
	struct directory_link *link = link_of(callback);

	(void)ldap;
	if (link->guarded && socket)
		directory_guard_watch(&link->guard, -1);
}

static bool
establish(struct directory_link *link, bool start_tls, int64_t deadline)
{
	if (!directory_guard_begin(&link->guard, deadline))
		return false;
	link->guarded = true;
	int code = ldap_connect(link->ldap);
	if (code == LDAP_SUCCESS && start_tls)
		code = ldap_start_tls_s(link->ldap, NULL, NULL);
	link->guarded = false;
	directory_guard_end(&link->guard);
	if (code != LDAP_SUCCESS)
		complain(link->ldap, "cannot connect", code);
	return code == LDAP_SUCCESS;
}

static struct directory_link *
open_one(const struct directory_settings *s, const char *uri, int64_t deadline)
{
	/* A server that ldaps:// or ldapi:// leads to has no more to be asked. */
	bool start_tls = s->start_tls && span_starts_nocase(span_str(uri), SPAN_LIT("ldap:"));
	struct directory_link *link = MEM_NEW(struct directory_link);
	int code = ldap_initialize(&link->ldap, uri);

	link->timeout_ms = s->timeout_ms;
	link->callback = (struct ldap_conncb){ connected, disconnected, link };
	if (code != LDAP_SUCCESS) {
		log_error("LDAP_URI: %s: %s", uri, ldap_err2string(code));
		free(link);
		return NULL;
	}
	bool good = set_options(link, s, deadline);
	if (!good)
		log_error("LDAP: the certificates and ciphers of LDAPTLS_... cannot be used");
	if (good && establish(link, start_tls, deadline))
		return link;
	directory_link_close(link);
	return NULL;
}

/* The time that is left is shared by the servers that are left: the last must have its turn, too. */
struct directory_link *
directory_link_open(const struct directory_settings *s, int64_t deadline)
{
	struct directory_link *link = NULL;

	for (size_t i = 0; i < s->uri_count && !link; i++) {
		int64_t now = clock_mono_ms();
		link = open_one(s, s->uris[i], now + (deadline - now) / (int64_t)(s->uri_count - i));
	}
	return link;
}

void
directory_link_close(struct directory_link *link)
{
	ldap_unbind_ext(link->ldap, NULL, NULL);
	free(link);
}

void
directory_link_answered(struct directory_link *link)
{
	link->used = true;
}

LDAP *
directory_link_handle(struct directory_link *link)
{
	return link->ldap;
}

/* ---- asking ---- */

/* Does a result of this kind mean that the connection, or the server, is no good? */
static bool
is_lost(int code)
{
	return code == LDAP_BUSY || code == LDAP_UNAVAILABLE ||
	    (code < 0 && code != LDAP_FILTER_ERROR && code != LDAP_PARAM_ERROR);
}

/* All of the answer to `sent`; NULL when there is none, and *out_code says why. */
static LDAPMessage *
wait_for(LDAP *ldap, int sent, int64_t deadline, int *out_code)
{
	struct timeval left = time_left(deadline);
	LDAPMessage *answer = NULL;
	int kind = ldap_result(ldap, sent, LDAP_MSG_ALL, &left, &answer);

	if (kind > 0)
		return answer;
	*out_code = LDAP_TIMEOUT;
	if (kind < 0)
		ldap_get_option(ldap, LDAP_OPT_RESULT_CODE, out_code);
	if (*out_code == LDAP_SUCCESS)
		*out_code = LDAP_SERVER_DOWN;
	ldap_msgfree(answer);
	return NULL;
}

static int
code_of(LDAP *ldap, LDAPMessage *answer)
{
	int code = LDAP_OTHER, parsed = ldap_parse_result(ldap, answer, &code, NULL, NULL, NULL, NULL, 0);

	return parsed == LDAP_SUCCESS ? code : parsed;
}

/* An operation whose answer is no more than its result code. `code`: of sending it. */
static int
outcome(LDAP *ldap, int code, int sent, int64_t deadline)
{
	if (code != LDAP_SUCCESS)
		return code;
	LDAPMessage *answer = wait_for(ldap, sent, deadline, &code);
	if (answer)
		code = code_of(ldap, answer);
	ldap_msgfree(answer);
	return code;
}

/* "Not these credentials", in the words of the several servers there are. */
static bool
is_wrong_password(int code)
{
	switch (code) {
	case LDAP_INVALID_CREDENTIALS:
	case LDAP_INAPPROPRIATE_AUTH:		/* the entry has no password  */
	case LDAP_NO_SUCH_OBJECT:		/* it went a moment ago       */
	case LDAP_CONSTRAINT_VIOLATION:		/* too many wrong ones        */
	case LDAP_UNWILLING_TO_PERFORM:		/* the account is not active  */
		return true;
	}
	return false;
}

enum link_result
directory_link_bind(struct directory_link *link, const char *dn, struct span password, int64_t deadline)
{
	struct berval proof = { password.len, (char *)password.at };
	int sent = 0;

	if (!password.len)
		return LINK_NO;
	int code = ldap_sasl_bind(link->ldap, dn, LDAP_SASL_SIMPLE, &proof, NULL, NULL, &sent);
	code = outcome(link->ldap, code, sent, deadline);
	if (code == LDAP_SUCCESS)
		return LINK_DONE;
	if (is_wrong_password(code))
		return LINK_NO;
	complain_of(link, dn, code);
	return is_lost(code) ? LINK_LOST : LINK_REFUSED;
}

static enum link_result
search(struct directory_link *link, const struct link_search *s, LDAPControl **controls, int64_t deadline,
    LDAPMessage **out_entries)
{
	struct timeval left = time_left(deadline);
	int sent = 0;
	int code = ldap_search_ext(link->ldap, s->base, LDAP_SCOPE_SUBTREE, s->filter, s->attributes, 0, controls, NULL,
	    &left, s->most, &sent);
	LDAPMessage *answer = code == LDAP_SUCCESS ? wait_for(link->ldap, sent, deadline, &code) : NULL;

	if (answer)
		code = code_of(link->ldap, answer);
	/* More than `most` is the caller's to notice. */
	if (code == LDAP_SUCCESS || (code == LDAP_SIZELIMIT_EXCEEDED && s->most)) {
		*out_entries = answer;
		return LINK_DONE;
	}
	complain_of(link, s->base, code);
	ldap_msgfree(answer);
	return is_lost(code) ? LINK_LOST : LINK_REFUSED;
}

enum link_result
directory_link_search(struct directory_link *link, const struct link_search *s, int64_t deadline, LDAPMessage **out_entries)
{
	return search(link, s, NULL, deadline, out_entries);
}

static void
read_cookie(struct directory_link *link, struct link_page *page)
{
	struct berval cookie = { 0, NULL };
	LDAPControl **told = NULL;
	ber_int_t estimate;
	int code;

	ldap_parse_result(link->ldap, page->entries, &code, NULL, NULL, NULL, &told, 0);
	LDAPControl *paged = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, told, NULL);
	if (paged && ldap_parse_pageresponse_control(link->ldap, paged, &estimate, &cookie) == LDAP_SUCCESS &&
	    cookie.bv_len)
		page->cookie = ber_bvdup(&cookie);
	ber_memfree(cookie.bv_val);
	ldap_controls_free(told);
}

enum link_result
directory_link_page(struct directory_link *link, const struct link_search *s, int64_t deadline, struct link_page *page)
{
	LDAPControl *paged = NULL;

	/* Not critical: a server without pages answers all at once. */
	int code = ldap_create_page_control(link->ldap, PAGE, page->cookie, 0, &paged);
	ber_bvfree(page->cookie);
	*page = (struct link_page){ NULL, NULL };
	if (code != LDAP_SUCCESS) {
		complain_of(link, "pages", code);
		return LINK_REFUSED;
	}
	enum link_result r = search(link, s, (LDAPControl *[]){ paged, NULL }, deadline, &page->entries);
	ldap_control_free(paged);
	if (r == LINK_DONE)
		read_cookie(link, page);
	return r;
}

/* ---- changing ---- */

static enum link_result
changed(struct directory_link *link, const char *what, int code)
{
	if (code == LDAP_SUCCESS)
		return LINK_DONE;
	complain_of(link, what, code);
	return is_lost(code) ? LINK_LOST : LINK_REFUSED;
}

enum link_result
directory_link_new_password(struct directory_link *link, struct span old_password, struct span new_password, int64_t deadline)
{
	struct berval old_value = { old_password.len, (char *)old_password.at };
	struct berval new_value = { new_password.len, (char *)new_password.at };
	int sent = 0;
	int code = ldap_passwd(link->ldap, NULL, &old_value, &new_value, NULL, NULL, &sent);

	return changed(link, "a password cannot be changed", outcome(link->ldap, code, sent, deadline));
}

enum link_result
directory_link_modify(struct directory_link *link, const char *dn, LDAPMod **changes, int64_t deadline)
{
	int sent = 0;
	int code = ldap_modify_ext(link->ldap, dn, changes, NULL, NULL, &sent);

	return changed(link, dn, outcome(link->ldap, code, sent, deadline));
}
