#include "storesvc/admin/report.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "mail/utf8.h"

void
report_init(struct report *r, struct arena *a)
{
	*r = (struct report){ .arena = a };
}

void
report_release(struct report *r)
{
	free(r->findings);
	r->findings = NULL;
}

/* Names of files may be any bytes; protobuf's strings are UTF-8. */
static char *
as_utf8(struct arena *a, const char *text)
{
	struct buf clean;

	buf_init(&clean, 0);
	utf8_repair(span_str(text), &clean);
	char *out = arena_strndup(a, clean.at, clean.len);
	buf_release(&clean);
	return out;
}

void
report_add(struct report *r, const char *kind, enum cure cure, const char *file, const char *format, ...)
{
	static const char *const cures[] = { "by itself", "rebuild", "by hand" };
	va_list args;

	if (r->found++ >= REPORT_MOST)
		return;
	Posthouse__Finding *f = ARENA_NEW(r->arena, Posthouse__Finding);
	posthouse__finding__init(f);
	va_start(args, format);
	f->text = as_utf8(r->arena, arena_vprintf(r->arena, format, args));
	va_end(args);
	f->kind = (char *)(uintptr_t)kind;
	f->cure = (char *)(uintptr_t)cures[cure];
	f->file = as_utf8(r->arena, file ? file : "");
	MEM_GROW(r->findings, r->count, &r->room);
	r->findings[r->count++] = f;
}
