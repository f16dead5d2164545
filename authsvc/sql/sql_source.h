/*
 * sql_source - accounts in a database, whichever it is
 *
 * The whole of a module but its driver: PREFIX_* settings, with Courier's names, become a query; its
 * row becomes an account (docs/formats/accounts-sql.md).
 *
 *	static struct status
 *	pgsql_open(const struct auth_host *host, void **out_state)
 *	{
 *		return sql_source_open(&driver, host, out_state);
 *	}
 */
#ifndef AUTHSVC_SQL_SQL_SOURCE_H
#define AUTHSVC_SQL_SQL_SOURCE_H

#include "authsvc/sql/sql_driver.h"

/* As struct auth_module has them. */
MUST_USE struct status sql_source_open(const struct sql_driver *driver, const struct auth_host *host,
    void **out_state);
void sql_source_close(void **state);
enum auth_result sql_source_verify(void *state, struct arena *a, struct auth_query *q, struct span password,
    struct auth_account *out);
enum auth_result sql_source_lookup(void *state, struct arena *a, struct auth_query *q,
    struct auth_account *out);
unsigned sql_source_offers(void *state);
enum auth_result sql_source_secrets(void *state, struct arena *a, struct auth_query *q,
    struct auth_account *out, struct auth_secrets *out_secrets);

enum auth_result sql_source_change(void *state, struct arena *a, struct auth_query *q,
    const struct auth_change *change);
enum auth_result sql_source_enumerate(void *state, struct arena *a, auth_each_fn *each, void *arg);
enum auth_result sql_source_create(void *state, struct arena *a, const struct auth_account *account,
    const char *stored);
enum auth_result sql_source_remove(void *state, struct arena *a, struct auth_query *q);

/* PREFIX_NAME's value, "" when it is not set. */
const char *sql_setting(const struct sql_driver *driver, const struct auth_host *host, const char *name);

#endif
