/*
 * ctl - what all commands of posthousectl have in hand
 *
 * A command takes its words, asks services (place.h), and leaves its answer as JSON: one tree,
 * printed as it is with --json, as tables and lines (table.h) without. What goes wrong on the way is
 * told at once on standard error and kept for the tree; a command goes on with what it could get.
 *
 *	static void
 *	cmd_kick(struct ctl *c)
 *	{
 *		bool now = ctl_flag(c, "--now");
 *		const char *whom = ctl_word(c, "an account or a session");
 *		ctl_no_more_words(c);
 *		...
 *	}
 *
 * Functions that find the command line wrong do not return.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/status.h"
#include "service/options.h"

#define CTL_PROGRAM "posthousectl"

/* Exit codes beside those of sysexits(3), which mean what they mean there. */
enum { CTL_DONE = 0, CTL_NOT_WELL = 1 };

struct ctl_config {
	char *frontends, *auth, *stores, *outbox;
	char *admin_key, *new_home;
	int64_t timeout;			/* ms */
	char *tls_cert, *tls_key, *tls_ca;
};
extern const struct option_def ctl_options[];

struct ticket_signer;
struct places;

struct ctl {
	struct arena arena;			/* until the program ends        */
	struct ctl_config config;
	const char *config_file;
	bool json;
	int from;				/* directory the program was started in: for files on the command line */
	const char *command;			/* "user add"                    */
	char **words;				/* those that follow             */
	int word_count;

	struct ticket_signer *signer;		/* opened when first needed      */
	struct places *places;
	json_t *result;				/* an object                     */
	int exit_code;
};

/* --- the command line ------------------------------------------------------------------- */

/* "--now": was it there? It is taken away. */
bool ctl_flag(struct ctl *c, const char *flag);
/* "--home=/x": "/x", or NULL. Taken away. */
const char *ctl_option(struct ctl *c, const char *option);
/* The next word; `what` is missing otherwise. */
const char *ctl_word(struct ctl *c, const char *what);
/* The same, NULL when there is none. */
const char *ctl_word_if_any(struct ctl *c);
void ctl_no_more_words(struct ctl *c);
__attribute__((noreturn, format(printf, 2, 3))) void ctl_usage(struct ctl *c, const char *format, ...);

/* --- the answer ---------------------------------------------------------------------------- */

/* result[key] = value, which is taken. */
void ctl_answer(struct ctl *c, const char *key, json_t *take_value);
/* Told on standard error, kept in result["errors"]; the exit code is `code` unless there was one before. */
__attribute__((format(printf, 3, 4))) void ctl_error(struct ctl *c, int code, const char *format, ...);
/* No error, but not as it should be: CTL_NOT_WELL. */
void ctl_not_well(struct ctl *c);
/* A line for people; nothing with --json. */
__attribute__((format(printf, 2, 3))) void ctl_say(const struct ctl *c, const char *format, ...);

/* Text from outside as JSON: what is no UTF-8 is replaced. */
json_t *ctl_text(const char *text);

#endif
