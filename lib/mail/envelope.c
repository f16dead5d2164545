/*
 * envelope.c - ENVELOPE of FETCH, as the bytes IMAP sends
 */
#include "mail/envelope.h"

#include "mail/address.h"
#include "mail/header.h"
#include "mail/imap_string.h"

enum field {
	FIELD_DATE,
	FIELD_SUBJECT,
	FIELD_FROM,
	FIELD_SENDER,
	FIELD_REPLY_TO,
	FIELD_TO,
	FIELD_CC,
	FIELD_BCC,
	FIELD_IN_REPLY_TO,
	FIELD_MESSAGE_ID,
	FIELDS
};

static const struct span names[FIELDS] = {
	[FIELD_DATE] = SPAN_LIT("date"),
	[FIELD_SUBJECT] = SPAN_LIT("subject"),
	[FIELD_FROM] = SPAN_LIT("from"),
	[FIELD_SENDER] = SPAN_LIT("sender"),
	[FIELD_REPLY_TO] = SPAN_LIT("reply-to"),
	[FIELD_TO] = SPAN_LIT("to"),
	[FIELD_CC] = SPAN_LIT("cc"),
	[FIELD_BCC] = SPAN_LIT("bcc"),
	[FIELD_IN_REPLY_TO] = SPAN_LIT("in-reply-to"),
	[FIELD_MESSAGE_ID] = SPAN_LIT("message-id"),
};

struct envelope {
	struct span text[FIELDS];		/* at == NULL: absent */
	struct address *addresses[FIELDS];
	struct address **end[FIELDS];		/* where the next goes; NULL: at the front */
	size_t room;				/* for more addresses */
};

static bool
is_address_field(enum field field)
{
	return field >= FIELD_FROM && field <= FIELD_BCC;
}

static enum field
field_named(struct span name)
{
	for (int i = 0; i < FIELDS; i++)
		if (name.len == names[i].len && span_eq_nocase(name, names[i]))
			return (enum field)i;
	return FIELDS;
}

static void
add_addresses(struct arena *a, struct envelope *e, enum field field, struct span value)
{
	struct address **end = e->end[field] ? e->end[field] : &e->addresses[field];

	if (e->room == 0)
		return;
	*end = address_parse(a, value, e->room);
	for (; *end; end = &(*end)->next)
		e->room--;
	e->end[field] = end;
}

static void
read_fields(struct arena *a, struct span header, struct envelope *e)
{
	struct header_field f;

	while (header_next(&header, &f)) {
		enum field field = field_named(f.name);
		if (field == FIELDS)
			continue;
		if (is_address_field(field))
			add_addresses(a, e, field, f.value);
		else if (!e->text[field].at)
			e->text[field] = header_unfold(a, f.value);
	}
	if (!e->addresses[FIELD_SENDER])
		e->addresses[FIELD_SENDER] = e->addresses[FIELD_FROM];
	if (!e->addresses[FIELD_REPLY_TO])
		e->addresses[FIELD_REPLY_TO] = e->addresses[FIELD_FROM];
}

/* address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")" */
static void
print_addresses(const struct address *list, struct buf *out)
{
	if (!list) {
		buf_str(out, "NIL");
		return;
	}
	buf_char(out, '(');
	for (; list; list = list->next) {
		buf_char(out, '(');
		imap_nstring(out, list->name);
		buf_char(out, ' ');
		imap_nstring(out, list->route);
		buf_char(out, ' ');
		imap_nstring(out, list->mailbox);
		buf_char(out, ' ');
		imap_nstring(out, list->host);
		buf_char(out, ')');
	}
	buf_char(out, ')');
}

void
envelope_print(struct arena *a, struct span header, struct buf *out)
{
	struct envelope e = { .room = ENVELOPE_MAX_ADDRESSES };

	read_fields(a, header, &e);
	for (int i = 0; i < FIELDS; i++) {
		buf_char(out, i ? ' ' : '(');
		if (is_address_field((enum field)i))
			print_addresses(e.addresses[i], out);
		else
			imap_nstring(out, e.text[i]);
	}
	buf_char(out, ')');
}
