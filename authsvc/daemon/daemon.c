/*
 * daemon.c - authdaemond's socket, for programs that look accounts up as Courier's do
 *
 *	asking		on the loop: bytes come until the question is whole, or its time is over
 *	waiting		in the queue, until a thread is free
 *	answering	on that thread; a long list is sent from there, too
 *	held back	on the loop again: a refusal whose time has not come
 *	gone
 */
#include "authsvc/daemon/daemon.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/listener.h>

#include "authsvc/daemon/daemon_answer.h"
#include "authsvc/daemon/daemon_socket.h"
#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"
#include "metrics/metrics.h"

#define THREADS 8
#define MOST_CLIENTS 512
#define ASK_S 10
#define SEND_MS 10000

struct client {
	struct daemon *daemon;
	struct client *next, **link;	/* among all clients; under the daemon's lock */
	struct client *behind;		/* in the queue; likewise                     */
	int fd;
	struct event *readable, *timer;	/* the timer: to ask, then to be held back    */
	struct buf in;
	int64_t begun;			/* when the question was whole                */
	struct daemon_request request;
	struct daemon_answer answer;
};

struct daemon {
	struct event_base *loop;
	struct auth *auth;
	char *path;
	struct daemon_socket socket;
	struct evconnlistener *listener;
	pthread_t threads[THREADS];
	size_t started;
	pthread_mutex_t lock;		/* of all below */
	pthread_cond_t work;
	struct client *clients, *first, **last;
	size_t count;
	bool ending;
};

static struct metric asked = {
	.name = "posthouse_auth_daemon_requests", .kind = METRIC_COUNTER,
	.help = "Questions at authdaemond's socket; those without an answer were malformed, or ran into trouble.",
	.labels = { "outcome" },
};
METRIC_REGISTER(asked);

static void
client_free(struct client *c)
{
	struct daemon *d = c->daemon;

	pthread_mutex_lock(&d->lock);
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	d->count--;
	pthread_mutex_unlock(&d->lock);
	event_free(c->readable);
	event_free(c->timer);
	close(c->fd);
	daemon_answer_release(&c->answer);
	if (c->in.at)
		secret_wipe(c->in.at, c->in.room);
	buf_release(&c->in);
	free(c);
}

/* Send the answer and be done. */
static void
finish(struct client *c)
{
	struct span text = buf_view(&c->answer.text);

	metric_add_at(&asked, text.len ? "answered" : "unanswered", NULL, 1);
	if (text.len && !io_send_all(c->fd, text, clock_mono_ms() + SEND_MS))
		log_debug("authdaemon: a client did not wait for its answer");
	client_free(c);
}

static void
enqueue(struct client *c)
{
	struct daemon *d = c->daemon;

	c->begun = clock_mono_ms();
	event_del(c->readable);
	event_del(c->timer);
	pthread_mutex_lock(&d->lock);
	*d->last = c;
	d->last = &c->behind;
	pthread_cond_signal(&d->work);
	pthread_mutex_unlock(&d->lock);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	/* All the room there will be, so that passwords are in one place only. */
	char *room = buf_reserve(&c->in, DAEMON_REQUEST_LONGEST - c->in.len);
	ssize_t n = recv(fd, room, DAEMON_REQUEST_LONGEST - c->in.len, MSG_DONTWAIT);

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_free(c);
		return;
	}
	buf_commit(&c->in, (size_t)n);
	switch (daemon_request_parse(buf_view(&c->in), &c->request)) {
	case DAEMON_MORE:
		break;
	case DAEMON_WHOLE:
		enqueue(c);
		break;
	case DAEMON_MALFORMED:
		log_info("authdaemon: a question that makes no sense");
		finish(c);
		break;
	}
}

/* It asked too slowly, or was held back for long enough: the answer is not there yet, or due. */
static void
on_time(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	finish(arg);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int len, void *arg)
{
	struct daemon *d = arg;
	struct client *c;

	(void)listener, (void)from, (void)len;
	pthread_mutex_lock(&d->lock);
	bool room = d->count < MOST_CLIENTS;
	pthread_mutex_unlock(&d->lock);
	if (!room) {
		log_warn("authdaemon: more than %d clients at once", MOST_CLIENTS);
		close(fd);
		return;
	}
	c = MEM_NEW(struct client);
	c->daemon = d;
	c->fd = fd;
	buf_init(&c->in, DAEMON_REQUEST_LONGEST);
	c->readable = event_new(d->loop, fd, EV_READ | EV_PERSIST, on_readable, c);
	c->timer = evtimer_new(d->loop, on_time, c);
	assert_that(c->readable && c->timer);
	pthread_mutex_lock(&d->lock);
	c->next = d->clients;
	c->link = &d->clients;
	if (c->next)
		c->next->link = &c->next;
	d->clients = c;
	d->count++;
	pthread_mutex_unlock(&d->lock);
	event_add(c->timer, &(struct timeval){ .tv_sec = ASK_S });
	event_add(c->readable, NULL);
}

/* NULL: the daemon ends. */
static struct client *
next_client(struct daemon *d)
{
	struct client *c;

	pthread_mutex_lock(&d->lock);
	while (!d->first && !d->ending)
		pthread_cond_wait(&d->work, &d->lock);
	c = d->first;
	if (c) {
		d->first = c->behind;
		if (!d->first)
			d->last = &d->first;
	}
	pthread_mutex_unlock(&d->lock);
	return c;
}

static bool
send_piece(void *arg, struct span bytes)
{
	const struct client *c = arg;

	return io_send_all(c->fd, bytes, clock_mono_ms() + SEND_MS);
}

static bool
is_ending(struct daemon *d)
{
	pthread_mutex_lock(&d->lock);
	bool ending = d->ending;
	pthread_mutex_unlock(&d->lock);
	return ending;
}

static void *
serve(void *arg)
{
	struct daemon *d = arg;

	for (struct client *c; (c = next_client(d)) != NULL;) {
		struct daemon_asker asker = { send_piece, c, c->begun };
		daemon_answer_make(d->auth, &c->request, &asker, &c->answer);
		int64_t ms = c->answer.hold_ms;
		if (ms && !is_ending(d))
			event_add(c->timer, &(struct timeval){ ms / 1000, ms % 1000 * 1000 });
		else
			finish(c);
	}
	return NULL;
}

static void
start(struct daemon *d)
{
	d->listener = evconnlistener_new(d->loop, on_accept, d, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0,
	    d->socket.fd);
	assert_that(d->listener);
	for (; d->started < THREADS; d->started++)
		if (pthread_create(&d->threads[d->started], NULL, serve, d) != 0)
			panic("no thread");
	log_info("authdaemon's socket is %s", d->path);
}

struct status
daemon_new(struct event_base *loop, struct auth *auth, const char *path, struct daemon **out)
{
	struct daemon *d;

	*out = NULL;
	if (!*path)
		return STATUS_FINE;
	d = MEM_NEW(struct daemon);
	d->loop = loop;
	d->auth = auth;
	d->path = mem_strdup(path);
	d->last = &d->first;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->work, NULL);
	struct status st = daemon_socket_make(path, &d->socket);
	if (status_ok(st)) {
		start(d);
		*out = d;
	} else {
		daemon_free(&d);
	}
	return st;
}

void
daemon_free(struct daemon **pd)
{
	struct daemon *d = *pd;

	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->ending = true;
	pthread_cond_broadcast(&d->work);
	pthread_mutex_unlock(&d->lock);
	for (size_t i = 0; i < d->started; i++)
		pthread_join(d->threads[i], NULL);
	for (struct client *c = d->clients, *next; c; c = next) {
		next = c->next;
		finish(c);
	}
	if (d->listener) {
		daemon_socket_remove(d->path, &d->socket);
		evconnlistener_free(d->listener);
	}
	pthread_cond_destroy(&d->work);
	pthread_mutex_destroy(&d->lock);
	free(d->path);
	free(d);
	*pd = NULL;
}
