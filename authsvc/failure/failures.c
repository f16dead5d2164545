/*
 * failures.c - guessing is made slow, mistyping is not
 */
#include "authsvc/failure/failures.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>

#include <openssl/rand.h>

#include "authsvc/failure/failure_count.h"
#include "authsvc/failure/failure_mark.h"
#include "authsvc/failure/failure_redis.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/panic.h"
#include "base/secret.h"
#include "metrics/metrics.h"

#define WINDOW_MS (15 * 60 * 1000)
#define LONGEST_DELAY_MS 15000
#define ACCOUNT_FREE 1		/* failures that cost no time */
#define ADDRESS_FREE 8
#define SPARE_MS 500		/* of the caller's time, for the answer's way back */
#define KEY_ROOM 320
#define MOST_WAITERS 64

struct failures {
	int64_t first_delay_ms, step_ms;
	size_t waiters;
	unsigned char key[FAILURES_KEY];
	struct failure_count *counts, *wrong;	/* `wrong`: of marks */
	struct failure_redis *redis;	/* NULL: none */
	pthread_mutex_t lock;	/* guards `until` */
	int64_t until[MOST_WAITERS];	/* when answers that are held back leave; the longest */
};

struct status
failures_new(const struct failures_options *options, struct failures **out)
{
	struct failures *f = MEM_NEW(struct failures);
	struct status st = STATUS_FINE;

	assert_that(options->waiters > 0 && options->waiters <= MOST_WAITERS);
	f->first_delay_ms = options->first_delay_ms;
	f->step_ms = options->step_ms;
	f->waiters = (size_t)options->waiters;
	if (options->key)
		memcpy(f->key, options->key, FAILURES_KEY);
	else
		assert_that(RAND_bytes(f->key, FAILURES_KEY) == 1);
	f->counts = failure_count_new(WINDOW_MS);
	f->wrong = failure_count_new(WINDOW_MS);
	pthread_mutex_init(&f->lock, NULL);
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
	failure_count_free(&(*f)->wrong);
	failure_redis_free(&(*f)->redis);
	pthread_mutex_destroy(&(*f)->lock);
	secret_wipe((*f)->key, FAILURES_KEY);
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

/* Are few enough held back now? */
static bool
has_room(struct failures *f, int64_t now)
{
	size_t held = 0;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->waiters; i++)
		held += f->until[i] > now;
	pthread_mutex_unlock(&f->lock);
	return held < f->waiters;
}

struct status
failures_admit(struct failures *f, const char *address)
{
	char room[KEY_ROOM];
	struct span key = address_key(address, room);
	int64_t now = clock_mono_ms(), last = now;

	if (f->first_delay_ms == 0 || !key.len || has_room(f, now))
		return STATUS_FINE;
	unsigned count = failure_count_get(f->counts, key, now, &last);
	if (now - last >= failures_delay_ms(f->first_delay_ms, count, ADDRESS_FREE))
		return STATUS_FINE;
	log_warn("too many failed logins from %s: turned away unheard", address);
	return status_make(STATUS_EXHAUSTED, "Too many failed logins, try again later");
}

/* Has this password been counted lately? Now it has. */
static bool
tried_before(struct failures *f, const char *account, struct span network, struct span password, int64_t now)
{
	struct failure_mark mark = failure_mark_make(f->key, FAILURES_KEY, account, network, password);
	struct span text = span_of(mark.text, sizeof(mark.text));
	bool here = failure_count_add(f->wrong, text, now) > 1, elsewhere = false;

	if (!here && f->redis && !failure_redis_mark(f->redis, text, &elsewhere))
		elsewhere = false;
	return here || elsewhere;
}

static struct metric wrong_passwords = {
	.name = "posthouse_auth_failures", .kind = METRIC_COUNTER,
	.help = "Failed logins, by whether they count: a wrong password tried again does not.", .labels = { "counted" },
};
METRIC_REGISTER(wrong_passwords);

/* The longer of the two delays. */
static int64_t
count(struct failures *f, const char *account, const char *address, struct span password)
{
	char account_room[KEY_ROOM], address_room[KEY_ROOM];
	struct span keys[2] = { account_key(account, account_room), address_key(address, address_room) };
	unsigned here[2] = { 0, 0 }, shared[2] = { 0, 0 };
	size_t places = keys[1].len ? 2 : 1;
	int64_t now = clock_mono_ms(), last;

	if (f->first_delay_ms == 0)
		return 0;
	bool again = password.len && tried_before(f, account, keys[1], password, now);
	metric_add_at(&wrong_passwords, again ? "no" : "yes", NULL, 1);
	for (size_t i = 0; i < places; i++)
		here[i] = again ? failure_count_get(f->counts, keys[i], now, &last) :
		    failure_count_add(f->counts, keys[i], now);
	if (f->redis && (again ? failure_redis_get : failure_redis_add)(f->redis, keys, places, shared)) {
		for (size_t i = 0; i < places; i++) {
			failure_count_set(f->counts, keys[i], shared[i]);
			here[i] = shared[i];
		}
	}
	int64_t for_account = failures_delay_ms(f->first_delay_ms, here[0], ACCOUNT_FREE);
	int64_t for_address = failures_delay_ms(f->first_delay_ms, here[1], ADDRESS_FREE);
	return for_account > for_address ? for_account : for_address;
}

int64_t
failures_count(struct failures *f, const char *account, const char *address)
{
	return count(f, account, address, span_of("", 0));
}

int64_t
failures_count_password(struct failures *f, const char *account, const char *address, struct span password)
{
	return count(f, account, address, password);
}

int64_t
failures_answer_at(const struct failures *f, int64_t begun, int64_t delay_ms)
{
	int64_t took = clock_mono_ms() - begun + delay_ms, step = f->step_ms;

	return begun + (step ? (took / step + 1) * step : took);	/* what took no time at all waits, too */
}

/* In the place of the one that leaves first. */
static void
note_held(struct failures *f, int64_t until)
{
	size_t first = 0;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 1; i < f->waiters; i++)
		if (f->until[i] < f->until[first])
			first = i;
	if (until > f->until[first])
		f->until[first] = until;
	pthread_mutex_unlock(&f->lock);
}

void
failures_hold(struct failures *f, int64_t begun, int64_t delay_ms, struct rpc_call *call)
{
	int64_t at = failures_answer_at(f, begun, delay_ms);

	if (call->deadline && at > call->deadline - SPARE_MS)
		at = call->deadline - SPARE_MS;
	call->answer_at = at;
	if (delay_ms > 0)
		note_held(f, at);
}

void
failures_forgive(struct failures *f, const char *account)
{
	char room[KEY_ROOM];
	struct span key = account_key(account, room);

	if (f->first_delay_ms == 0)
		return;
	failure_count_forget(f->counts, key);
	if (f->redis)
		failure_redis_forget(f->redis, key);
}
