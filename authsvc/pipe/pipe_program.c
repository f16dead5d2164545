/*
 * pipe_program.c - a program that answers questions, one at a time
 */
#include "authsvc/pipe/pipe_program.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"

#define BUSY_MS 1000
#define ROOM 4096		/* bytes taken at a time */

struct pipe_program {
	char *path;
	pthread_mutex_t lock;	/* held for a question and its answer */
	pid_t pid;		/* 0: not running */
	int fd;
};

struct pipe_program *
pipe_program_new(const char *path)
{
	struct pipe_program *p = MEM_NEW(struct pipe_program);

	p->path = mem_strdup(path);
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

static void
stop(struct pipe_program *p)
{
	if (!p->pid)
		return;
	close(p->fd);
	kill(-p->pid, SIGKILL);		/* and what it started */
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	p->pid = 0;
}

void
pipe_program_free(struct pipe_program **p)
{
	if (!*p)
		return;
	stop(*p);
	pthread_mutex_destroy(&(*p)->lock);
	free((*p)->path);
	free(*p);
	*p = NULL;
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
start(struct pipe_program *p)
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
is_whole(struct span answer)
{
	return span_eq(answer, SPAN_LIT("FAIL\n")) || span_eq(answer, SPAN_LIT("OK\n")) ||
	    span_eq(answer, SPAN_LIT(".\n")) || span_ends(answer, SPAN_LIT("\n.\n"));
}

/* Lines up to the one that ends them. */
static bool
receive(int fd, struct buf *answer, int64_t deadline)
{
	while (!answer->full && io_wait(fd, POLLIN, deadline)) {
		char *room = buf_reserve(answer, ROOM);
		if (!room)
			return false;
		ssize_t n = recv(fd, room, ROOM, MSG_DONTWAIT);
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
converse(struct pipe_program *p, struct span question, int64_t patience_ms, struct buf *answer)
{
	int64_t deadline = clock_mono_ms() + patience_ms;

	if (p->pid && io_wait(p->fd, POLLIN, clock_mono_ms() + 1))
		stop(p);
	if (!start(p))
		return false;
	if (io_send_all(p->fd, question, deadline) && receive(p->fd, answer, deadline))
		return true;
	log_error("AUTHPIPE: %s gave no answer", p->path);
	stop(p);
	return false;
}

bool
pipe_program_ask(struct pipe_program *p, struct span question, int64_t patience_ms, struct buf *answer)
{
	int64_t until = clock_mono_ms() + BUSY_MS;
	struct timespec t = { .tv_sec = until / 1000, .tv_nsec = until % 1000 * 1000000 };

	if (pthread_mutex_clocklock(&p->lock, CLOCK_MONOTONIC, &t) != 0) {
		log_error("AUTHPIPE: %s is busy for too long", p->path);
		return false;
	}
	bool answered = converse(p, question, patience_ms, answer);
	pthread_mutex_unlock(&p->lock);
	return answered;
}
