/*
 * imap_session.c - what commands ask of the session they run in
 */
#include "frontend/imap/imap_command.h"

#include <sysexits.h>

#include "base/log.h"
#include "base/panic.h"

const char imap_no_such_messages[] = "There are no messages with such numbers";

static bool
names_of(const struct frontend_config *config, struct imap_names *out)
{
	return imap_names_init(out, config->imap_namespace_prefix, config->imap_separator);
}

void
imap_require_settings(const struct frontend_config *config)
{
	struct imap_names names;

	if (names_of(config, &names))
		return;
	log_error("IMAP_NAMESPACE_PREFIX=%s has to be empty or end with IMAP_SEPARATOR=%s, which is \"/\" or \".\"",
	    config->imap_namespace_prefix, config->imap_separator);
	exit(EX_CONFIG);
}

struct imap_names
imap_session_names(const struct session *s)
{
	struct imap_names names;

	assert_that(names_of(frontend_config(s->frontend), &names));	/* imap_require_settings */
	return names;
}

struct status
imap_mailbox(struct task *t, struct span visible, char **out)
{
	struct imap_names names = imap_session_names(t->session);

	return imap_names_canonical(&names, &t->arena, visible, out);
}

void
imap_report(struct task *t, const Posthouse__Delta *delta)
{
	const struct imap_frame *frame = task_frame(t);

	session_report(t->session, delta, frame->command->expunge == IMAP_MAY_EXPUNGE);
}

/* With `clip` numbers beyond the mailbox are left out; UIDs are in any case. */
static bool
find_messages(struct task *t, struct span text, bool by_uid, bool clip, Posthouse__Run ***out_runs, size_t *out_count)
{
	struct view *view = &t->session->selected->view;
	uint32_t last = by_uid ? view_last_uid(view) : view_exists(view);
	struct uidset set;

	*out_runs = NULL;
	*out_count = 0;
	if (last == 0)			/* nothing there: any UID is fine, no number is */
		return by_uid || clip;
	uidset_init(&set);
	bool valid = uidset_parse(&set, text, last, IMAP_MAX_SET_RUNS);
	if (valid && clip && last < UINT32_MAX)
		uidset_remove(&set, last + 1, UINT32_MAX);
	valid = valid && view_runs(view, &t->arena, &set, by_uid, out_runs, out_count);
	uidset_release(&set);
	return valid;
}

bool
imap_messages(struct task *t, struct span set, bool by_uid, Posthouse__Run ***out_runs, size_t *out_count)
{
	return find_messages(t, set, by_uid, false, out_runs, out_count);
}

bool
imap_messages_there(struct task *t, struct span set, bool by_uid, Posthouse__Run ***out_runs, size_t *out_count)
{
	return find_messages(t, set, by_uid, true, out_runs, out_count);
}

static enum step
looked_again(struct task *t)
{
	struct imap_frame *frame = task_frame(t);

	if (!status_ok(t->status))
		return imap_no_selected(t, t->status);
	frame->looked_again = true;
	return frame->command->ops->start(t);
}

enum step
imap_look_again(struct task *t)
{
	const struct imap_frame *frame = task_frame(t);

	if (!frame->looked_again)
		return session_sync(t, looked_again);
	return imap_ok(t, "%s completed: there are no such messages", frame->command->name);
}

uint64_t
imap_count_messages(Posthouse__Run *const *runs, size_t count)
{
	uint64_t messages = 0;

	for (size_t i = 0; i < count; i++)
		messages += (uint64_t)runs[i]->last - runs[i]->first + 1;
	return messages;
}

Posthouse__Run **
imap_set_runs(struct arena *a, const struct uidset *set)
{
	Posthouse__Run **runs = ARENA_ARRAY(a, set->count, Posthouse__Run *);

	for (size_t i = 0; i < set->count; i++) {
		runs[i] = ARENA_NEW(a, Posthouse__Run);
		posthouse__run__init(runs[i]);
		runs[i]->first = set->runs[i].first;
		runs[i]->last = set->runs[i].last;
	}
	return runs;
}

char *
imap_print_set(struct arena *a, const struct uidset *set)
{
	struct buf b;

	buf_init(&b, 0);
	uidset_print(set, &b);
	char *text = arena_strndup(a, b.at ? b.at : "", b.len);
	buf_release(&b);
	return text;
}

char *
imap_print_runs(struct arena *a, Posthouse__Run *const *runs, size_t count)
{
	struct buf b;

	buf_init(&b, 0);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_char(&b, ',');
		buf_number(&b, runs[i]->first);
		if (runs[i]->last != runs[i]->first) {
			buf_char(&b, ':');
			buf_number(&b, runs[i]->last);
		}
	}
	char *text = arena_strndup(a, b.at ? b.at : "", b.len);
	buf_release(&b);
	return text;
}

/*
 * HIGHESTMODSEQ goes with it when a mailbox is selected, unless news of expunged
 * messages is being held back: then the number would promise too much.
 */
void
imap_enable_condstore(struct task *t)
{
	struct session *s = t->session;

	if (s->enabled & SESSION_CONDSTORE)
		return;
	s->enabled |= SESSION_CONDSTORE;
	if (s->selected && s->selected->view.gone.size == 0)
		imap_untagged(t, "OK [HIGHESTMODSEQ %llu] Highest",
		    (unsigned long long)s->selected->view.modseq);
}
