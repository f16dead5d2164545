/*
 * boxes_room.c - closing mailboxes to make room for others
 *
 * Three things are scarce: memory, the process's descriptors, and of those the share of one account. The keeper closes
 * what is too much, before it is. Who needs room at once closes a mailbox of its own account, or has the keeper close
 * another's; only while that does not get on it does so itself. Of one account few are being closed at a time: a
 * disk that does not answer holds up so many threads, not all who need room.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io_open.h"
#include "base/log.h"
#include "storesvc/account/boxes_inside.h"

#define MAILBOXES_MOST 20000		/* however much memory and descriptors there are */
#define MAILBOXES_LEAST 4
#define CLOSING_MOST 2			/* of one account, at a time */
#define KEEPER_MS 1000			/* how long the keeper may be silent */
#define WAIT_MS 10
#define RELIEF 16			/* how many are closed when descriptors have run out */

/* Half of the limit: the other half is for connections, and for the files that calls read and write. */
size_t
boxes_descriptors_most(void)
{
	const size_t least = MAILBOXES_LEAST * MAILBOX_DESCRIPTORS_MOST;
	const size_t most = (size_t)MAILBOXES_MOST * MAILBOX_DESCRIPTORS_MOST;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur / 2 > most)
		return most;
	return limit.rlim_cur / 2 < least ? least : limit.rlim_cur / 2;
}

/* No account has more than half of all that may be open. */
static bool
has_its_share(const struct open_boxes *b, struct account *account)
{
	return account_boxes(account)->open >= b->descriptors_most / MAILBOX_DESCRIPTORS_MOST / 2;
}

static bool
may_close(const struct open_box *e, int64_t now, bool leased_too)
{
	return e->state == BOX_OPEN && mailbox_unused(e->box) && account_boxes(e->account)->closing < CLOSING_MOST &&
	    (e->deleted || leased_too || e->leased_until <= now);
}

/* The one used longest ago, of `only` or of all accounts; those somebody waits on last. */
static struct open_box *
find_oldest(struct open_boxes *b, const struct account *only, bool leased_too)
{
	int64_t now = clock_mono_ms();

	for (struct open_box *e = b->oldest; e; e = e->newer) {
		if ((!only || e->account == only) && may_close(e, now, false))
			return e;
	}
	for (struct open_box *e = b->oldest; e && leased_too; e = e->newer) {
		if ((!only || e->account == only) && may_close(e, now, true))
			return e;
	}
	return NULL;
}

/* Lock held, let go meanwhile. */
static void
close_for_room(struct open_boxes *b, struct open_box *e, struct account *entered)
{
	struct account *account = e->account;

	account_ref(account);
	account_boxes(account)->closing++;
	boxes_close(b, e, true, entered);
	account_boxes(account)->closing--;
	account_put(&account);
}

/* Somebody else's: the keeper's work, as long as it does any. */
static bool
make_others_leave(struct open_boxes *b, struct account *account, int64_t deadline)
{
	int64_t now = clock_mono_ms();
	struct open_box *e = NULL;

	if (now - b->kept_at >= KEEPER_MS)
		e = find_oldest(b, NULL, true);
	if (e) {
		close_for_room(b, e, account);
		return true;
	}
	if (now >= deadline)
		return false;
	b->room_wanted = true;
	pthread_cond_signal(&b->work);
	boxes_wait_ms(b, WAIT_MS);
	return true;
}

bool
boxes_make_room(struct open_boxes *b, struct account *account, int64_t deadline)
{
	bool crowded = b->descriptors + MAILBOX_DESCRIPTORS_MOST > b->descriptors_most;

	if (!crowded && !has_its_share(b, account))
		return false;
	struct open_box *e = find_oldest(b, account, !crowded);
	if (e)
		close_for_room(b, e, account);
	return e || (crowded && make_others_leave(b, account, deadline));
}

static bool
has_run_out(void)
{
	int fd = io_open_dir(AT_FDCWD, "/");
	int error = errno;

	if (fd >= 0)
		close(fd);
	return fd < 0 && (error == EMFILE || error == ENFILE);
}

bool
boxes_relieve(struct open_boxes *b, struct account *entered)
{
	struct open_box *e;
	unsigned closed = 0;

	if (!has_run_out())
		return false;
	pthread_mutex_lock(&b->lock);
	while (closed < RELIEF && (e = find_oldest(b, NULL, true))) {
		close_for_room(b, e, entered);
		closed++;
	}
	pthread_mutex_unlock(&b->lock);
	log_warn("no descriptors left: %u mailboxes were closed", closed);
	return closed > 0;
}

/* One that has to go: deleted, or used longest ago while there are too many. */
static struct open_box *
find_victim(struct open_boxes *b, size_t most)
{
	const size_t memory = (size_t)b->store->config.mailbox_memory;
	int64_t now = clock_mono_ms();

	for (struct open_box *e = b->oldest; e; e = e->newer) {
		if (e->deleted && may_close(e, now, true))
			return e;
	}
	if (b->memory <= memory && b->descriptors <= most)
		return NULL;
	return find_oldest(b, NULL, b->memory >= 2 * memory || b->descriptors > most);
}

/* From fifteen sixteenths on there is room made for one sixteenth, so that those who open mailboxes seldom wait. */
void
boxes_evict(struct open_boxes *b)
{
	struct open_box *e;

	pthread_mutex_lock(&b->lock);
	b->kept_at = clock_mono_ms();
	boxes_count_descriptors(b);
	size_t most = b->descriptors_most / 16 * 15;
	if (b->room_wanted || b->descriptors > most)
		most = b->descriptors_most / 16 * 14;
	while ((e = find_victim(b, most))) {
		close_for_room(b, e, NULL);
		b->kept_at = clock_mono_ms();
	}
	b->room_wanted = false;
	pthread_mutex_unlock(&b->lock);
}

void
boxes_wait_for_work(struct open_boxes *b, int64_t ms)
{
	struct timespec until = boxes_after_ms(ms);

	pthread_mutex_lock(&b->lock);
	if (!b->room_wanted && !b->stopped)
		(void)pthread_cond_timedwait(&b->work, &b->lock, &until);
	pthread_mutex_unlock(&b->lock);
}

void
boxes_stop_work(struct open_boxes *b)
{
	pthread_mutex_lock(&b->lock);
	b->stopped = true;
	pthread_cond_signal(&b->work);
	pthread_mutex_unlock(&b->lock);
}
