/*
 * cmd_lang.c - LANG and UTF8 (RFC 6856)
 *
 * Texts are English. Names and passwords are bytes to us, and messages are sent
 * as they are stored in either mode, so UTF8 has nothing to switch on.
 */
#include "frontend/pop3/pop3_command.h"

static enum step
lang_start(struct task *t)
{
	const struct pop3_frame *f = task_frame(t);

	if (!f->text.len) {
		pop3_ok_begin(t, "Languages follow");
		session_write(t->session, SPAN_LIT("en English\r\ni-default Default language\r\n.\r\n"));
		return pop3_end(t);
	}
	if (span_eq_nocase(f->text, SPAN_LIT("i-default")))
		return pop3_ok(t, "i-default Texts are in English");
	if (span_eq_nocase(f->text, SPAN_LIT("en")) || span_eq(f->text, SPAN_LIT("*")))
		return pop3_ok(t, "en Texts are in English");
	return pop3_err(t, "That language is not spoken here");
}

static enum step
utf8_start(struct task *t)
{
	return pop3_ok(t, "UTF-8 is understood");
}

const struct pop3_ops pop3_lang_ops = { .start = lang_start };
const struct pop3_ops pop3_utf8_ops = { .start = utf8_start };
