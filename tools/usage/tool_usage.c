/*
 * tool_usage.c - --help and --version of the tools that take a few options
 */
#include "tools/usage/tool_usage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service/version.h"

void
tool_usage(const char *program, const char *usage, int argc, char **argv)
{
	if (argc < 2)
		return;
	if (strcmp(argv[1], "--help") == 0)
		fputs(usage, stdout);
	else if (strcmp(argv[1], "--version") == 0)
		printf("%s %s\n", program, POSTHOUSE_VERSION);
	else
		return;
	exit(fflush(stdout) == 0 ? 0 : 1);
}
