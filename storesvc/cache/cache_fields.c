/*
 * cache_fields.c - the part of a header that is worth keeping
 */
#include "storesvc/cache/cache_fields.h"

#include "mail/header.h"
#include "storesvc/cache/cache_record.h"

#define SHORT_FIELD 200			/* whatever its name                      */
#define SHORT_FIELDS (2u << 10)		/* ... as long as all of them are no more */
#define KNOWN_FIELDS (32u << 10)	/* of the fields below, together          */
#define OMITTED_NAMES (1u << 10)
#define EMPTY_LINE 2

/* What mail programs list messages by. */
static const char *const known[] = {
	"bcc", "cc", "chat-version", "content-description", "content-type", "date", "disposition-notification-to",
	"from", "importance", "in-reply-to", "lines", "list-id", "list-post", "list-unsubscribe", "message-id",
	"mime-version", "newsgroups", "priority", "references", "reply-to", "sender", "subject", "to",
	"x-label", "x-priority",
};

/* Trace and signatures: never, even if short. */
static const char *const trace[] = {
	"arc-", "authentication-results", "dkim-", "domainkey-signature", "received", "return-path",
	"x-google-", "x-ms-", "x-received", "x-spam-",
};

static bool
is_known(struct span name)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_eq_nocase(name, span_str(known[i])))
			return true;
	return false;
}

static bool
is_trace(struct span name)
{
	for (size_t i = 0; i < sizeof(trace) / sizeof(*trace); i++)
		if (span_starts_nocase(name, span_str(trace[i])))
			return true;
	return false;
}

static bool
has_name(struct span list, struct span name)
{
	while (list.len) {
		struct span listed = span_cut(&list, '\n');
		if (span_eq_nocase(listed, name))
			return true;
	}
	return false;
}

struct choice {
	char *kept, *omitted;		/* where to write */
	size_t kept_len, omitted_len;
	size_t known_len, short_len;	/* of what was kept */
	bool partial;
};

static bool
worth_keeping(struct choice *c, const struct header_field *f)
{
	size_t len = f->whole.len;

	if (is_known(f->name)) {
		c->known_len += len;
		return c->known_len <= KNOWN_FIELDS;
	}
	if (len > SHORT_FIELD || is_trace(f->name))
		return false;
	c->short_len += len;
	return c->short_len <= SHORT_FIELDS;
}

static void
omit(struct choice *c, struct span name)
{
	if (c->partial || has_name(span_of(c->omitted, c->omitted_len), name))
		return;
	if (name.len + 1 > OMITTED_NAMES - c->omitted_len) {
		c->partial = true;
		return;
	}
	memcpy(c->omitted + c->omitted_len, name.at, name.len);
	c->omitted_len += name.len;
	c->omitted[c->omitted_len++] = '\n';
}

void
cache_fields_choose(struct arena *a, struct span header, struct cache_fields *out)
{
	struct choice c = {
		.kept = arena_bytes(a, KNOWN_FIELDS + SHORT_FIELDS + EMPTY_LINE < header.len ?
		    KNOWN_FIELDS + SHORT_FIELDS + EMPTY_LINE : header.len),
		.omitted = arena_bytes(a, OMITTED_NAMES),
	};
	struct span rest = header;
	struct header_field f;

	while (header_next(&rest, &f)) {
		if (f.name.len == 0)
			continue;	/* no name can ask for it */
		if (worth_keeping(&c, &f)) {
			memcpy(c.kept + c.kept_len, f.whole.at, f.whole.len);
			c.kept_len += f.whole.len;
		} else {
			omit(&c, f.name);
		}
	}
	rest = span_head(rest, EMPTY_LINE);	/* as selecting from the header would show it */
	if (rest.len)
		memcpy(c.kept + c.kept_len, rest.at, rest.len);
	out->kept = span_of(c.kept, c.kept_len + rest.len);
	out->omitted = span_of(c.omitted, c.omitted_len);
	out->partial = c.partial;
}

bool
cache_fields_tell(const struct cache_record *record, const struct span *names, size_t count)
{
	if (record->fields_partial)
		return false;
	for (size_t i = 0; i < count; i++)
		if (has_name(record->omitted, names[i]))
			return false;
	return true;
}
