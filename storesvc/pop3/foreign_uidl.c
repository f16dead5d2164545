/*
 * foreign_uidl.c - what other servers called the messages in UIDL
 *
 * Names of files are compared without what follows ":" and without the fields S, W
 * and U, which we add and reorder.
 */
#include "storesvc/pop3/foreign_uidl.h"

#include "base/io.h"
#include "storesvc/foreign/uid_lists.h"

#define LIST_LIMIT ((size_t)1 << 30)
#define KEY_MAX 256			/* longer than any name of a file */

static const char ours[] = "";

/* "cur/1.a.host,S=5,U=7.tag:2,S" -> "1.a.host" */
static struct span
key_of(struct span name, char room[KEY_MAX])
{
	size_t slash = span_rindex(name, '/');
	size_t len = 0;

	if (slash < name.len)
		name = span_skip(name, slash + 1);
	name = span_head(span_head(name, span_index(name, ':')), KEY_MAX - 1);
	for (bool first = true; name.at; first = false) {
		struct span field = span_cut(&name, ',');
		if (!first && field.len > 1 && field.at[1] == '=' && strchr("SWU", field.at[0]))
			continue;
		if (!first)
			room[len++] = ',';
		if (field.len)
			memcpy(room + len, field.at, field.len);
		len += field.len;
	}
	return span_of(room, len);
}

static void
put(struct foreign_uidl *f, struct span name, const char *text)
{
	char room[KEY_MAX];
	struct span key = key_of(name, room);

	if (key.len)
		(void)map_put(&f->texts, key, (void *)(uintptr_t)text);
}

/* --- Courier ------------------------------------------------------------------------ */

/* The part of *rest behind the last space; *rest keeps what is before it. */
static struct span
cut_last(struct span *rest)
{
	size_t space = span_rindex(*rest, ' ');
	struct span last = span_skip(*rest, space + 1);

	*rest = span_head(*rest, space < rest->len ? space : 0);
	return last;
}

/* A message that came before Courier numbered them goes by its file's name. */
static const char *
text_of_name(struct arena *a, struct span name)
{
	char *text = arena_bytes(a, 3 * name.len + 1), *to = text;

	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.at[i];
		if (c < 0x21 || c > 0x7e || strchr("'\"+", c))
			to += snprintf(to, 4, "+%02X", c);
		else
			*to++ = (char)c;
	}
	*to = '\0';
	return text;
}

/* "FILENAME SIZE N:UIDV:ISUTF8"; version 2 has no ISUTF8. */
static void
courier_line(struct foreign_uidl *f, struct span line)
{
	struct span numbers = cut_last(&line);
	struct span size = cut_last(&line);
	struct span first = span_cut(&numbers, ':'), second = span_cut(&numbers, ':');
	uint64_t n, uidv, bytes;

	if (!line.len || !span_number(size, UINT64_MAX, &bytes) || !span_number(first, UINT64_MAX, &n) ||
	    !span_number(second, UINT64_MAX, &uidv))
		return;
	if (n == 0)
		put(f, line, text_of_name(&f->arena, span_head(line, span_index(line, ':'))));
	else if (uidv == 0)
		put(f, line, arena_printf(&f->arena, "UID%llu", (unsigned long long)n));
	else
		put(f, line, arena_printf(&f->arena, "UID%llu-%llu", (unsigned long long)n, (unsigned long long)uidv));
}

static void
courier_list(struct foreign_uidl *f, struct span text)
{
	struct span head = span_cut(&text, '\n');
	struct span version = span_cut(&head, ' ');

	if (!span_eq(version, SPAN_LIT("/3")) && !span_eq(version, SPAN_LIT("/2")))
		return;
	while (text.at)
		courier_line(f, span_cut(&text, '\n'));
}

/* --- Dovecot ------------------------------------------------------------------------- */

static bool
fits_uidl(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < 0x21 || text.at[i] > 0x7e)
			return false;
	return text.len > 0;
}

/* The key "P..." of a line is what UIDL shows. */
static void
dovecot_list(struct foreign_uidl *f, struct span text)
{
	struct uid_list_head head;
	struct uid_list_line line;

	if (!uid_list_begin(&text, &head))
		return;
	while (uid_list_next(&text, &head, &line)) {
		bool fits = fits_uidl(line.uidl);
		put(f, line.file, fits ? arena_strndup(&f->arena, line.uidl.at, line.uidl.len) : ours);
	}
}

/* -------------------------------------------------------------------------------------- */

static void
read_list(struct foreign_uidl *f, int dir, const char *file, void (*take)(struct foreign_uidl *f, struct span text))
{
	struct buf text;

	buf_init(&text, 0);
	if (status_ok(io_read_file(dir, file, LIST_LIMIT, &text)))
		take(f, buf_view(&text));
	buf_release(&text);
}

/* Dovecot has the last word, as it has about UIDs when a folder is taken over. */
void
foreign_uidl_read(struct foreign_uidl *f, int dir)
{
	map_init(&f->texts);
	arena_init(&f->arena, 0);
	read_list(f, dir, "courierpop3dsizelist", courier_list);
	read_list(f, dir, "dovecot-uidlist", dovecot_list);
}

void
foreign_uidl_release(struct foreign_uidl *f)
{
	map_release(&f->texts);
	arena_release(&f->arena);
}

const char *
foreign_uidl_find(const struct foreign_uidl *f, struct span name)
{
	char room[KEY_MAX];

	if (!f->texts.count)
		return NULL;
	const char *text = map_find(&f->texts, key_of(name, room));
	return text && *text ? text : NULL;
}
