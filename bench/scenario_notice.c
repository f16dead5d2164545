/*
 * scenario_notice - a message comes; when do 200 watchers of the folder know?
 *
 * The watchers are in IDLE. Each round brings one message, by APPEND or by a
 * file renamed into new/ as delivery agents do, and ends when all have been
 * told `* n EXISTS`. The clock starts before the APPEND is sent, or before the
 * rename. Between rounds the watchers rest long enough for a server to put them
 * to sleep. "last" is the slowest watcher of a round, the median of all rounds.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "bench/accounts.h"
#include "bench/fail.h"
#include "bench/message.h"
#include "bench/outcome.h"
#include "bench/scenario.h"

#define WATCHERS   200
#define ROUNDS	   5
#define REST_S	   3
#define PATIENCE_S 15
#define FIRST_MESSAGE 500000	/* numbers that no folder holds yet */

struct notice {
	const struct scenario *scenario;
	const struct options *options;
	struct imap watchers[WATCHERS];
	uint64_t told_us[WATCHERS];
	struct imap poster;		/* only for APPEND */
	unsigned round;
	int poll;
	uint64_t posted_us;		/* when this round's message was on its way */
	struct samples all, last;
};

static void
open_watchers(struct notice *n)
{
	n->poll = epoll_create1(EPOLL_CLOEXEC);
	if (n->poll < 0)
		bench_fail("epoll: %s", strerror(errno));
	for (unsigned i = 0; i < WATCHERS; i++) {
		struct imap *im = &n->watchers[i];
		struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };

		imap_open(im, &n->options->target, false);
		imap_login(im, ACCOUNT_WATCHED);
		imap_command(im, "SELECT INBOX");
		imap_idle(im);
		if (epoll_ctl(n->poll, EPOLL_CTL_ADD, im->conn.fd, &event) < 0)
			bench_fail("epoll: %s", strerror(errno));
	}
}

/* As a delivery agent does: written in tmp/, renamed into new/; owned as the folder is. */
static void
deliver(struct notice *n, struct span bytes)
{
	char name[64], from[80], to[80], maildir[4096];
	struct stat owner;
	int dir, fd;

	snprintf(maildir, sizeof(maildir), "%s/" ACCOUNT_FORMAT "/Maildir", n->options->mail,
	         ACCOUNT_WATCHED);
	snprintf(name, sizeof(name), "%lld.M%uP%d.delivered", (long long)time(NULL), n->round, (int)getpid());
	snprintf(from, sizeof(from), "tmp/%s", name);
	snprintf(to, sizeof(to), "new/%s", name);
	dir = open(maildir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = dir < 0 ? -1 : openat(dir, from, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || !io_write_all(fd, bytes) || fstat(dir, &owner) < 0 ||
	    fchown(fd, owner.st_uid, owner.st_gid) < 0)
		bench_fail("deliver into %s: %s", maildir, strerror(errno));
	close(fd);
	n->posted_us = now_us();
	if (renameat(dir, from, dir, to) < 0)
		bench_fail("deliver into %s: %s", maildir, strerror(errno));
	close(dir);
}

static void *
post(void *arg)
{
	struct notice *n = arg;
	bool append = n->scenario->variant == NOTICE_APPEND;
	struct buf message;

	buf_init(&message, 0);
	if (append) {
		message_write_crlf(&message, FIRST_MESSAGE + n->round, 8192);
		n->posted_us = now_us();
		imap_append(&n->poster, "INBOX", buf_view(&message));
	} else {
		message_write(&message, FIRST_MESSAGE + n->round, 8192, false);
		deliver(n, buf_view(&message));
	}
	buf_release(&message);
	return NULL;
}

/* Until every watcher has heard that there are `expected` messages. */
static void
await_all(struct notice *n, uint32_t expected)
{
	struct epoll_event events[WATCHERS];
	uint64_t deadline = now_us() + PATIENCE_S * 1000000ull;
	unsigned told = 0;

	while (told < WATCHERS) {
		int count = epoll_wait(n->poll, events, WATCHERS, 1000);

		for (int i = 0; i < count; i++) {
			unsigned who = events[i].data.u32;

			imap_listen(&n->watchers[who]);
			if (n->told_us[who] || n->watchers[who].exists != expected)
				continue;
			n->told_us[who] = now_us();
			told++;
		}
		if (now_us() > deadline)
			bench_fail("only %u of %u watchers were told in %u s", told, WATCHERS, PATIENCE_S);
	}
}

static void
run_round(struct notice *n, uint32_t expected)
{
	pthread_t poster;
	uint64_t slowest = 0;

	sleep(REST_S);
	memset(n->told_us, 0, sizeof(n->told_us));
	if (pthread_create(&poster, NULL, post, n))
		bench_fail("cannot start a thread");
	await_all(n, expected);
	pthread_join(poster, NULL);
	for (unsigned i = 0; i < WATCHERS; i++) {
		uint64_t us = n->told_us[i] - n->posted_us;

		samples_add(&n->all, us);
		slowest = us > slowest ? us : slowest;
	}
	samples_add(&n->last, slowest);
}

void
scenario_notice(const struct scenario *s, const struct options *o)
{
	static struct notice n;
	struct outcome outcome = { .scenario = s->name, .ops = ROUNDS };
	struct usage before;
	uint32_t exists;

	n = (struct notice){ .scenario = s, .options = o };
	open_watchers(&n);
	exists = n.watchers[0].exists;
	if (s->variant == NOTICE_APPEND) {
		imap_open(&n.poster, &o->target, false);
		imap_login(&n.poster, ACCOUNT_WATCHED);
	} else if (!o->mail) {
		bench_fail("--mail is needed: where the Maildirs are");
	}
	before = usage_now(&o->cost);
	for (n.round = 0; n.round < ROUNDS; n.round++)
		run_round(&n, exists + n.round + 1);
	outcome_charge(&outcome, &o->cost, &before);
	samples_sort(&n.last);
	outcome.last_ms = samples_at(&n.last, 0.5);
	outcome.latencies = n.all;
	for (size_t i = 0; i < n.last.count; i++)
		outcome.wall_us += n.last.us[i];
	for (unsigned i = 0; i < WATCHERS; i++)
		imap_close(&n.watchers[i]);
	imap_close(&n.poster);
	close(n.poll);
	samples_release(&n.last);
	outcome_print(&outcome);
}
