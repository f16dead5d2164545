/*
 * pipe.c - accounts that a program of the operator's knows
 *
 * Courier's authpipe: AUTHPIPE is started once and asked one thing at a time, in authdaemond's words, on
 * its standard input; answers come from its standard output.
 *
 *	AUTH 27\nimap\nlogin\nalice\nsecret\n		FAIL\n, or
 *	PRE . imap alice\n				UID=..\nGID=..\nHOME=..\nADDRESS=..\n.\n
 *
 * A program that ends without an answer, says something else or takes too long is killed and
 * started again for the next question: that is trouble, never a refusal. Whoever finds it busy for long gives up, so
 * that it cannot keep all threads.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authsvc/module.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

#define ANSWER_MS 5000
#define BUSY_MS 1000
#define LONGEST 8192		/* of a question and of an answer */

struct program {
	char *path;
	pthread_mutex_t lock;	/* held for a question and its answer */
	pid_t pid;		/* 0: not running */
	int fd;
};

static struct status
pipe_open(const struct auth_host *host, void **out_state)
{
	const char *path = host->setting(host->arg, "AUTHPIPE");

	if (access(path, X_OK) < 0) {
		log_error("AUTHPIPE: %s cannot be run: %s", path, strerror(errno));
		return status_make(STATUS_INVALID, "No program");
	}
	struct program *p = MEM_NEW(struct program);
	p->path = mem_strdup(path);
	pthread_mutex_init(&p->lock, NULL);
	*out_state = p;
	return STATUS_FINE;
}

static void
stop(struct program *p)
{
	if (!p->pid)
		return;
	close(p->fd);
	kill(-p->pid, SIGKILL);		/* and what it started */
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
}

static void
pipe_close(void **state)
{
	struct program *p = *state;

	stop(p);
	pthread_mutex_destroy(&p->lock);
	free(p->path);
	free(p);
	*state = NULL;
}

/* With ordinary signals, and nothing open but what it needs: all of ours close themselves. */
static int
spawn(const char *path, int fd, pid_t *out)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	char *argv[] = { (char *)path, NULL };
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, fd, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	int error = posix_spawn(out, path, &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

static bool
start(struct program *p)
{
	int ends[2];

	if (p->pid)
		return true;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		log_error("AUTHPIPE: no socket: %s", strerror(errno));
		return false;
	}
	int error = spawn(p->path, ends[1], &p->pid);
	close(ends[1]);
	p->fd = ends[0];
	if (!error)
		return true;
	log_error("AUTHPIPE: %s cannot be run: %s", p->path, strerror(error));
	close(p->fd);
	p->pid = 0;
	return false;
}

static bool
wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	int64_t left = deadline - clock_mono_ms();

	return left > 0 && poll(&poll_fd, 1, (int)left) > 0;
}

static bool
send_all(int fd, struct span bytes, int64_t deadline)
{
	while (bytes.len) {
		if (!wait_for(fd, POLLOUT, deadline))
			return false;
		ssize_t n = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		bytes = span_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	return true;
}

static bool
is_whole(struct span answer)
{
	return span_eq(answer, SPAN_LIT("FAIL\n")) || span_eq(answer, SPAN_LIT(".\n")) ||
	    span_ends(answer, SPAN_LIT("\n.\n"));
}

/* Lines up to the one that ends them. */
static bool
receive(int fd, struct buf *answer, int64_t deadline)
{
	while (!answer->full && wait_for(fd, POLLIN, deadline)) {
		char *room = buf_reserve(answer, 1024);
		if (!room)
			return false;
		ssize_t n = recv(fd, room, 1024, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		buf_commit(answer, n > 0 ? (size_t)n : 0);
		if (is_whole(buf_view(answer)))
			return true;
	}
	return false;
}

/* Under the lock. One that ended while nobody asked is not to blame: it is started again. */
static bool
converse(struct program *p, struct span question, struct buf *answer)
{
	int64_t deadline = clock_mono_ms() + ANSWER_MS;

	if (p->pid && wait_for(p->fd, POLLIN, clock_mono_ms() + 1))
		stop(p);
	if (!start(p))
		return false;
	if (send_all(p->fd, question, deadline) && receive(p->fd, answer, deadline))
		return true;
	log_error("AUTHPIPE: %s gave no answer", p->path);
	stop(p);
	return false;
}

static bool
ask(struct program *p, struct span question, struct buf *answer)
{
	int64_t until = clock_mono_ms() + BUSY_MS;
	struct timespec t = { .tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000 };

	if (pthread_mutex_clocklock(&p->lock, CLOCK_MONOTONIC, &t) != 0) {
		log_error("AUTHPIPE: %s is busy for too long", p->path);
		return false;
	}
	bool answered = converse(p, question, answer);
	pthread_mutex_unlock(&p->lock);
	return answered;
}

/* The value of the line NAME=, "" without one. */
static const char *
value_of(struct arena *a, struct span answer, const char *name)
{
	while (answer.at) {
		struct span value = span_cut(&answer, '\n');
		struct span key = span_cut(&value, '=');
		if (value.at && span_eq(key, span_str(name)))
			return arena_strndup(a, value.at, value.len);
	}
	return "";
}

/* USERNAME= asks the system for what UID= and GID= do not say. */
static bool
ids_of(struct arena *a, struct span answer, struct auth_account *out)
{
	const char *user = value_of(a, answer, "USERNAME");
	char *room = arena_bytes(a, LONGEST);
	struct passwd entry, *p = NULL;
	uint64_t uid, gid;

	if (*user && (getpwnam_r(user, &entry, room, LONGEST, &p) != 0 || !p))
		return false;
	if (!span_number(span_str(value_of(a, answer, "UID")), UINT32_MAX - 1, &uid)) {
		if (!p)
			return false;
		uid = p->pw_uid;
	}
	if (!span_number(span_str(value_of(a, answer, "GID")), UINT32_MAX - 1, &gid)) {
		if (!p)
			return false;
		gid = p->pw_gid;
	}
	out->uid = (uint32_t)uid;
	out->gid = (uint32_t)gid;
	return true;
}

static enum auth_result
understand(struct arena *a, const struct auth_query *q, struct span answer, struct auth_account *out)
{
	struct auth_account account = { .name = q->account, .store = "" };

	if (span_eq(answer, SPAN_LIT("FAIL\n")))
		return AUTH_REJECTED;
	account.home = value_of(a, answer, "HOME");
	account.mail = value_of(a, answer, "MAILDIR");
	account.quota = value_of(a, answer, "QUOTA");
	account.options = value_of(a, answer, "OPTIONS");
	account.full_name = value_of(a, answer, "NAME");
	if (!ids_of(a, answer, &account) || account.home[0] != '/') {
		log_error("AUTHPIPE: the answer about %s needs UID and GID, or USERNAME, and an absolute HOME",
		    q->account);
		return AUTH_TROUBLE;
	}
	*out = account;
	return AUTH_OK;
}

static enum auth_result
question_about(struct program *p, struct arena *a, const struct auth_query *q, struct span question,
    struct auth_account *out)
{
	enum auth_result r = AUTH_TROUBLE;
	struct buf answer;

	buf_init(&answer, LONGEST);
	if (ask(p, question, &answer))
		r = understand(a, q, buf_view(&answer), out);
	secret_wipe(answer.at, answer.len);	/* it may tell passwords */
	buf_release(&answer);
	return r;
}

static enum auth_result
pipe_verify(void *state, struct arena *a, struct auth_query *q, struct span password, struct auth_account *out)
{
	size_t len = strlen(q->service) + strlen("\nlogin\n") + strlen(q->account) + 1 + password.len + 1;
	size_t room = len + 32;

	/* Nothing that would be a line of its own. */
	if (len >= LONGEST || span_index(password, '\n') < password.len || span_index(password, '\0') < password.len)
		return AUTH_REJECTED;
	char *question = arena_bytes(a, room);
	int n = snprintf(question, room, "AUTH %zu\n%s\nlogin\n%s\n%.*s\n", len, q->service, q->account,
	    (int)password.len, password.len ? password.at : "");
	enum auth_result r = question_about(state, a, q, span_of(question, (size_t)n), out);
	secret_wipe(question, room);
	return r;
}

static enum auth_result
pipe_lookup(void *state, struct arena *a, struct auth_query *q, struct auth_account *out)
{
	return question_about(state, a, q, span_str(arena_printf(a, "PRE . %s %s\n", q->service, q->account)), out);
}

const struct auth_module AUTH_MODULE_ENTRY = {
	.version = AUTH_MODULE_VERSION,
	.name = "pipe",
	.open = pipe_open,
	.close = pipe_close,
	.verify = pipe_verify,
	.lookup = pipe_lookup,
};
