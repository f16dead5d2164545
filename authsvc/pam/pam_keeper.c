/*
 * pam_keeper.c - a small process that forks one helper for each question
 */
#include "authsvc/pam/pam_keeper.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"

#define LONGEST 8192		/* bytes of a question or an answer */
#define KEEPERS_SOCKET 3	/* its descriptor in the keeper     */

struct pam_keeper {
	pam_help *help;
	void *arg;
	int limit_s;
	uid_t uid;		/* as whom the keeper was forked */
	pthread_mutex_t lock;	/* guards socket and pid */
	int socket;		/* -1: no keeper         */
	pid_t pid;
};

/* ---- in the helper ---- */

static _Noreturn void
help_one(const struct pam_keeper *k, int fd)
{
	static char question[LONGEST], answer[LONGEST];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGCHLD, SIG_DFL);	/* PAM modules wait for programs of their own */
	static const int usual[] = { SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGALRM };
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		signal(usual[i], SIG_DFL);
	alarm((unsigned)k->limit_s);

	ssize_t n = recv(fd, question, sizeof(question), 0);
	if (n > 0)
		n = k->help(k->arg, span_of(question, (size_t)n), answer, sizeof(answer));
	if (n > 0)
		(void)!send(fd, answer, (size_t)n, MSG_NOSIGNAL);
	_exit(0);
}

/* ---- in the keeper ---- */

/* The descriptor that came, -1 when authsvc has gone. */
static int
receive_descriptor(int socket)
{
	union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } control;
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1,
	    .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	ssize_t n;
	int fd;

	do
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/*
 * Only calls that are safe after a fork of a process with threads: a keeper that had to be
 * started again comes from one.
 */
static _Noreturn void
keep(const struct pam_keeper *k, int socket)
{
	if (dup2(socket, KEEPERS_SOCKET) < 0)
		_exit(1);
	close_range(KEEPERS_SOCKET + 1, ~0u, 0);	/* listeners above all */
	signal(SIGCHLD, SIG_IGN);	/* nobody asks how helpers ended */
	signal(SIGTERM, SIG_IGN);	/* it goes last, when its socket closes */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	prctl(PR_SET_NAME, "authsvc-pam");
	for (int fd; (fd = receive_descriptor(KEEPERS_SOCKET)) >= 0;) {
		pid_t pid = fork();
		if (pid == 0) {
			close(KEEPERS_SOCKET);
			help_one(k, fd);
		}
		close(fd);	/* without a helper the asker sees the end at once */
	}
	_exit(0);
}

/* ---- in authsvc ---- */

static void
start_locked(struct pam_keeper *k)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		log_error("cannot make sockets for PAM: %s", strerror(errno));
		return;
	}
	k->pid = fork();
	if (k->pid == 0)
		keep(k, pair[1]);
	close(pair[1]);
	if (k->pid < 0) {
		log_error("cannot fork for PAM: %s", strerror(errno));
		close(pair[0]);
		return;
	}
	k->socket = pair[0];
}

static void
stop_locked(struct pam_keeper *k)
{
	if (k->socket < 0)
		return;
	close(k->socket);
	k->socket = -1;
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

struct pam_keeper *
pam_keeper_new(pam_help *help, void *arg, int limit_s)
{
	struct pam_keeper *k = MEM_NEW(struct pam_keeper);

	*k = (struct pam_keeper){ .help = help, .arg = arg, .limit_s = limit_s, .uid = geteuid(), .socket = -1 };
	pthread_mutex_init(&k->lock, NULL);
	start_locked(k);
	return k;
}

void
pam_keeper_free(struct pam_keeper **k)
{
	if (!*k)
		return;
	stop_locked(*k);
	pthread_mutex_destroy(&(*k)->lock);
	free(*k);
	*k = NULL;
}

static bool
send_descriptor(int socket, int fd)
{
	union { struct cmsghdr align; char bytes[CMSG_SPACE(sizeof(int))]; } control = { .bytes = "" };
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1,
	    .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return socket >= 0 && sendmsg(socket, &m, MSG_NOSIGNAL) == 1;
}

/* Hand `fd` to the keeper, to a new one if the old one has gone: if this process may still be what the old one was. */
static bool
hand_over(struct pam_keeper *k, int fd)
{
	pthread_mutex_lock(&k->lock);
	bool ok = send_descriptor(k->socket, fd);
	if (!ok && geteuid() != k->uid) {
		log_error("the PAM keeper has gone, and only a new start of authsvc as root brings another");
	} else if (!ok) {
		log_warn("the PAM keeper has gone, starting another");
		stop_locked(k);
		start_locked(k);
		ok = send_descriptor(k->socket, fd);
	}
	pthread_mutex_unlock(&k->lock);
	return ok;
}

ssize_t
pam_keeper_ask(struct pam_keeper *k, struct span question, char *answer, size_t room)
{
	int pair[2];
	ssize_t n = -1;

	if (question.len > LONGEST || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	bool handed = hand_over(k, pair[1]);
	close(pair[1]);
	if (handed && send(pair[0], question.at, question.len, MSG_NOSIGNAL) == (ssize_t)question.len) {
		struct pollfd p = { .fd = pair[0], .events = POLLIN };
		int ready;
		do
			ready = poll(&p, 1, (k->limit_s + 1) * 1000);
		while (ready < 0 && errno == EINTR);
		if (ready > 0)
			n = recv(pair[0], answer, room, MSG_DONTWAIT);
	}
	close(pair[0]);
	return n > 0 ? n : -1;
}

pid_t
pam_keeper_pid(struct pam_keeper *k)
{
	pthread_mutex_lock(&k->lock);
	pid_t pid = k->socket < 0 ? -1 : k->pid;
	pthread_mutex_unlock(&k->lock);
	return pid;
}
