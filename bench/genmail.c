/*
 * genmail - fill the benchmark's accounts with mail
 *
 *	genmail DIR	writes DIR/<account>/Maildir/{cur,new,tmp} for all of accounts.h
 *
 * Everything is in cur/ under plain names (`<time>.M<usec>P<pid>.<host>:2,<flags>`),
 * so every server has to index the same thing. The same bytes and names in
 * every run. The mtime, which servers serve as INTERNALDATE, is the message's.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "bench/accounts.h"
#include "bench/fail.h"
#include "bench/message.h"

static const char *const flag_sets[] = { "S", "S", "S", "", "RS", "S", "FS", "", "S", "F" };

static int
make_dir(int parent, const char *name)
{
	int fd;

	if (mkdirat(parent, name, 0755) < 0 && errno != EEXIST)
		bench_fail("mkdir %s: %s", name, strerror(errno));
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		bench_fail("open %s: %s", name, strerror(errno));
	return fd;
}

static void
write_message_file(int cur, unsigned number, struct span bytes)
{
	struct timespec times[2] = { { message_date(number), 0 }, { message_date(number), 0 } };
	char name[96];
	int fd;

	snprintf(name, sizeof(name), "%lld.M%06uP%u.bench:2,%s", (long long)message_date(number),
	         number % 1000000, 1000 + number % 20000, flag_sets[number % 10]);
	fd = openat(cur, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || !io_write_all(fd, bytes) || futimens(fd, times) < 0)
		bench_fail("%s: %s", name, strerror(errno));
	close(fd);
}

/*
 * A folder that was just changed is one that a server must look at again, for
 * times have limits of resolution: these folders have been at rest for an hour.
 */
static void
let_rest(int maildir, const char *name)
{
	struct timespec times[2] = { { time(NULL) - 3600, 0 }, { time(NULL) - 3600, 0 } };

	if (utimensat(maildir, name, times, 0) < 0)
		bench_fail("%s: %s", name, strerror(errno));
}

/* `rare`: how many of the messages hold the rare word, spread over the folder. */
static void
fill(int root, unsigned account, unsigned messages, size_t size, unsigned rare)
{
	char name[64];
	struct buf b;
	int home, maildir, cur;

	snprintf(name, sizeof(name), ACCOUNT_FORMAT, account);
	home = make_dir(root, name);
	maildir = make_dir(home, "Maildir");
	cur = make_dir(maildir, "cur");
	close(make_dir(maildir, "new"));
	close(make_dir(maildir, "tmp"));
	buf_init(&b, 0);
	for (unsigned i = 0; i < messages; i++) {
		buf_reset(&b);
		message_write(&b, i, size, rare && i % (messages / rare) == messages / rare / 2);
		write_message_file(cur, i, buf_view(&b));
	}
	buf_release(&b);
	let_rest(maildir, "cur");
	let_rest(maildir, "new");
	close(cur);
	close(maildir);
	close(home);
}

int
main(int argc, char **argv)
{
	int root;

	if (argc != 2)
		bench_fail("usage: genmail DIR");
	root = make_dir(AT_FDCWD, argv[1]);
	for (unsigned account = ACCOUNT_FIRST; account <= ACCOUNT_LAST; account++)
		fill(root, account, account <= ACCOUNT_MIX_LAST ? MIX_MESSAGES : 0, 8192, 0);
	fill(root, ACCOUNT_TEN, TEN_MESSAGES, 8192, RARE_MESSAGES);
	fill(root, ACCOUNT_HUNDRED, HUNDRED_MESSAGES, 1024, 0);
	fill(root, ACCOUNT_FIFTY, 1, FIFTY_BYTES, 0);
	fill(root, ACCOUNT_POP3, POP3_MESSAGES, 8192, 0);
	fill(root, ACCOUNT_WATCHED, WATCHED_MESSAGES, 8192, 0);
	fill(root, ACCOUNT_SHARED, SHARED_MESSAGES, 8192, 0);
	return 0;
}
