/*
 * message_summary.c - all that the cache keeps of a message, in one call
 */
#include "mail/message_summary.h"

#include "mail/bodystructure.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/mime_table.h"

void
message_summary(struct arena *a, struct span message, bool raw, struct message_summary *out)
{
	struct mime_part *root = mime_parse(a, message, raw ? MIME_RAW : 0, MIME_USUAL_LIMITS);
	struct header_field date;
	struct buf b;
	size_t ends[4];

	buf_init(&b, 0);
	envelope_print(a, root->header, &b);
	ends[0] = b.len;
	bodystructure_print(a, root, false, &b);
	ends[1] = b.len;
	bodystructure_print(a, root, true, &b);
	ends[2] = b.len;
	mime_table_encode(root, &b);
	ends[3] = b.len;

	struct span all = arena_span(a, buf_view(&b));
	buf_release(&b);
	*out = (struct message_summary){
		.envelope = span_head(all, ends[0]),
		.body = span_of(all.at + ends[0], ends[1] - ends[0]),
		.bodystructure = span_of(all.at + ends[1], ends[2] - ends[1]),
		.mime_table = span_of(all.at + ends[2], ends[3] - ends[2]),
		.header_len = root->header.len,
		.header_size = root->header_size,
		.size = root->header_size + root->body_size,
	};
	out->has_sent = header_find(root->header, SPAN_LIT("date"), &date) &&
	    date_parse_mail(date.value, &out->sent);
}
