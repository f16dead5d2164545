/*
 * scenario - one thing to measure, under the name it has in the results
 *
 * loadgen.c lists them all. A scenario measures, prints one line through
 * outcome_print, and returns; what goes wrong ends the program.
 */
#ifndef BENCH_SCENARIO_H
#define BENCH_SCENARIO_H

#include "bench/cost.h"
#include "bench/imap.h"
#include "bench/samples.h"

struct options {
	struct target target;
	struct cost cost;
	const char *mail;	/* where accounts' Maildirs are, for deliveries */
	unsigned seconds;	/* how long a repeated operation is repeated   */
};

struct scenario {
	const char *name;
	void (*run)(const struct scenario *s, const struct options *o);
	unsigned variant;	/* its meaning is the function's */
	const char *what;
};

enum login_variant { LOGIN_PLAIN, LOGIN_TLS };
enum notice_variant { NOTICE_APPEND, NOTICE_FILE };
enum fetch_variant { FETCH_FLAGS, FETCH_WARM, FETCH_COLD, FETCH_BODIES, FETCH_BODIES_TLS, FETCH_BIG };
enum pop3_variant { POP3_PLAIN, POP3_TLS };

void scenario_login(const struct scenario *s, const struct options *o);
void scenario_idle(const struct scenario *s, const struct options *o);	/* variant: sessions */
void scenario_notice(const struct scenario *s, const struct options *o);
void scenario_append(const struct scenario *s, const struct options *o);
void scenario_select(const struct scenario *s, const struct options *o); /* variant: account */
void scenario_fetch(const struct scenario *s, const struct options *o);
void scenario_search(const struct scenario *s, const struct options *o);
void scenario_store_all(const struct scenario *s, const struct options *o);
void scenario_store_single(const struct scenario *s, const struct options *o); /* variant: account */
void scenario_mix(const struct scenario *s, const struct options *o);
void scenario_pop3(const struct scenario *s, const struct options *o);

#endif
