/*
 * search_threads.c - look at many messages, on several cores
 */
#include "storesvc/search/search_threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define PIECE 16		/* messages a thread takes at a time         */
#define WORTH_A_THREAD 128	/* messages; starting one costs as much as a few */
#define MOST_HELPERS 15

struct work {
	struct mailbox *box;
	const struct search_program *program;
	const struct rpc_call *call;
	struct search_list *list;
	atomic_size_t next;		/* candidate nobody has taken yet */
	atomic_bool given_up;
};

/* Helpers of all searches of the process: no more than cores. */
static atomic_int helpers;

static void
look_at_piece(struct search_match *match, struct search_candidate *at, size_t count)
{
	for (size_t i = 0; i < count; i++)
		at[i].matches = search_match(match, &at[i].v);
}

static void *
look(void *arg)
{
	struct work *w = arg;
	struct search_match match;
	size_t from;

	search_match_init(&match, w->box, w->program);
	while (!atomic_load(&w->given_up) && (from = atomic_fetch_add(&w->next, PIECE)) < w->list->count) {
		size_t left = w->list->count - from;
		look_at_piece(&match, w->list->at + from, left < PIECE ? left : PIECE);
		if (w->call && !rpc_call_wanted(w->call))
			atomic_store(&w->given_up, true);
	}
	search_match_release(&match);
	return NULL;
}

static int
cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > MOST_HELPERS ? MOST_HELPERS : (int)n;
}

/* May one more thread help? Whoever gets true counts it off again. */
static bool
take_helper(void)
{
	if (atomic_fetch_add(&helpers, 1) < cores() - 1)
		return true;
	atomic_fetch_sub(&helpers, 1);
	return false;
}

bool
search_threads_run(struct mailbox *box, const struct search_program *program,
    const struct rpc_call *call, struct search_list *list)
{
	struct work w = { .box = box, .program = program, .call = call, .list = list };
	pthread_t thread[MOST_HELPERS];
	int started = 0;

	while (started < MOST_HELPERS && list->count / WORTH_A_THREAD > (size_t)started && take_helper()) {
		if (pthread_create(&thread[started], NULL, look, &w) != 0) {
			atomic_fetch_sub(&helpers, 1);
			break;
		}
		started++;
	}
	look(&w);
	for (int i = 0; i < started; i++) {
		pthread_join(thread[i], NULL);
		atomic_fetch_sub(&helpers, 1);
	}
	return !atomic_load(&w.given_up);
}
