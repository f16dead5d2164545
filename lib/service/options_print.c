/*
 * options_print.c - what the table says: help, the .conf.dist file, the manual page
 */
#include "service/options.h"

#include "base/span.h"

static const char *
default_text(const struct option_def *def)
{
	return def->fallback ? def->fallback : "";
}

static const char *
form(const struct option_def *def)
{
	switch (def->type) {
	case OPTION_TYPE_INT:
		return "NUMBER";
	case OPTION_TYPE_SIZE:
		return "SIZE";
	case OPTION_TYPE_TIME:
		return "TIME";
	case OPTION_TYPE_BOOL:
		return "yes|no";
	case OPTION_TYPE_ENUM:
		return def->choices;
	case OPTION_TYPE_STRING:
	case OPTION_TYPE_END:
		break;
	}
	return "TEXT";
}

/* Every line of the help after `prefix`. */
static void
print_lines(FILE *to, const char *prefix, const char *help)
{
	struct span rest = span_str(help);

	while (rest.at) {
		struct span line = span_cut(&rest, '\n');
		fprintf(to, "%s%.*s\n", prefix, (int)line.len, line.at);
	}
}

static void
print_option_name(FILE *to, const char *name)
{
	for (; *name; name++)
		fputc(*name == '_' ? '-' : ascii_lower(*name), to);
}

void
options_print_help(FILE *to, const char *program, const struct option_set *sets, size_t count)
{
	fprintf(to, "Usage: %s [--config=FILE] [--name=value ...]\n"
	    "       %s --help | --version | --print-conf | --merge-conf=OLD | --print-man | --print-metrics\n\n"
	    "Settings, from the file (NAME=value), overridden by the environment (NAME),\n"
	    "overridden by the command line (--name=value):\n", program, program);
	for (size_t i = 0; i < count; i++)
		for (const struct option_def *def = sets[i].defs; def->type != OPTION_TYPE_END; def++) {
			fputs("\n  --", to);
			print_option_name(to, def->name);
			fprintf(to, "=%s\n", form(def));
			print_lines(to, "        ", def->help);
			if (def->fallback)
				fprintf(to, "        Default: %s\n", *def->fallback ? def->fallback : "(empty)");
		}
}

void
options_print_setting(FILE *to, const struct option_def *def)
{
	fprintf(to, "##NAME: %s\n#\n", def->name);
	print_lines(to, "# ", def->help);
	fprintf(to, "#\n#%s=%s\n", def->name, default_text(def));
}

void
options_print_conf(FILE *to, const struct option_set *sets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (const struct option_def *def = sets[i].defs; def->type != OPTION_TYPE_END; def++) {
			options_print_setting(to, def);
			fputc('\n', to);
		}
}

void
options_print_man(FILE *to, const struct option_set *sets, size_t count)
{
	fputs(".SH SETTINGS\n", to);
	for (size_t i = 0; i < count; i++)
		for (const struct option_def *def = sets[i].defs; def->type != OPTION_TYPE_END; def++) {
			fprintf(to, ".TP\n.BR %s = \\fI%s\\fR\n", def->name, form(def));
			print_lines(to, "", def->help);
			if (def->fallback && *def->fallback)
				fprintf(to, "Default: %s\n", def->fallback);
		}
}
