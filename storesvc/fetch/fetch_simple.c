/*
 * fetch_simple.c - items that are told from memory
 *
 * A FETCH of FLAGS visits every message of a folder, so nothing here formats
 * more than a number.
 */
#include "mail/date.h"
#include "mail/uidpairs.h"
#include "storesvc/fetch/fetch_state.h"

void
fetch_send_flags(struct fetch *f)
{
	const struct message_view *v = &f->m->v;
	struct span flags = span_of(v->flags->text, v->flags->text_len);
	bool recent = uidpairs_have(f->plan->recent, f->plan->recent_count, v->uid);

	fetch_out_lit(&f->out, "(");
	if (recent)
		fetch_out_lit(&f->out, "\\Recent");
	if (recent && flags.len)
		fetch_out_lit(&f->out, " ");
	fetch_out_span(&f->out, flags);
	fetch_out_lit(&f->out, ")");
}

static void
send_date(struct fetch *f)
{
	char bytes[40];
	struct buf text = { .at = bytes, .room = sizeof(bytes), .limit = sizeof(bytes) };

	date_print_imap_time(&text, f->m->v.received, 0);
	fetch_out_lit(&f->out, "\"");
	fetch_out_span(&f->out, buf_view(&text));
	fetch_out_lit(&f->out, "\"");
}

void
fetch_send_simple(struct fetch *f, const struct fetch_step *step)
{
	const struct message_view *v = &f->m->v;

	switch (step->kind) {
	case POSTHOUSE__FETCH_ITEM__KIND__FLAGS:
		fetch_send_flags(f);
		break;
	case POSTHOUSE__FETCH_ITEM__KIND__UID:
		fetch_out_number(&f->out, v->uid);
		break;
	case POSTHOUSE__FETCH_ITEM__KIND__INTERNALDATE:
		send_date(f);
		break;
	case POSTHOUSE__FETCH_ITEM__KIND__RFC822_SIZE:
		fetch_out_number(&f->out, v->vsize);
		break;
	default:	/* MODSEQ: the plan has no others */
		fetch_out_lit(&f->out, "(");
		fetch_out_number(&f->out, v->modseq);
		fetch_out_lit(&f->out, ")");
		break;
	}
}
