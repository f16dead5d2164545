/*
 * options_value.c - one setting's text as its value
 */
#include "service/options_value.h"

#include "base/panic.h"

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit no_units[] = { { "", 1 }, { 0 } };
static const struct unit size_units[] = {
	{ "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { 0 }
};
static const struct unit time_units[] = {
	{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }, { 0 }
};
static const struct unit switches[] = {
	{ "0", 0 }, { "no", 0 }, { "off", 0 }, { "false", 0 },
	{ "1", 1 }, { "yes", 1 }, { "on", 1 }, { "true", 1 }, { 0 }
};

static const struct unit *
find(const struct unit *units, struct span name)
{
	for (; units->name; units++)
		if (span_eq_nocase(span_str(units->name), name))
			return units;
	return NULL;
}

/* A number of a unit, within the setting's limits. */
static struct status
set_number(struct arena *a, const struct option_def *def, int64_t *out, struct span text,
    const struct unit *units, const char *form)
{
	size_t digits = 0;
	uint64_t n;

	while (digits < text.len && ascii_digit(text.at[digits]))
		digits++;
	const struct unit *unit = find(units, span_skip(text, digits));
	if (!unit || !span_number(span_head(text, digits), INT64_MAX / (uint64_t)unit->factor, &n))
		return status_make(STATUS_INVALID, form);
	int64_t value = (int64_t)n * unit->factor;
	if ((def->min || def->max) && (value < def->min || value > def->max))
		return status_make(STATUS_INVALID, arena_printf(a, "must be from %lld to %lld%s",
		    (long long)def->min, (long long)def->max, units == time_units ? " ms" : ""));
	*out = value;
	return STATUS_FINE;
}

static struct status
set_choice(struct arena *a, const struct option_def *def, int *out, struct span text)
{
	struct span rest = span_str(def->choices);

	for (int i = 0; rest.at; i++) {
		if (span_eq_nocase(span_cut(&rest, '|'), text)) {
			*out = i;
			return STATUS_FINE;
		}
	}
	return status_make(STATUS_INVALID, arena_printf(a, "must be one of %s", def->choices));
}

struct status
option_set_value(struct arena *a, const struct option_def *def, void *target, struct span text)
{
	void *field = (char *)target + def->offset;
	const struct unit *found;

	switch (def->type) {
	case OPTION_TYPE_STRING:
		*(char **)field = arena_strndup(a, text.at, text.len);
		return STATUS_FINE;
	case OPTION_TYPE_INT:
		return set_number(a, def, field, text, no_units, "must be a number");
	case OPTION_TYPE_SIZE:
		return set_number(a, def, field, text, size_units, "must be a size such as 4K, 16M or 2G");
	case OPTION_TYPE_TIME:
		return set_number(a, def, field, text, time_units, "must be a time such as 500ms, 30s, 5m or 2h");
	case OPTION_TYPE_BOOL:
		if ((found = find(switches, text)) == NULL)
			return status_make(STATUS_INVALID, "must be yes or no");
		*(bool *)field = found->factor;
		return STATUS_FINE;
	case OPTION_TYPE_ENUM:
		return set_choice(a, def, field, text);
	case OPTION_TYPE_END:
		break;
	}
	panic("option %s has no type", def->name);
}
