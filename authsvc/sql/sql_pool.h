/*
 * sql_pool - a database's connections, shared by many threads as authsvc/pool/pool.h says
 */
#ifndef AUTHSVC_SQL_SQL_POOL_H
#define AUTHSVC_SQL_SQL_POOL_H

#include "authsvc/sql/sql_driver.h"

struct sql_pool;

/* `limit`: most connections. `host` and `driver` are borrowed. */
struct sql_pool *sql_pool_new(const struct sql_driver *driver, const struct auth_host *host, size_t limit,
    int64_t timeout_ms);
void sql_pool_free(struct sql_pool **p);

/*
 * The query is sent again over a new connection when the old one turns out to be broken: it must do no harm
 * twice. Once a row has been seen that does not happen any more. SQL_LOST: no answer within the time, or none
 * to be expected now.
 */
enum sql_result sql_pool_each(struct sql_pool *p, const struct sql_text *text, const char *const *values,
    sql_row_fn *row, void *arg);
/* The first row alone, copied into the arena. */
enum sql_result sql_pool_query(struct sql_pool *p, struct arena *a, const struct sql_text *text,
    const char *const *values, struct sql_row *out);

#endif
