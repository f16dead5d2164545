/*
 * cmd_store.c - the stores and what they carry
 *
 * Accounts are counted by authsvc's list; messages only with --count, by looking into every Maildir.
 */
#include <string.h>

#include "tools/ctl/commands.h"
#include "tools/ctl/table.h"
#include "tools/ctl/user.h"

enum { BATCH = 200, BATCH_MS = 10 * 60 * 1000 };

static const struct column columns[] = {
	{ "STORE", "store", COLUMN_TEXT },
	{ "ACCOUNTS", "accounts", COLUMN_NUMBER },
	{ "OPEN", "open_mailboxes", COLUMN_NUMBER },
	{ "MEMORY", "memory", COLUMN_SIZE },
	{ "DISK", "disk_size", COLUMN_SIZE },
	{ "FREE", "disk_free", COLUMN_SIZE },
	{ "MESSAGES", "messages", COLUMN_NUMBER },
	{ "MAIL", "bytes", COLUMN_SIZE },
	{ "ROOT", "root", COLUMN_TEXT },
	{ "ADDRESS", "url", COLUMN_TEXT },
};

/* A store, and those of its accounts that have not been counted yet. */
struct load {
	struct place *place;
	json_t *row;
	uint64_t accounts, messages, bytes;
	bool failed;			/* some could not be counted */
	Posthouse__Ticket *batch[BATCH];
	size_t batched;
};

struct loads {
	struct load *at;
	size_t count;
	bool messages;			/* --count */
};

static void
count_batch(struct ctl *c, struct load *load)
{
	Posthouse__UsageRequest request = POSTHOUSE__USAGE_REQUEST__INIT;
	const void *reply = NULL;

	request.accounts = load->batch;
	request.n_accounts = load->batched;
	load->batched = 0;
	if (request.n_accounts == 0 || load->failed)
		return;
	struct status st = place_try(c, load->place, PLACE_OWN, "Usage", &request.base, BATCH_MS, &reply);
	const Posthouse__UsageReply *usage = reply;
	if (!status_ok(st)) {
		place_failed(c, load->place, st);
		load->failed = true;
		return;
	}
	for (size_t i = 0; i < usage->n_usage; i++) {
		load->messages += usage->usage[i]->messages;
		load->bytes += usage->usage[i]->bytes;
		if (*usage->usage[i]->trouble)
			ctl_error(c, EX_TEMPFAIL, "%s: %s: %s", load->place->name, usage->usage[i]->account,
			    usage->usage[i]->trouble);
	}
}

static void
count_user(struct ctl *c, void *arg, const Posthouse__User *user)
{
	struct loads *all = arg;

	for (size_t i = 0; i < all->count; i++) {
		struct load *load = &all->at[i];
		if (strcmp(load->place->name, user->account->store) != 0)
			continue;
		load->accounts++;
		if (!all->messages)
			return;
		load->batch[load->batched++] = user_keep(c, user->account);
		if (load->batched == BATCH)
			count_batch(c, load);
		return;
	}
}

static void
ask_load(struct ctl *c, struct load *load)
{
	static const Posthouse__LoadRequest request = POSTHOUSE__LOAD_REQUEST__INIT;
	const Posthouse__LoadReply *reply = place_call(c, load->place, PLACE_OWN, "Load", &request.base, 0);

	if (!reply)
		return;
	if (strcmp(reply->store, load->place->name) != 0)
		ctl_error(c, EX_CONFIG, "what STORES in %s calls %s is %s by its own STORE_NAME", c->config_file,
		    load->place->name, reply->store);
	json_object_set_new(load->row, "root", ctl_text(reply->root));
	json_object_set_new(load->row, "open_mailboxes", json_integer((json_int_t)reply->open_mailboxes));
	json_object_set_new(load->row, "memory", json_integer((json_int_t)reply->memory));
	json_object_set_new(load->row, "disk_size", json_integer((json_int_t)reply->disk_size));
	json_object_set_new(load->row, "disk_free", json_integer((json_int_t)reply->disk_free));
}

static size_t
count_places(struct ctl *c)
{
	size_t count = 0;

	for (struct place *p = place_next(c, NULL, PLACE_STORESVC); p; p = place_next(c, p, PLACE_STORESVC))
		count++;
	return count;
}

void
cmd_store_list(struct ctl *c)
{
	struct loads all = { .messages = ctl_flag(c, "--count") };
	json_t *rows = json_array();
	struct place *p = NULL;

	ctl_no_more_words(c);
	places_find(c, PLACE_STORESVC);
	all.at = ARENA_ARRAY(&c->arena, count_places(c), struct load);
	while ((p = place_next_there(c, p, PLACE_STORESVC))) {
		struct load *load = &all.at[all.count++];
		load->place = p;
		load->row = json_pack("{s:o,s:o}", "store", ctl_text(p->name), "url", ctl_text(p->url));
		json_array_append_new(rows, load->row);
		ask_load(c, load);
	}
	bool counted = user_each(c, count_user, &all);
	for (size_t i = 0; i < all.count; i++) {
		struct load *load = &all.at[i];
		count_batch(c, load);
		if (counted)
			json_object_set_new(load->row, "accounts", json_integer((json_int_t)load->accounts));
		if (!counted || !all.messages || load->failed)
			continue;
		json_object_set_new(load->row, "messages", json_integer((json_int_t)load->messages));
		json_object_set_new(load->row, "bytes", json_integer((json_int_t)load->bytes));
	}
	if (!c->json)
		table_print(stdout, rows, columns, sizeof(columns) / sizeof(columns[0]));
	ctl_answer(c, "stores", rows);
}
