/*
 * bodystructure.c - BODY and BODYSTRUCTURE of FETCH
 *
 *	body = "(" (body-type-1part / body-type-mpart) ")"	RFC 9051 section 9
 */
#include "mail/bodystructure.h"

#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/imap_string.h"
#include "mail/rfc822.h"

#define MAX_PARAMS 1000
#define MAX_LANGUAGES 100

struct printer {
	struct arena *arena;
	struct buf *out;
	bool extended;
};

/* `more`: printed already, to stand behind the others. */
static void
print_params(struct buf *out, const struct mime_param *params, const char *more)
{
	if (!params && !*more) {
		buf_str(out, "NIL");
		return;
	}
	buf_char(out, '(');
	for (; params; params = params->next) {
		imap_string(out, params->name);
		buf_char(out, ' ');
		imap_string(out, params->value);
		if (params->next || *more)
			buf_char(out, ' ');
	}
	buf_str(out, more);
	buf_char(out, ')');
}

/* A field's value as one string; NIL when absent. */
static void
print_field(struct printer *p, struct span value)
{
	buf_char(p->out, ' ');
	imap_nstring(p->out, value.at ? header_unfold(p->arena, value) : value);
}

/* body-fld-dsp = "(" string SP body-fld-param ")" / nil */
static void
print_disposition(struct printer *p, struct span value)
{
	struct content_type d = { 0 };

	if (value.at)
		d = content_disposition_parse(p->arena, value, MAX_PARAMS);
	if (d.type.len == 0) {
		buf_str(p->out, " NIL");
		return;
	}
	buf_str(p->out, " (");
	imap_string(p->out, d.type);
	buf_char(p->out, ' ');
	print_params(p->out, d.params, "");
	buf_char(p->out, ')');
}

/* body-fld-lang = nstring / "(" string *(SP string) ")" */
static void
print_language(struct printer *p, struct span value)
{
	int count = 0;

	while (value.at && count < MAX_LANGUAGES) {
		struct span tag;
		(void)rfc822_skip_cfws(&value);
		tag = rfc822_until(&value, ",;(\"");
		(void)span_cut(&value, ',');
		if (tag.len == 0)
			continue;
		buf_str(p->out, count++ ? " " : " (");
		imap_string(p->out, tag);
	}
	buf_str(p->out, count ? ")" : " NIL");
}

static void
print_extension(struct printer *p, const struct mime_part *part)
{
	print_disposition(p, part->fields.disposition);
	print_language(p, part->fields.language);
	print_field(p, part->fields.location);
}

/* RFC 2046 4.1.2: text that does not say is us-ascii. RFC 2231 may have said it as "charset*". */
static bool
lacks_charset(const struct mime_part *part)
{
	return span_eq_nocase(part->content.type, SPAN_LIT("text")) &&
	    !mime_param_find(part->content.params, SPAN_LIT("charset")).at &&
	    !mime_param_find(part->content.params, SPAN_LIT("charset*")).at;
}

static void
print_type(struct printer *p, const struct mime_part *part)
{
	if (part->opaque) {
		buf_str(p->out, "\"application\" \"octet-stream\" NIL");
		return;
	}
	imap_string(p->out, part->content.type);
	buf_char(p->out, ' ');
	imap_string(p->out, part->content.subtype);
	buf_char(p->out, ' ');
	print_params(p->out, part->content.params,
	    lacks_charset(part) ? "\"charset\" \"us-ascii\"" : "");
}

/* body-fields after the parameters: id, description, encoding, octets */
static void
print_fields(struct printer *p, const struct mime_part *part)
{
	struct span encoding = part->fields.encoding;

	(void)rfc822_skip_cfws(&encoding);
	encoding = rfc822_until(&encoding, ";(\"");
	print_field(p, part->fields.id);
	print_field(p, part->fields.description);
	buf_char(p->out, ' ');
	imap_string(p->out, encoding.len ? encoding : SPAN_LIT("7bit"));
	buf_char(p->out, ' ');
	buf_number(p->out, part->body_size);
}

static void print_part(struct printer *p, const struct mime_part *part);

static void
print_multipart(struct printer *p, const struct mime_part *part)
{
	for (const struct mime_part *child = part->children; child; child = child->next)
		print_part(p, child);
	buf_char(p->out, ' ');
	imap_string(p->out, part->content.subtype);
	if (p->extended) {
		buf_char(p->out, ' ');
		print_params(p->out, part->content.params, "");
		print_extension(p, part);
	}
}

static void
print_leaf_or_message(struct printer *p, const struct mime_part *part)
{
	print_type(p, part);
	print_fields(p, part);
	if (part->kind == MIME_MESSAGE) {
		buf_char(p->out, ' ');
		envelope_print(p->arena, part->children->header, p->out);
		buf_char(p->out, ' ');
		print_part(p, part->children);
	}
	bool counts_lines = !part->opaque && span_eq_nocase(part->content.type, SPAN_LIT("text"));
	if (part->kind == MIME_MESSAGE || counts_lines) {
		buf_char(p->out, ' ');
		buf_number(p->out, part->body_lines);
	}
	if (p->extended) {
		print_field(p, part->fields.md5);
		print_extension(p, part);
	}
}

/* As deep as the parts are nested, which mime_limits bounds. */
static void
print_part(struct printer *p, const struct mime_part *part)
{
	buf_char(p->out, '(');
	if (part->kind == MIME_MULTIPART)
		print_multipart(p, part);
	else
		print_leaf_or_message(p, part);
	buf_char(p->out, ')');
}

void
bodystructure_print(struct arena *a, const struct mime_part *root, bool extended, struct buf *out)
{
	struct printer p = { a, out, extended };

	print_part(&p, root);
}
