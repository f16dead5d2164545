/*
 * userdb_compile - from the source to the two files that are looked up
 *
 * SOURCE.dat has everything but passwords, SOURCEshadow.dat has those; see
 * docs/formats/userdb.md. Both carry the same generation, so that a reader
 * never joins halves of two compilations. SOURCE.lock keeps two compilers apart.
 */
#ifndef AUTHSVC_USERDB_USERDB_COMPILE_H
#define AUTHSVC_USERDB_USERDB_COMPILE_H

#include "base/arena.h"
#include "base/status.h"

/* Where the accounts are unless somebody says otherwise. */
#define USERDB_DEFAULT_SOURCE "/etc/posthouse/userdb"

/* The key of the record that names the generation; no account can be called so. */
#define USERDB_GENERATION_KEY "\tgeneration"

const char *userdb_dat_path(struct arena *a, const char *source);
const char *userdb_shadow_path(struct arena *a, const char *source);

/* On failure both files are as they were. `out_accounts` may be NULL. */
MUST_USE struct status userdb_compile(const char *source, size_t *out_accounts);

#endif
