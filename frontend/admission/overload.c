/*
 * overload.c - calls, memory, handshakes
 */
#include "frontend/admission/overload.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/span.h"
#include "metrics/metrics.h"

static struct metric turned_away = {
	.name = "posthouse_overload_refusals", .kind = METRIC_COUNTER,
	.help = "Connections turned away because there was too much to do already: calls, memory, or handshakes.",
	.labels = { "reason" },
};
METRIC_REGISTER(turned_away);

struct overload {
	struct overload_limits limits;
	atomic_bool short_of_memory;
	_Atomic int64_t handshakes;
};

struct overload *
overload_new(const struct overload_limits *limits)
{
	struct overload *o = MEM_NEW(struct overload);

	o->limits = *limits;
	return o;
}

void
overload_free(struct overload **op)
{
	free(*op);
	*op = NULL;
}

/* --- memory ------------------------------------------------------------------------------ */

/* The number at the beginning of `file`, after `skip` other ones; 0: there is none. */
static int64_t
number_in(const char *file, int skip)
{
	char line[128] = "";
	FILE *f = fopen(file, "re");
	uint64_t number = 0;

	if (!f)
		return 0;
	if (!fgets(line, sizeof(line), f))
		*line = '\0';
	fclose(f);
	struct span rest = span_trim(span_str(line)), word = span_cut(&rest, ' ');
	while (skip-- > 0)
		word = span_cut(&rest, ' ');
	return span_number(word, INT64_MAX, &number) ? (int64_t)number : 0;
}

/* "max" in the file is no number: no limit. */
static int64_t
memory_limit(const struct overload *o)
{
	if (o->limits.memory)
		return o->limits.memory;
	return number_in("/sys/fs/cgroup/memory.max", 0) / 10 * 9;
}

void
overload_look(struct overload *o)
{
	int64_t limit = memory_limit(o);
	int64_t resident = number_in("/proc/self/statm", 1) * sysconf(_SC_PAGESIZE);
	bool is_short = limit && resident > limit;

	if (is_short && !atomic_load(&o->short_of_memory))
		log_warn("short of memory: %lld of %lld MiB; new connections are turned away",
		    (long long)(resident >> 20), (long long)(limit >> 20));
	if (!is_short && atomic_load(&o->short_of_memory))
		log_info("memory suffices again");
	atomic_store(&o->short_of_memory, is_short);
}

/* --- questions ------------------------------------------------------------------------------ */

static const char *
refuse(const char *reason)
{
	metric_add_at(&turned_away, reason, NULL, 1);
	return "The server is busy, please try again later";
}

const char *
overload_reason(struct overload *o, int64_t calls)
{
	if (o->limits.calls && calls >= o->limits.calls)
		return refuse("calls");
	if (atomic_load_explicit(&o->short_of_memory, memory_order_relaxed))
		return refuse("memory");
	return NULL;
}

bool
overload_handshake_room(struct overload *o)
{
	if (!o->limits.handshakes || atomic_load(&o->handshakes) < o->limits.handshakes)
		return true;
	refuse("handshakes");
	return false;
}

void
overload_handshakes(struct overload *o, int change)
{
	atomic_fetch_add(&o->handshakes, change);
}
