/*
 * cost - what a server's processes have used: CPU and memory
 */
#include "bench/cost.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "bench/fail.h"

#define SETTLE_STEP_MS	60
#define SETTLE_MOST_MS	3000
#define SETTLE_QUIET_NS 1000000		/* less than this in a step: at rest */

struct process {
	pid_t pid, parent;
	uint64_t ticks;
	bool ours;
};

struct processes {
	struct process *items;
	size_t count, room;
};

/* A file of /proc or a cgroup; false when it is gone. They have no size to ask for. */
static bool
read_text(const char *path, struct buf *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf_reset(out);
	if (fd < 0)
		return false;
	while ((n = read(fd, buf_reserve(out, 4096), 4096)) > 0)
		buf_commit(out, (size_t)n);
	close(fd);
	return n == 0;
}

/* The number behind `key` at the start of a line; 0 when it is not there. */
static uint64_t
number_after(struct span text, const char *key)
{
	uint64_t n = 0;

	while (text.at) {
		struct span line = span_cut(&text, '\n');

		if (!span_starts(line, span_str(key)))
			continue;
		line = span_trim(span_skip(line, strlen(key)));
		if (span_number(span_cut(&line, ' '), UINT64_MAX, &n))
			break;
	}
	return n;
}

struct cost
cost_parse(const char *spec)
{
	struct span rest = span_str(spec), kind = span_cut(&rest, ':');
	struct cost c = { .dir = rest.at };
	uint64_t pid;

	if (span_eq(kind, SPAN_LIT("cgroup1")) && rest.len) {
		c.kind = COST_CGROUP1;
	} else if (span_eq(kind, SPAN_LIT("cgroup2")) && rest.len) {
		c.kind = COST_CGROUP2;
	} else if (span_eq(kind, SPAN_LIT("tree")) && rest.at && span_number(rest, INT32_MAX, &pid)) {
		c.kind = COST_TREE;
		c.pid = (pid_t)pid;
	} else {
		bench_fail("--cost=%s: not cgroup1:DIR, cgroup2:DIR or tree:PID", spec);
	}
	return c;
}

/* /proc/PID/stat; the name in parentheses may hold anything, so count from its end. */
static bool
read_process(pid_t pid, struct process *out)
{
	char path[64];
	struct buf text;
	struct span rest;
	uint64_t parent = 0, ticks = 0, n;
	bool there;

	buf_init(&text, 0);
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	there = read_text(path, &text) && text.len;
	rest = there ? buf_view(&text) : SPAN_LIT("");
	rest = span_skip(rest, span_rindex(rest, ')') + 2);
	for (int field = 3; rest.at && field <= 17; field++) {
		struct span word = span_cut(&rest, ' ');

		if (field == 4 && !span_number(word, INT32_MAX, &parent))
			there = false;
		if (field >= 14 && span_number(word, UINT64_MAX, &n))
			ticks += n;	/* utime, stime, and those of children waited for */
	}
	*out = (struct process){ pid, (pid_t)parent, ticks, false };
	buf_release(&text);
	return there;
}

static struct processes
read_processes(void)
{
	struct processes all = { NULL, 0, 0 };
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		bench_fail("/proc: %s", strerror(errno));
	while ((entry = readdir(proc))) {
		struct process p;
		uint64_t pid;

		if (!span_number(span_str(entry->d_name), INT32_MAX, &pid) || !read_process((pid_t)pid, &p))
			continue;
		MEM_GROW(all.items, all.count, &all.room);
		all.items[all.count++] = p;
	}
	closedir(proc);
	return all;
}

/* Mark root and all below it; parents need not come before children. */
static struct processes
read_tree(pid_t root)
{
	struct processes all = read_processes();
	bool grew = true;

	for (size_t i = 0; i < all.count; i++)
		all.items[i].ours = all.items[i].pid == root;
	while (grew) {
		grew = false;
		for (size_t i = 0; i < all.count; i++)
			for (size_t j = 0; j < all.count && !all.items[i].ours; j++)
				if (all.items[j].ours && all.items[j].pid == all.items[i].parent)
					grew = all.items[i].ours = true;
	}
	return all;
}

static uint64_t
tree_cpu_ns(pid_t root)
{
	struct processes all = read_tree(root);
	uint64_t ticks = 0;

	for (size_t i = 0; i < all.count; i++)
		ticks += all.items[i].ours ? all.items[i].ticks : 0;
	free(all.items);
	return ticks * (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK));
}

uint64_t
cost_cpu_ns(const struct cost *c)
{
	char path[512];
	struct buf text;
	uint64_t ns;

	if (c->kind == COST_TREE)
		return tree_cpu_ns(c->pid);
	buf_init(&text, 0);
	snprintf(path, sizeof(path), "%s/%s", c->dir, c->kind == COST_CGROUP1 ? "cpuacct.usage" : "cpu.stat");
	if (!read_text(path, &text))
		bench_fail("%s: %s", path, strerror(errno));
	ns = c->kind == COST_CGROUP1 ? number_after(buf_view(&text), "")
	                             : number_after(buf_view(&text), "usage_usec") * 1000;
	buf_release(&text);
	return ns;
}

uint64_t
cost_cpu_settled_ns(const struct cost *c)
{
	uint64_t now = cost_cpu_ns(c), before;
	int64_t begin = clock_mono_ms();

	do {
		before = now;
		usleep(SETTLE_STEP_MS * 1000);
		now = cost_cpu_ns(c);
	} while (now - before > SETTLE_QUIET_NS && clock_mono_ms() - begin < SETTLE_MOST_MS);
	return now;
}

/* Of /proc/stat: user nice system idle iowait irq softirq steal. */
uint64_t
cost_machine_cpu_ns(void)
{
	struct buf text;
	struct span rest;
	uint64_t ticks = 0, n;

	buf_init(&text, 0);
	if (!read_text("/proc/stat", &text))
		bench_fail("/proc/stat: %s", strerror(errno));
	rest = span_trim(span_skip(buf_view(&text), 4));
	for (int field = 0; field < 8; field++)
		if (span_number(span_cut(&rest, ' '), UINT64_MAX, &n) && field != 3 && field != 4)
			ticks += n;
	buf_release(&text);
	return ticks * (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK));
}

static uint64_t
process_memory_kib(uint64_t pid)
{
	char path[64];
	struct buf text;
	uint64_t kib = 0;

	buf_init(&text, 0);
	snprintf(path, sizeof(path), "/proc/%llu/smaps_rollup", (unsigned long long)pid);
	if (read_text(path, &text))
		kib = number_after(buf_view(&text), "Pss:");
	buf_release(&text);
	return kib;
}

static uint64_t
cgroup_memory_kib(const char *dir)
{
	char path[512];
	struct buf text;
	struct span rest;
	uint64_t kib = 0, pid;

	buf_init(&text, 0);
	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	if (!read_text(path, &text))
		bench_fail("%s: %s", path, strerror(errno));
	for (rest = buf_view(&text); rest.at;)
		if (span_number(span_cut(&rest, '\n'), INT32_MAX, &pid))
			kib += process_memory_kib(pid);
	buf_release(&text);
	return kib;
}

uint64_t
cost_memory_kib(const struct cost *c)
{
	struct processes all;
	uint64_t kib = 0;

	if (c->kind != COST_TREE)
		return cgroup_memory_kib(c->dir);
	all = read_tree(c->pid);
	for (size_t i = 0; i < all.count; i++)
		kib += all.items[i].ours ? process_memory_kib((uint64_t)all.items[i].pid) : 0;
	free(all.items);
	return kib;
}
