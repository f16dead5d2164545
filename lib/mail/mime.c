/*
 * mime.c - the structure of a message
 *
 * One walk over the lines. At any moment one part is `current`: lines belong to
 * its header or body. A boundary line of any multipart that is open ends the
 * current part and all up to that multipart:
 *
 *	begin a part --> header --> message/rfc822? begin the part inside
 *	                   |
 *	                   v
 *	                 body lines until a boundary line of an open multipart M
 *	                   |                    |
 *	                   | --M: end, begin    | --M--: end, M is closed; what
 *	                   v  M's next child    v  follows is M's epilogue
 *
 * While a part is open its sizes and lines hold the counts at its beginning.
 */
#include "mail/mime.h"

#include "mail/header.h"
#include "mail/line_ends.h"

/* A place between two lines, and what has been counted before it. */
struct mark {
	const char *at;
	uint64_t served;
	uint32_t lines;
};

struct open_multipart {
	struct mime_part *part;
	struct span boundary;		/* without the leading "--" */
};

struct parser {
	struct arena *arena;
	struct span message;
	const char *end;
	bool raw;
	struct mime_limits limits;
	unsigned parts;
	struct mark here;
	struct mime_part *current;
	unsigned depth;			/* of current: how many ancestors it has */
	struct open_multipart *open;	/* outermost first */
	unsigned open_count;
};

struct boundary_line {
	unsigned open;			/* whose: index into parser.open */
	bool closing;
};

static struct span
rest_of(const struct parser *p)
{
	return span_of(p->here.at, (size_t)(p->end - p->here.at));
}

/* One line forward; at the end of the message, to the end. */
static void
next_line(struct parser *p)
{
	const char *from = p->here.at;
	const char *lf = memchr(from, '\n', (size_t)(p->end - from));

	if (!lf) {
		p->here.served += (size_t)(p->end - from);
		p->here.at = p->end;
		return;
	}
	p->here.served += (size_t)(lf - from) + 1;
	if (!p->raw && (lf == from || lf[-1] != '\r'))
		p->here.served++;
	p->here.lines++;
	p->here.at = lf + 1;
}

/* Many lines forward, `bytes` that end with a line or the message. */
static void
pass_lines(struct parser *p, size_t bytes)
{
	uint32_t lines;
	uint64_t served = line_ends_served_size(span_of(p->here.at, bytes), &lines);

	p->here.served += p->raw ? bytes : served;
	p->here.lines += lines;
	p->here.at += bytes;
}

/*
 * Is the line at `here` a boundary line? RFC 2046 5.1.1: the line only has to
 * begin with the boundary. When one boundary begins with another the longest
 * that fits is meant; of equal ones, the innermost.
 */
static bool
at_boundary(const struct parser *p, struct boundary_line *out)
{
	struct span line = rest_of(p);
	size_t longest = 0;

	if (line.len < 2 || line.at[0] != '-' || line.at[1] != '-')
		return false;
	line = span_skip(line, 2);
	for (unsigned i = p->open_count; i-- > 0;) {
		struct span boundary = p->open[i].boundary;
		if (boundary.len <= longest || !span_starts(line, boundary))
			continue;
		longest = boundary.len;
		out->open = i;
		out->closing = span_starts(span_skip(line, longest), SPAN_LIT("--"));
	}
	return longest > 0;
}

static bool
find_boundary(struct parser *p, struct boundary_line *out)
{
	if (p->open_count == 0)
		pass_lines(p, (size_t)(p->end - p->here.at));
	while (p->here.at < p->end) {
		if (at_boundary(p, out))
			return true;
		next_line(p);
	}
	return false;
}

/* Keep the value if it is one of the fields of MIME and the first of its name. True: it was. */
static bool
note_field(struct mime_part *part, const struct header_field *f)
{
	static const struct {
		struct span name;
		size_t at;
	} fields[] = {
#define FIELD(name, member) { { name, sizeof(name) - 1 }, offsetof(struct mime_part, fields.member) }
		FIELD("type", type),
		FIELD("transfer-encoding", encoding),
		FIELD("id", id),
		FIELD("description", description),
		FIELD("disposition", disposition),
		FIELD("md5", md5),
		FIELD("language", language),
		FIELD("location", location),
#undef FIELD
	};
	struct span prefix = SPAN_LIT("content-");

	if (f->name.len < prefix.len || ascii_lower(f->name.at[0]) != 'c' ||
	    !span_starts_nocase(f->name, prefix))
		return false;
	struct span name = span_skip(f->name, prefix.len);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct span *value = (struct span *)((char *)part + fields[i].at);
		if (!value->at && span_eq_nocase(name, fields[i].name)) {
			*value = f->value;
			return true;
		}
	}
	return false;
}

/* Trailing blanks cannot be part of a boundary. */
static struct span
boundary_of(struct arena *a, const struct mime_part *part)
{
	struct span boundary = mime_param_value(a, part->content.params, SPAN_LIT("boundary"));

	while (boundary.len && (boundary.at[boundary.len - 1] == ' ' || boundary.at[boundary.len - 1] == '\t'))
		boundary.len--;
	return boundary;
}

/*
 * Content-Type has been read: what kind of part is it? A multipart's boundary
 * counts from here on, so that a header without an empty line ends at it.
 */
static void
open_content(struct parser *p)
{
	struct mime_part *part = p->current;
	struct content_type *c = &part->content;

	if (span_eq_nocase(c->type, SPAN_LIT("multipart")))
		part->kind = MIME_MULTIPART;
	else if (span_eq_nocase(c->type, SPAN_LIT("message")) && span_eq_nocase(c->subtype, SPAN_LIT("rfc822")))
		part->kind = MIME_MESSAGE;
	if (part->kind != MIME_LEAF && (p->depth >= p->limits.depth || p->parts >= p->limits.parts)) {
		part->kind = MIME_LEAF;
		part->opaque = true;
	}
	if (part->kind != MIME_MULTIPART)
		return;
	struct span boundary = boundary_of(p->arena, part);
	if (boundary.len)
		p->open[p->open_count++] = (struct open_multipart){ part, boundary };
}

/* What a part is when it does not say, or not in words we can read. */
static void
default_content(struct mime_part *part)
{
	const struct mime_part *parent = part->parent;
	bool in_digest = parent && parent->kind == MIME_MULTIPART &&
	    span_eq_nocase(parent->content.subtype, SPAN_LIT("digest"));

	if (in_digest && !part->fields.type.at) {
		part->content.type = SPAN_LIT("message");
		part->content.subtype = SPAN_LIT("rfc822");
	} else {
		part->content.type = SPAN_LIT("text");
		part->content.subtype = SPAN_LIT("plain");
	}
}

/* The header of the current part: to its empty line, a boundary line or the end. */
static void
read_header(struct parser *p)
{
	struct mime_part *part = p->current;
	struct boundary_line ignored;
	struct header_field f;
	struct span rest = rest_of(p);

	while (!at_boundary(p, &ignored) && header_next(&rest, &f)) {
		if (note_field(part, &f) && part->fields.type.at == f.value.at) {
			part->content = content_type_parse(p->arena, f.value, p->limits.params);
			open_content(p);
		}
		if (f.folded)
			pass_lines(p, f.whole.len);
		else
			next_line(p);
	}
	if (!at_boundary(p, &ignored))
		next_line(p);
	if (part->content.type.len == 0) {
		default_content(part);
		open_content(p);
	}
	part->encoding = transfer_named(part->fields.encoding);
}

static struct mime_part *
add_child(struct parser *p, struct mime_part *parent)
{
	struct mime_part *part = ARENA_NEW(p->arena, struct mime_part);

	p->parts++;
	part->parent = parent;
	if (parent && parent->last_child)
		parent->last_child->next = part;
	else if (parent)
		parent->children = part;
	if (parent)
		parent->last_child = part;
	return part;
}

/* A part begins here, and with it, when it is a message/rfc822, the message inside. */
static void
begin_part(struct parser *p, struct mime_part *parent)
{
	do {
		struct mime_part *part = add_child(p, parent);
		struct mark begin = p->here;
		p->current = part;
		p->depth += parent != NULL;
		read_header(p);
		part->header = span_of(begin.at, (size_t)(p->here.at - begin.at));
		part->header_size = p->here.served - begin.served;
		part->header_lines = p->here.lines - begin.lines;
		part->body.at = p->here.at;
		part->body_size = p->here.served;
		part->body_lines = p->here.lines;
		parent = part;
	} while (parent->kind == MIME_MESSAGE);
}

/* A multipart without a part to show: its body is the one part it has. */
static void
add_only_child(struct parser *p, struct mime_part *part)
{
	if (p->parts >= p->limits.parts) {
		part->kind = MIME_LEAF;
		part->opaque = true;
		return;
	}
	struct mime_part *child = add_child(p, part);
	default_content(child);
	child->header = span_head(part->body, 0);
	child->body = part->body;
	child->body_size = part->body_size;
	child->body_lines = part->body_lines;
}

static void
end_part(struct parser *p, const struct mark *end)
{
	struct mime_part *part = p->current;

	part->body.len = (size_t)(end->at - part->body.at);
	part->body_size = end->served - part->body_size;
	part->body_lines = end->lines - part->body_lines;
	if (part->kind == MIME_MULTIPART && !part->children)
		add_only_child(p, part);
	if (p->open_count && p->open[p->open_count - 1].part == part)
		p->open_count--;
	p->current = part->parent;
	p->depth -= part->parent != NULL;
}

/* `here` without the line end before it, which belongs to the boundary line. */
static struct mark
before_line_end(const struct parser *p)
{
	struct mark m = p->here;

	if (m.at == p->message.at)
		return m;
	bool crlf = m.at - p->message.at > 1 && m.at[-2] == '\r';
	m.at -= crlf ? 2 : 1;
	m.served -= crlf || !p->raw ? 2 : 1;
	m.lines--;
	return m;
}

/*
 * End the current part and its ancestors below `survivor`. A body that begins
 * here, after the line end in question, ends here too, and so do those around it.
 */
static void
end_parts(struct parser *p, const struct mime_part *survivor, struct mark end)
{
	while (p->current != survivor) {
		if (p->current->body.at > end.at)
			end = p->here;
		end_part(p, &end);
	}
}

struct mime_part *
mime_parse(struct arena *a, struct span message, enum mime_flags flags, struct mime_limits limits)
{
	struct parser p = {
		.arena = a,
		.message = message,
		.raw = flags & MIME_RAW,
		.limits = limits,
	};
	struct boundary_line line;

	/* An empty span may have no address; marks need one. */
	if (!message.at)
		p.message.at = "";
	p.here.at = p.message.at;
	p.end = p.message.at + message.len;
	p.open = ARENA_ARRAY(a, (size_t)limits.depth + 1, struct open_multipart);
	begin_part(&p, NULL);
	struct mime_part *root = p.current;
	while (root->parent)
		root = root->parent;
	while (find_boundary(&p, &line)) {
		struct mime_part *multipart = p.open[line.open].part;
		/* No more parts: the last one takes the rest of the message. */
		if (!line.closing && p.parts >= limits.parts) {
			pass_lines(&p, (size_t)(p.end - p.here.at));
			break;
		}
		end_parts(&p, multipart, before_line_end(&p));
		next_line(&p);
		if (line.closing)
			p.open_count = line.open;
		else
			begin_part(&p, multipart);
	}
	end_parts(&p, NULL, p.here);
	return root;
}

bool
mime_is_text(const struct mime_part *part)
{
	return part->kind == MIME_LEAF && !part->opaque &&
	    (span_eq_nocase(part->content.type, SPAN_LIT("text")) ||
	    span_eq_nocase(part->content.type, SPAN_LIT("message")));
}

struct mime_part *
mime_after(const struct mime_part *part)
{
	if (part->children)
		return part->children;
	while (part && !part->next)
		part = part->parent;
	return part ? part->next : NULL;
}
