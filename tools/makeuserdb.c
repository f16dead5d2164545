/*
 * makeuserdb - compile the accounts for authsvc
 *
 *	makeuserdb [-f FILE]
 *
 * FILE (or $USERDB, or /etc/posthouse/userdb) becomes FILE.dat and FILEshadow.dat.
 * Exits 0, 1 when that failed (both are then as they were), 64 for a wrong command line.
 */
#include <unistd.h>

#include "authsvc/userdb/userdb_compile.h"
#include "base/log.h"

int
main(int argc, char **argv)
{
	const char *source = getenv("USERDB");
	int option;

	log_init("makeuserdb", LOG_LEVEL_INFO);
	while ((option = getopt(argc, argv, "f:")) == 'f')
		source = optarg;
	if (option != -1 || optind != argc) {
		fprintf(stderr, "usage: makeuserdb [-f FILE]\n");
		return 64;
	}
	if (!source || !*source)
		source = USERDB_DEFAULT_SOURCE;
	struct status st = userdb_compile(source, NULL);
	if (!status_ok(st))
		fprintf(stderr, "makeuserdb: %s: %s\n", source, st.text);
	return status_ok(st) ? 0 : 1;
}
