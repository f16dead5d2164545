/*
 * rates - what `top` shows: figures of several processes as rates
 *
 * One sample is an object:
 *	services	an array: name, url, state, sessions, calls_s, failed_s, queued, busy, received_s, sent_s
 *	sessions	an object: how many, by protocol and state
 *	commands	an array: of whom (service), command, per_s, failed_s, mean_ms, p95_ms
 * A frontend's commands are its clients'; the others' are calls. What several processes of one kind did is added up, and of
 * times the worst 95th part is told.
 */
#ifndef CTL_RATES_H
#define CTL_RATES_H

#include "tools/ctl/place.h"
#include "tools/ctl/snapshot.h"

/* A process between two moments; `state`: "ready", "not ready", "away", "refuses". */
struct watched {
	struct place *place;
	const char *state;
	struct snapshot before, now;
};

json_t *rates_sample(const struct watched *all, size_t count);

/* By rate, or by time: the most first. */
enum rates_order { RATES_BY_RATE, RATES_BY_TIME };
void rates_sort(json_t *commands, enum rates_order order);

#endif
