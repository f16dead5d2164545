/*
 * makeuserdb - compile the accounts for authsvc
 *
 *	makeuserdb [-f FILE]
 *
 * FILE (or $USERDB, or USERDB of authsvc.conf) becomes FILE.dat and FILEshadow.dat.
 * Exits 0, 1 when that failed (both are then as they were), 64 for a wrong command line.
 */
#include <unistd.h>

#include "authsvc/userdb/userdb_compile.h"
#include "base/log.h"
#include "tools/accounts/userdb_place.h"
#include "tools/usage/tool_usage.h"

static const char usage_text[] =
    "usage: makeuserdb [-f FILE]\n";

int
main(int argc, char **argv)
{
	const char *source = NULL;
	struct arena a;
	int option;

	tool_usage("makeuserdb", usage_text, argc, argv);
	log_init("makeuserdb", LOG_LEVEL_INFO);
	while ((option = getopt(argc, argv, "f:")) == 'f')
		source = optarg;
	if (option != -1 || optind != argc) {
		fputs(usage_text, stderr);
		return 64;
	}
	arena_init(&a, 0);
	if (!source)
		source = userdb_place(&a);
	struct status st = userdb_compile(source, NULL);
	if (!status_ok(st))
		fprintf(stderr, "makeuserdb: %s: %s\n", source, st.text);
	arena_release(&a);
	return status_ok(st) ? 0 : 1;
}
