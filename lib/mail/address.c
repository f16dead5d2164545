/*
 * address.c - address lists of RFC 5322 as IMAP shows them
 *
 * Pieces are gathered until a separator tells what they were. Each piece is
 * appended to two piles: the phrase, where blanks between words are one space,
 * and the local part, which has none. "@" makes the local part a mailbox,
 * "<" makes the phrase a name, ":" makes it a group.
 */
#include "mail/address.h"

#include "base/panic.h"
#include "mail/rfc822.h"

/* Text being put together; the arena holds room for all of the field at once. */
struct pile {
	char *at;
	size_t begin, len, room;
};

struct list {
	struct arena *arena;
	struct span rest;
	struct pile phrases, locals;
	size_t before_local;		/* the phrases without the local part's words */
	struct span comment;		/* the last one; at == NULL: none      */
	struct address *first, **end;
	size_t room;			/* entries still allowed               */
	bool in_group;
};

/* The address at hand. */
struct draft {
	bool has_host, has_route_addr;
	struct span name, route, mailbox, host;
};

static void
pile_add(struct pile *p, struct span s)
{
	assert_that(s.len <= p->room - p->len);
	if (s.len)
		memcpy(p->at + p->len, s.at, s.len);
	p->len += s.len;
}

/* What has been added since the last take; the pile begins anew behind it. */
static struct span
pile_take(struct pile *p)
{
	struct span s = span_of(p->at + p->begin, p->len - p->begin);

	p->begin = p->len;
	return s;
}

static bool
pile_is_empty(const struct pile *p)
{
	return p->len == p->begin;
}

static void
add_entry(struct list *l, enum address_kind kind, const struct draft *d)
{
	if (l->room == 0)
		return;
	l->room--;
	struct address *entry = ARENA_NEW(l->arena, struct address);
	*entry = (struct address){ .kind = kind, .name = d->name, .route = d->route, .mailbox = d->mailbox, .host = d->host };
	*l->end = entry;
	l->end = &entry->next;
}

/* Blanks and comments; the last comment may turn out to be a name. */
static bool
skip_cfws(struct list *l)
{
	bool any = rfc822_skip_blanks(&l->rest);

	while (l->rest.len && l->rest.at[0] == '(') {
		l->comment = rfc822_unescape(l->arena, span_trim(rfc822_comment(&l->rest)));
		(void)rfc822_skip_blanks(&l->rest);
		any = true;
	}
	return any;
}

/* domain-literal = "[" *([FWS] dtext) "]"; its length, or 1 when the "[" is never closed. */
static size_t
literal_length(struct span s)
{
	size_t i = 1;

	while (i < s.len && (s.at[i] == '\0' || !strchr("()<>@,;\"[]", s.at[i])))
		i++;
	return i < s.len && s.at[i] == ']' ? i + 1 : 1;
}

/* domain = dot-atom / domain-literal, with blanks and comments around its dots. */
static struct span
domain(struct list *l)
{
	for (;;) {
		bool gap = skip_cfws(l);
		bool dotted = l->locals.len > l->locals.begin && l->locals.at[l->locals.len - 1] == '.';
		if (l->rest.len == 0)
			break;
		if (gap && !dotted && !pile_is_empty(&l->locals) && l->rest.at[0] != '.')
			break;
		struct span piece;
		if (l->rest.at[0] == '[') {
			piece = span_head(l->rest, literal_length(l->rest));
			l->rest = span_skip(l->rest, piece.len);
			piece = rfc822_unescape(l->arena, piece);
		} else {
			piece = rfc822_until(&l->rest, "()<>@,;:\"[");
		}
		if (piece.len == 0)
			break;
		pile_add(&l->locals, piece);
	}
	return pile_take(&l->locals);
}

/* obs-route = *("@" domain ",") "@" domain ":"; kept only when the ":" is there. */
static struct span
route(struct list *l)
{
	struct span before = l->rest, route = span_of(NULL, 0);
	size_t len = 0;

	while (l->rest.len && (l->rest.at[0] == '@' || l->rest.at[0] == ',')) {
		char c = l->rest.at[0];
		l->rest = span_skip(l->rest, 1);
		if (c == '@')
			(void)domain(l);
		else
			(void)skip_cfws(l);
	}
	if (l->rest.len && l->rest.at[0] == ':') {
		len = before.len - l->rest.len;
		l->rest = span_skip(l->rest, 1);
	} else {
		l->rest = before;
	}
	if (len == 0)
		return route;
	char *at = arena_bytes(l->arena, len);
	for (size_t i = 0; i < len; i++)
		if (!rfc822_is_blank(before.at[i]))
			at[route.len++] = before.at[i];
	route.at = at;
	return route;
}

/*
 * An encoded word as one piece, whatever specials its sender left in it. They
 * have at most 75 bytes by RFC 2047, and few have more than twice that.
 */
static size_t
encoded_word_length(struct span s)
{
	unsigned marks = 0;

	if (!span_starts(s, SPAN_LIT("=?")))
		return 0;
	for (size_t i = 2; i < s.len && i < 200 && !rfc822_is_blank(s.at[i]); i++) {
		marks += s.at[i] == '?';
		if (marks == 3)
			return i + 1 < s.len && s.at[i + 1] == '=' ? i + 2 : 0;
	}
	return 0;
}

/* One word or special of a local part or phrase; always takes at least a byte. */
static struct span
word(struct list *l)
{
	size_t encoded = encoded_word_length(l->rest);
	struct span s = span_head(l->rest, encoded);

	if (l->rest.at[0] == '"')
		return rfc822_quoted(l->arena, &l->rest);
	if (encoded) {
		l->rest = span_skip(l->rest, encoded);
		return s;
	}
	s = rfc822_until(&l->rest, "()<>@,;:\"");
	if (s.len == 0) {
		s = span_head(l->rest, 1);
		l->rest = span_skip(l->rest, 1);
	}
	return s;
}

/* angle-addr = "<" [obs-route] addr-spec ">" */
static void
angle_addr(struct list *l, struct draft *d)
{
	struct span comment = l->comment;

	l->rest = span_skip(l->rest, 1);
	(void)skip_cfws(l);
	*d = (struct draft){ .has_route_addr = true };
	d->route = route(l);
	(void)pile_take(&l->locals);
	for (;;) {
		(void)skip_cfws(l);
		if (l->rest.len == 0 || strchr(">,;", l->rest.at[0] ? l->rest.at[0] : 'x'))
			break;
		if (l->rest.at[0] == '<') {	/* "<<a@b>>" */
			l->rest = span_skip(l->rest, 1);
		} else if (l->rest.at[0] == '@') {
			l->rest = span_skip(l->rest, 1);
			d->mailbox = pile_take(&l->locals);
			d->host = domain(l);
			d->has_host = true;
		} else {
			struct span s = word(l);
			/* Behind the host: debris. */
			if (!d->has_host)
				pile_add(&l->locals, s);
		}
	}
	if (!d->has_host)
		d->mailbox = pile_take(&l->locals);
	while (l->rest.len && l->rest.at[0] == '>')
		l->rest = span_skip(l->rest, 1);
	/* Comments inside of the brackets name nobody. */
	l->comment = comment;
}

/* "@" domain without angle brackets. A "<" may still follow: all so far was a phrase then. */
static void
addr_spec_end(struct list *l, struct draft *d)
{
	size_t name_end = pile_is_empty(&l->locals) ? l->phrases.len : l->before_local;
	struct span name = span_of(l->phrases.at + l->phrases.begin, name_end - l->phrases.begin);

	l->rest = span_skip(l->rest, 1);
	d->name = span_trim(name);
	d->mailbox = pile_take(&l->locals);
	d->host = domain(l);
	d->has_host = true;
	pile_add(&l->phrases, SPAN_LIT("@"));
	pile_add(&l->phrases, d->host);
}

static void
end_address(struct list *l, struct draft *d)
{
	struct span phrase = span_trim(pile_take(&l->phrases));
	struct span local = pile_take(&l->locals);

	if (d->has_route_addr) {
		if (!d->name.len)
			d->name = phrase;
		if (!d->mailbox.len && !d->host.len && !d->name.len)
			goto none;
	} else if (!d->has_host) {
		/* Words and no "@": they are all there is of the address. */
		d->mailbox = phrase;
		if (!phrase.len && !local.len)
			goto none;
	}
	if (!d->host.at)
		d->host = SPAN_LIT("");
	if (!d->name.len)
		d->name = l->comment;
	if (d->name.len == 0)
		d->name = span_of(NULL, 0);
	add_entry(l, ADDRESS_MAILBOX, d);
none:
	*d = (struct draft){ 0 };
	l->comment = span_of(NULL, 0);
}

static void
begin_group(struct list *l, struct draft *d)
{
	*d = (struct draft){ .mailbox = span_trim(pile_take(&l->phrases)) };
	(void)pile_take(&l->locals);
	add_entry(l, ADDRESS_GROUP_START, d);
	*d = (struct draft){ 0 };
	l->comment = span_of(NULL, 0);
	l->in_group = true;
}

static void
end_group(struct list *l)
{
	struct draft nothing = { 0 };

	if (l->in_group)
		add_entry(l, ADDRESS_GROUP_END, &nothing);
	l->in_group = false;
}

/*
 * "<" phrase ":" ";" [debris] ">": an empty group in brackets it has no right to, as in
 * "To: <Undisclosed-Recipient:;>". Bytes up to the ":", 0 when it is something else.
 */
static size_t
bracketed_group_length(struct span s)
{
	size_t i = 1;

	if (i < s.len && s.at[i] == '"') {
		for (i++; i < s.len && s.at[i] != '"'; i++)
			i += s.at[i] == '\\';
		i++;
	}
	while (i < s.len && (s.at[i] == '\0' || !strchr("()<>@,;:\"[", s.at[i])))
		i++;
	if (i >= s.len || s.at[i] != ':')
		return 0;
	struct span behind = span_skip(s, i + 1);
	(void)rfc822_skip_blanks(&behind);
	return behind.len && behind.at[0] == ';' ? i : 0;
}

/* Words and quoted strings, with one space where there were blanks. */
static void
add_phrase(struct list *l, struct span s)
{
	while (s.len) {
		bool gap = rfc822_skip_blanks(&s);
		if (gap && s.len && !pile_is_empty(&l->phrases))
			pile_add(&l->phrases, SPAN_LIT(" "));
		if (s.len)
			pile_add(&l->phrases, s.at[0] == '"' ? rfc822_quoted(l->arena, &s) : rfc822_until(&s, "\""));
	}
}

static void
bracketed_group(struct list *l, struct draft *d, size_t colon)
{
	struct span name = span_skip(span_head(l->rest, colon), 1);

	(void)pile_take(&l->phrases);
	add_phrase(l, name);
	begin_group(l, d);
	end_group(l);
	l->rest = span_skip(l->rest, colon + 1);
	size_t end = 0;
	while (end < l->rest.len && (l->rest.at[end] == '\0' || !strchr("<>,", l->rest.at[end])))
		end++;
	l->rest = span_skip(l->rest, end + (end < l->rest.len && l->rest.at[end] == '>'));
}

static void
special(struct list *l, struct draft *d, char c)
{
	size_t colon;

	switch (c) {
	case '<':
		colon = l->in_group || d->has_host ? 0 : bracketed_group_length(l->rest);
		if (colon > 1)
			bracketed_group(l, d, colon);
		else
			angle_addr(l, d);
		return;
	case '@':
		if (!d->has_host && !d->has_route_addr) {
			addr_spec_end(l, d);
			return;
		}
		break;
	case ':':
		if (!l->in_group && !d->has_host && !d->has_route_addr)
			begin_group(l, d);
		break;
	case ';':
		end_address(l, d);
		end_group(l);
		break;
	case ',':
		end_address(l, d);
		break;
	}
	l->rest = span_skip(l->rest, 1);
}

/* A word of a phrase, or of a local part: those hold blanks only around dots. */
static void
add_word(struct list *l, struct span s, bool gap)
{
	bool after_dot = !pile_is_empty(&l->locals) && l->locals.at[l->locals.len - 1] == '.';

	if (pile_is_empty(&l->locals) || (gap && !after_dot && !span_starts(s, SPAN_LIT(".")))) {
		(void)pile_take(&l->locals);
		l->before_local = l->phrases.len;
	}
	if (gap && !pile_is_empty(&l->phrases))
		pile_add(&l->phrases, SPAN_LIT(" "));
	pile_add(&l->phrases, s);
	pile_add(&l->locals, s);
}

struct address *
address_parse(struct arena *a, struct span value, size_t max)
{
	struct list l = { .arena = a, .rest = value, .room = max };
	struct draft d = { 0 };

	/*
	 * Each byte goes to a pile once, or twice if it was first taken for a
	 * route; blanks make at most one space.
	 */
	l.phrases.room = l.locals.room = value.len * 2 + 2;
	l.phrases.at = arena_bytes(a, l.phrases.room);
	l.locals.at = arena_bytes(a, l.locals.room);
	l.end = &l.first;
	for (;;) {
		bool gap = skip_cfws(&l);
		if (l.rest.len == 0)
			break;
		char c = l.rest.at[0];
		if (c && strchr("<@:;,", c)) {
			special(&l, &d, c);
			continue;
		}
		if (c == '>' && pile_is_empty(&l.phrases)) {	/* of brackets that hold no address: "x:<;>" */
			l.rest = span_skip(l.rest, 1);
			continue;
		}
		add_word(&l, word(&l), gap);
	}
	end_address(&l, &d);
	end_group(&l);
	return l.first;
}
