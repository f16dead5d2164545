/*
 * race_test.c - fetching and searching while everything changes
 *
 * Two threads fetch and search, one appends, flags and expunges, so that the
 * cache is compacted now and then. Whatever is answered is a whole answer, and
 * the truth about the message it names. Best run with SAN=thread.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/test.h"
#include "storesvc/fetch/test_fetch.h"
#include "storesvc/read/facts.h"
#include "storesvc/search/search.h"

#define ROUNDS 2500
#define ALIVE 40		/* messages, about */

static struct test_box box;
static atomic_bool over;
static atomic_uint answers, failures;

/* What is in message `uid`: its number, in three places. */
static struct span
message_of(struct arena *a, uint32_t uid)
{
	return span_str(arena_printf(a, "Subject: number-%u-\r\n\r\n%.*sbody-%u-\r\n", uid, (int)(uid % 60),
	    "some more words to make it longer, or not so much longer as", uid));
}

static void
expect(bool truth, const char *what, struct span answer)
{
	if (truth)
		return;
	if (atomic_fetch_add(&failures, 1) == 0)
		print_error("%s: %.*s\n", what, (int)answer.len, answer.at);
}

/* "* n FETCH (UID n ENVELOPE (...number-n-...) BODY[] {..}...body-n-...)": one after the other. */
static void
check_answer(struct span all)
{
	while (all.len) {
		struct span rest = all;
		uint64_t uid, size;
		struct arena a;
		size_t at = span_index(all, '(');
		rest = span_skip(all, at + sizeof("(UID ") - 1);
		bool fine = at < all.len && span_number(span_cut(&rest, ' '), UINT32_MAX, &uid);
		expect(fine, "no UID", all);
		if (!fine)
			return;
		arena_init(&a, 0);
		struct span message = message_of(&a, (uint32_t)uid);
		char *subject = arena_printf(&a, "number-%llu-", (unsigned long long)uid);
		size_t open = span_index(rest, '{'), close = span_index(rest, '}');
		fine = open < close && span_number(span_of(rest.at + open + 1, close - open - 1), rest.len, &size);
		expect(fine, "no literal", all);
		expect(memmem(rest.at, open < rest.len ? open : rest.len, subject, strlen(subject)), "wrong envelope", all);
		rest = span_skip(rest, close + 3);
		expect(span_starts(rest, message), "wrong body", all);
		rest = span_skip(rest, fine ? (size_t)size : rest.len);
		size_t end = span_index(rest, '\n');
		expect(end < rest.len && rest.at[end - 2] == ')', "no end", all);
		all = span_skip(rest, end + 1);
		arena_release(&a);
		atomic_fetch_add(&answers, 1);
	}
}

static void
last_uids(uint32_t *first, uint32_t *last)
{
	mailbox_lock_read(box.box);
	*last = mailbox_uidnext(box.box) - 1;
	mailbox_unlock(box.box);
	*first = *last > 2 * ALIVE ? *last - 2 * ALIVE : 1;
}

static void *
fetch_on_and_on(void *arg)
{
	unsigned round = 0;
	struct arena a;

	(void)arg;
	arena_init(&a, 0);
	while (!atomic_load(&over)) {
		struct test_fetch f;
		uint32_t first, last;
		last_uids(&first, &last);
		test_fetch_init(&f, &box, &a, first, last);
		f.request.by_uid = true;
		test_fetch_item(&f, "ENVELOPE");
		test_fetch_item(&f, "BODY.PEEK[]");
		f.items[1]->peek = ++round % 2;
		check_answer(test_fetch_run(&f));
		test_fetch_release(&f);
		arena_reset(&a);
	}
	arena_release(&a);
	return NULL;
}

static void *
search_on_and_on(void *arg)
{
	struct arena a;

	(void)arg;
	arena_init(&a, 0);
	while (!atomic_load(&over)) {
		Posthouse__SearchRequest in = POSTHOUSE__SEARCH_REQUEST__INIT;
		Posthouse__SearchKey key = POSTHOUSE__SEARCH_KEY__INIT;
		Posthouse__Run run = POSTHOUSE__RUN__INIT, *runs[] = { &run };
		struct uidset found;
		uint64_t modseq;
		uint32_t first, last;
		last_uids(&first, &last);
		run.first = 1;
		run.last = last;
		key.kind = last % 2 ? POSTHOUSE__SEARCH_KEY__KIND__HEADER : POSTHOUSE__SEARCH_KEY__KIND__BODY;
		key.field = arena_strdup(&a, "Subject");
		key.text = arena_printf(&a, "%s-%u-", last % 2 ? "number" : "body", last);
		in.key = &key;
		in.within = runs;
		in.n_within = 1;
		uidset_init(&found);
		bool fine = status_ok(search_run(box.box, &in, &a, NULL, &found, &modseq));
		/* It may be gone by now; nothing else may be found. */
		uidset_remove(&found, last, last);
		expect(fine && found.size == 0, "search", span_str(key.text));
		uidset_release(&found);
		arena_reset(&a);
	}
	arena_release(&a);
	return NULL;
}

static void
change_everything(void)
{
	struct arena a;

	arena_init(&a, 0);
	for (unsigned i = 1; i < ROUNDS; i++) {
		uint32_t uid = i + 1;
		assert_int_equal(test_mail_append(&box, message_of(&a, uid)), uid);
		if (i % 3 == 0)
			test_box_flag(&box, uid > ALIVE ? uid - ALIVE : 1, uid, i % 2 ? FLAGS_ADD : FLAGS_REMOVE, "\\Flagged");
		if (uid > ALIVE && i % 4 == 0) {
			test_box_flag(&box, uid > 2 * ALIVE ? uid - 2 * ALIVE : 1, uid - ALIVE, FLAGS_ADD, "\\Deleted");
			assert_true(status_ok(mailbox_expunge(box.box, NULL, NULL)));
		}
		arena_reset(&a);
	}
	arena_release(&a);
}

static void
test_everything_at_once(void **state)
{
	pthread_t thread[3];
	struct arena a;

	(void)state;
	test_box_init(&box);
	test_box_open(&box);
	arena_init(&a, 0);
	assert_int_equal(test_mail_append(&box, message_of(&a, 1)), 1);
	arena_release(&a);
	assert_int_equal(pthread_create(&thread[0], NULL, fetch_on_and_on, NULL), 0);
	assert_int_equal(pthread_create(&thread[1], NULL, fetch_on_and_on, NULL), 0);
	assert_int_equal(pthread_create(&thread[2], NULL, search_on_and_on, NULL), 0);
	change_everything();
	atomic_store(&over, true);
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(atomic_load(&failures), 0);
	assert_true(atomic_load(&answers) > 0);
	test_box_release(&box);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
