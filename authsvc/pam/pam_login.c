/*
 * pam_login.c - one conversation with PAM, as a question and an answer in bytes
 */
#include "authsvc/pam/pam_login.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <security/pam_appl.h>

#include "base/log.h"

#define LONGEST_FIELD 1024
#define FIELDS 6		/* of a question */
#define ANSWER_FIELDS 5

bool
pam_question_pack(const struct pam_question *q, struct buf *out)
{
	const char *fields[FIELDS] = { q->password ? "verify" : "lookup", q->service, q->confdir, q->user,
	    q->address, q->password ? q->password : "" };

	for (size_t i = 0; i < FIELDS; i++) {
		size_t len = strlen(fields[i]);
		if (len > LONGEST_FIELD)
			return false;
		buf_add(out, fields[i], len + 1);
	}
	return true;
}

static bool
unpack(struct span question, struct pam_question *out)
{
	const char *fields[FIELDS];

	for (size_t i = 0; i < FIELDS; i++) {
		size_t len = span_index(question, '\0');
		if (len == question.len)
			return false;
		fields[i] = question.at;
		question = span_skip(question, len + 1);
	}
	*out = (struct pam_question){ fields[1], fields[2], fields[3], fields[4],
	    strcmp(fields[0], "verify") == 0 ? fields[5] : NULL };
	return true;
}

/* ---- in the helper ---- */

static const char *
reply_to(const struct pam_message *m, const struct pam_question *q)
{
	switch (m->msg_style) {
	case PAM_PROMPT_ECHO_OFF:
		return q->password;
	case PAM_PROMPT_ECHO_ON:
		return q->user;
	default:
		log_info("PAM says to %s: %s", q->user, m->msg);
		return NULL;
	}
}

/* PAM frees the replies, so they are malloc's. */
static int
converse(int count, const struct pam_message **messages, struct pam_response **out, void *arg)
{
	const struct pam_question *q = arg;

	if (count <= 0 || count > PAM_MAX_NUM_MSG)
		return PAM_CONV_ERR;
	struct pam_response *replies = calloc((size_t)count, sizeof(*replies));
	if (!replies)
		return PAM_BUF_ERR;
	for (int i = 0; i < count; i++) {
		const char *text = reply_to(messages[i], q);
		replies[i].resp = text ? strdup(text) : NULL;
	}
	*out = replies;
	return PAM_SUCCESS;
}

/* authsvc slows failures down itself; sleeping here would only hold a process. */
static void
no_delay(int result, unsigned microseconds, void *arg)
{
	(void)result, (void)microseconds, (void)arg;
}

/*
 * `proving`: whether a password is right, not whether the account may be used. A script behind pam_exec(8) that says no is a
 * PAM_SYSTEM_ERR, and cannot be told from one that does not work: it is refused, so that guessing through it is counted
 * and slowed down as any other, and logged as an error all the same.
 */
static enum auth_result
judge(pam_handle_t *h, int code, const struct pam_question *q, bool proving)
{
	const char *doing = proving ? "authentication" : "account check";

	switch (code) {
	case PAM_SUCCESS:
		return AUTH_OK;
	case PAM_AUTH_ERR: case PAM_USER_UNKNOWN: case PAM_MAXTRIES: case PAM_PERM_DENIED:
	case PAM_ACCT_EXPIRED: case PAM_NEW_AUTHTOK_REQD: case PAM_CRED_INSUFFICIENT:
	case PAM_AUTHTOK_EXPIRED:
		log_info("PAM %s of %s for %s: %s", doing, q->user, q->service, pam_strerror(h, code));
		return AUTH_REJECTED;
	default:
		log_error("PAM %s of %s for %s: %s", doing, q->user, q->service, pam_strerror(h, code));
		return proving && code == PAM_SYSTEM_ERR ? AUTH_REJECTED : AUTH_TROUBLE;
	}
}

static enum auth_result
converse_with_pam(pam_handle_t *h, const struct pam_question *q)
{
	enum auth_result r = AUTH_OK;

	pam_set_item(h, PAM_FAIL_DELAY, (const void *)no_delay);
	if (*q->address)
		pam_set_item(h, PAM_RHOST, q->address);
	if (q->password)
		r = judge(h, pam_authenticate(h, PAM_DISALLOW_NULL_AUTHTOK), q, true);
	if (r == AUTH_OK)
		r = judge(h, pam_acct_mgmt(h, PAM_DISALLOW_NULL_AUTHTOK), q, false);
	return r;
}

/*
 * The system's account, as fields of an answer. Its name is the system's own, which may be another spelling of the one
 * that was asked for: some directories ignore case.
 */
static enum auth_result
add_account(struct buf *b, const char *user, enum auth_result result)
{
	errno = 0;
	const struct passwd *p = getpwnam(user);

	if (!p && result == AUTH_OK && errno != 0 && errno != ENOENT) {
		log_error("cannot look up %s: %s", user, strerror(errno));
		return AUTH_TROUBLE;
	}
	if (!p && result == AUTH_OK)
		log_warn("PAM lets %s in, but there is no such system account", user);
	if (!p)
		return AUTH_REJECTED;
	if (p->pw_uid == 0 && result == AUTH_OK) {
		log_warn("%s is root, who has no mail here", user);
		result = AUTH_REJECTED;
	}
	buf_add(b, p->pw_name, strlen(p->pw_name) + 1);
	buf_printf(b, "%u", p->pw_uid);
	buf_char(b, '\0');
	buf_printf(b, "%u", p->pw_gid);
	buf_char(b, '\0');
	buf_add(b, p->pw_dir, strlen(p->pw_dir) + 1);
	buf_add(b, p->pw_gecos, strcspn(p->pw_gecos, ","));
	buf_char(b, '\0');
	return result;
}

static enum auth_result
login(struct buf *b, const struct pam_question *q)
{
	struct pam_conv conversation = { converse, (void *)q };
	pam_handle_t *h = NULL;
	const void *user = NULL;

	int code = *q->confdir ?
	    pam_start_confdir(q->service, q->user, &conversation, q->confdir, &h) :
	    pam_start(q->service, q->user, &conversation, &h);
	if (code != PAM_SUCCESS) {
		log_error("PAM cannot start for %s: %s", q->service, pam_strerror(h, code));
		return AUTH_TROUBLE;
	}
	enum auth_result r = converse_with_pam(h, q);
	/* A refused one is named as well: failures are counted by that name. */
	if (r != AUTH_TROUBLE && pam_get_item(h, PAM_USER, &user) == PAM_SUCCESS && user)
		r = add_account(b, user, r);
	pam_end(h, code);
	return r;
}

ssize_t
pam_login_answer(void *arg, struct span question, char *answer, size_t room)
{
	struct pam_question q;
	struct buf b;

	(void)arg;
	buf_init(&b, room);
	buf_char(&b, AUTH_TROUBLE);
	if (unpack(question, &q))
		b.at[0] = (char)login(&b, &q);
	if (b.full)
		return -1;
	memcpy(answer, b.at, b.len);
	return (ssize_t)b.len;
}

/* ---- back in authsvc ---- */

enum auth_result
pam_answer_unpack(struct arena *a, struct span answer, const char **out_known, struct auth_account *out)
{
	struct span fields[ANSWER_FIELDS];
	uint64_t uid, gid;

	if (answer.len == 0 || (answer.at[0] != AUTH_OK && answer.at[0] != AUTH_REJECTED))
		return AUTH_TROUBLE;
	enum auth_result result = (enum auth_result)answer.at[0];
	answer = span_skip(answer, 1);
	for (size_t i = 0; i < ANSWER_FIELDS; i++)
		fields[i] = span_cut(&answer, '\0');
	if (fields[0].len)
		*out_known = arena_strndup(a, fields[0].at, fields[0].len);
	if (result == AUTH_REJECTED)
		return result;
	if (!fields[0].len || !span_number(fields[1], UINT32_MAX - 1, &uid) ||
	    !span_number(fields[2], UINT32_MAX - 1, &gid))
		return AUTH_TROUBLE;
	*out = (struct auth_account){
		.name = *out_known, .uid = (uint32_t)uid, .gid = (uint32_t)gid,
		.home = arena_strndup(a, fields[3].at, fields[3].len), .full_name = arena_strndup(a, fields[4].at, fields[4].len),
		.mail = "", .quota = "", .options = "", .store = "",
	};
	return AUTH_OK;
}
