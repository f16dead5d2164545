/*
 * failures.c - guessing is made slow, mistyping is not
 */
#include "authsvc/failure/failures.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#include "authsvc/failure/failure_count.h"
#include "authsvc/failure/failure_redis.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define WINDOW_MS (15 * 60 * 1000)
#define LONGEST_DELAY_MS 15000
#define ACCOUNT_FREE 1		/* failures that cost no time */
#define ADDRESS_FREE 8
#define SPARE_MS 500		/* of the caller's time, for the answer's way back */
#define LOOK_MS 200		/* how often a waiter sees whether its caller is still there */
#define KEY_ROOM 320

struct failures {
	int64_t first_delay_ms;
	int waiters;
	struct failure_count *counts;
	struct failure_redis *redis;	/* NULL: none */
	pthread_mutex_t lock;	/* guards waiting and hurry */
	pthread_cond_t changed;
	int waiting;
	bool hurry;
};

struct status
failures_new(const struct failures_options *options, struct failures **out)
{
	struct failures *f = MEM_NEW(struct failures);
	struct status st = STATUS_FINE;
	pthread_condattr_t monotonic;

	f->first_delay_ms = options->first_delay_ms;
	f->waiters = options->waiters;
	f->counts = failure_count_new(WINDOW_MS);
	pthread_mutex_init(&f->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&f->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (options->redis_url && *options->redis_url)
		st = failure_redis_new(options->redis_url, WINDOW_MS, &f->redis);
	if (status_ok(st))
		*out = f;
	else
		failures_free(&f);
	return st;
}

void
failures_free(struct failures **f)
{
	if (!*f)
		return;
	failure_count_free(&(*f)->counts);
	failure_redis_free(&(*f)->redis);
	pthread_cond_destroy(&(*f)->changed);
	pthread_mutex_destroy(&(*f)->lock);
	free(*f);
	*f = NULL;
}

int64_t
failures_delay_ms(int64_t first_delay_ms, unsigned count, unsigned free)
{
	int64_t delay = first_delay_ms;

	if (count <= free)
		return 0;
	for (unsigned n = free + 1; n < count && delay < LONGEST_DELAY_MS; n++)
		delay *= 2;
	return delay < LONGEST_DELAY_MS ? delay : LONGEST_DELAY_MS;
}

static struct span
account_key(const char *account, char room[KEY_ROOM])
{
	int len = snprintf(room, KEY_ROOM, "account:%s", account);

	return span_of(room, len < KEY_ROOM ? (size_t)len : KEY_ROOM - 1);
}

/* Empty for an address that does not count: loopback, or none that can be read. */
static struct span
address_key(const char *address, char room[KEY_ROOM])
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr v4;
	struct in6_addr v6;

	if (strncasecmp(address, "::ffff:", 7) == 0 && strchr(address, '.'))
		address += 7;
	if (inet_pton(AF_INET, address, &v4) == 1) {
		if ((ntohl(v4.s_addr) >> 24) == 127)
			return span_of(NULL, 0);
		inet_ntop(AF_INET, &v4, text, sizeof(text));
	} else if (inet_pton(AF_INET6, address, &v6) == 1 && !IN6_IS_ADDR_LOOPBACK(&v6)) {
		memset(v6.s6_addr + 8, 0, 8);
		inet_ntop(AF_INET6, &v6, text, sizeof(text));
	} else {
		return span_of(NULL, 0);
	}
	return span_of(room, (size_t)snprintf(room, KEY_ROOM, "address:%s", text));
}

struct status
failures_admit(struct failures *f, const char *address)
{
	char room[KEY_ROOM];
	struct span key = address_key(address, room);
	int64_t now = clock_mono_ms(), last = now;

	if (f->first_delay_ms == 0 || !key.len)
		return STATUS_FINE;
	pthread_mutex_lock(&f->lock);
	bool space = f->waiting < f->waiters;
	pthread_mutex_unlock(&f->lock);
	if (space)
		return STATUS_FINE;
	unsigned count = failure_count_get(f->counts, key, now, &last);
	if (now - last >= failures_delay_ms(f->first_delay_ms, count, ADDRESS_FREE))
		return STATUS_FINE;
	log_warn("too many failed logins from %s: turned away unheard", address);
	return status_make(STATUS_EXHAUSTED, "Too many failed logins, try again later");
}

/* The longer of the two delays. */
int64_t
failures_count(struct failures *f, const char *account, const char *address)
{
	char account_room[KEY_ROOM], address_room[KEY_ROOM];
	struct span keys[2] = { account_key(account, account_room), address_key(address, address_room) };
	unsigned local[2] = { 0, 0 }, shared[2] = { 0, 0 };
	size_t count = keys[1].len ? 2 : 1;
	int64_t now = clock_mono_ms();

	if (f->first_delay_ms == 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		local[i] = failure_count_add(f->counts, keys[i], now);
	if (f->redis && failure_redis_add(f->redis, keys, count, shared)) {
		for (size_t i = 0; i < count; i++) {
			failure_count_raise(f->counts, keys[i], shared[i]);
			local[i] = shared[i] > local[i] ? shared[i] : local[i];
		}
	}
	int64_t for_account = failures_delay_ms(f->first_delay_ms, local[0], ACCOUNT_FREE);
	int64_t for_address = failures_delay_ms(f->first_delay_ms, local[1], ADDRESS_FREE);
	return for_account > for_address ? for_account : for_address;
}

static struct timespec
moment(int64_t ms)
{
	return (struct timespec){ ms / 1000, ms % 1000 * 1000000 };
}

void
failures_wait(struct failures *f, int64_t delay_ms, const struct rpc_call *call)
{
	int64_t end = clock_mono_ms() + delay_ms;

	if (call->deadline && end > call->deadline - SPARE_MS)
		end = call->deadline - SPARE_MS;
	pthread_mutex_lock(&f->lock);
	if (f->waiting < f->waiters) {
		f->waiting++;
		for (int64_t now; !f->hurry && (now = clock_mono_ms()) < end && rpc_call_wanted(call);) {
			struct timespec look = moment(now + LOOK_MS < end ? now + LOOK_MS : end);
			pthread_cond_timedwait(&f->changed, &f->lock, &look);
		}
		f->waiting--;
	}
	pthread_mutex_unlock(&f->lock);
}

void
failures_forgive(struct failures *f, const char *account)
{
	char room[KEY_ROOM];
	struct span key = account_key(account, room);

	/* What only another authsvc has counted is forgotten when its time is over. */
	if (failure_count_forget(f->counts, key) && f->redis)
		failure_redis_forget(f->redis, key);
}

void
failures_hurry(struct failures *f)
{
	pthread_mutex_lock(&f->lock);
	f->hurry = true;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
}
