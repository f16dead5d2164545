/*
 * access - the access file: who may connect, and how often at a time
 *
 *	192.168.0<TAB>deny			Courier's form: the first bytes of an address
 *	192.168.0.10<TAB>allow,MAXCPERIP=100
 *	:2001:0db8<TAB>deny			... the first words of an IPv6 address
 *	10.0.0.0/8<TAB>allow,MAXCPERIP=0	or a network as everybody writes it
 *	*<TAB>deny				all others; without it they may
 *
 * Only the longest prefix that fits counts. A directory is all the files in it, except
 * those whose names begin with a dot or end with "~". MAXCPERIP takes the place of MAXPERIP, 0 is no
 * limit; other variables of Courier's mean nothing here and are left alone.
 *
 * Never changes once loaded, so any thread may ask.
 */
#ifndef FRONTEND_ADMISSION_ACCESS_H
#define FRONTEND_ADMISSION_ACCESS_H

#include <netinet/in.h>

#include "base/span.h"
#include "base/status.h"

struct access;

struct access_rule {
	bool denied;
	int64_t most;		/* MAXCPERIP; -1: it is not said */
};

/* INVALID, NOT_FOUND, UNAVAILABLE: logged, with the file and the line. */
MUST_USE struct status access_load(const char *path, struct access **out);
void access_free(struct access **a);

/* Another number when files there have changed. */
uint64_t access_mark(const char *path);

/* One line without its end. False: it makes no sense. True and *out_key empty: it says nothing. */
bool access_line_parse(struct span line, struct span *out_key, struct access_rule *out);

/* The address as ::ffff:a.b.c.d or IPv6. */
struct access_rule access_find(const struct access *a, const struct in6_addr *address);

#endif
