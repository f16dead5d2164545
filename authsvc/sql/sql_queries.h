/*
 * sql_queries - what a source asks its database, from the settings
 */
#ifndef AUTHSVC_SQL_SQL_QUERIES_H
#define AUTHSVC_SQL_SQL_QUERIES_H

#include "authsvc/sql/sql_driver.h"

/* Which columns an account's password is in. Without fields, all are the operator's statement. */
enum { SQL_CHANGE_STORED, SQL_CHANGE_CLEAR, SQL_CHANGE_BOTH, SQL_CHANGES };

struct sql_queries {
	struct sql_text find;	/* a row for an account */
	bool places;
	struct sql_text place;	/* gives an account without a store the least loaded one */
	bool lists;
	struct sql_text list;	/* a row for each account: name, uid, gid, home, Maildir, options; quota, full name, store */
	bool changes;
	struct sql_text change[SQL_CHANGES];	/* store a new password, where the account has its own */
	bool creates;			/* the table's columns are known by name */
	struct sql_text create, remove, remove_applications;
	bool applies;
	struct sql_text applications;	/* a row for each application password: name, hash, services */
	struct sql_text used;		/* notes the day on which one was */
	bool upgrades;
	struct sql_text upgrade;	/* another stored form for the same password */
};

/* INVALID, and the log says which setting is wrong. */
MUST_USE struct status sql_queries_make(struct arena *a, const struct sql_driver *driver,
    const struct auth_host *host, struct sql_queries *out);

#endif
