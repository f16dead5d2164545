/*
 * tool_usage - --help and --version of the tools that take a few options
 *
 *	tool_usage("makeuserdb", "usage: makeuserdb [-f FILE]\n", argc, argv);
 */
#ifndef TOOLS_USAGE_TOOL_USAGE_H
#define TOOLS_USAGE_TOOL_USAGE_H

/* Answers --help and --version, if either is the first word, on standard output, and exits with 0; returns otherwise. */
void tool_usage(const char *program, const char *usage, int argc, char **argv);

#endif
