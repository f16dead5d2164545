/*
 * imap - just enough of an IMAP client to make a server work
 *
 * Each call sends a command and reads to its tagged answer; anything but OK
 * ends the program. What came untagged is counted, so that a scenario can
 * check that the server did all of what it was asked.
 *
 *	struct imap im;
 *	imap_open(&im, target, true);
 *	imap_login(&im, ACCOUNT_TEN);
 *	imap_command(&im, "SELECT INBOX");
 *	imap_close(&im);
 */
#ifndef BENCH_IMAP_H
#define BENCH_IMAP_H

#include "bench/conn.h"

struct target {
	const char *host;
	unsigned port, tls_port;	/* IMAP                       */
	unsigned pop3_port, pop3s_port;	/* 0: the server has no POP3  */
};

struct imap {
	struct conn conn;
	unsigned tag;
	uint32_t exists;	/* from the last EXISTS            */
	uint32_t uidnext;	/* from the last SELECT            */
	uint64_t fetched;	/* FETCH responses in all          */
	uint64_t found;		/* numbers in SEARCH responses     */
	uint64_t octets;	/* bytes of literals               */
};

/* Connect and read the greeting. */
void imap_open(struct imap *im, const struct target *to, bool tls);
/* Without LOGOUT. */
void imap_close(struct imap *im);
void imap_login(struct imap *im, unsigned account);
/* LOGOUT, and wait for the server to close. */
void imap_logout(struct imap *im);

void imap_command(struct imap *im, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* With a non-synchronizing literal; `message` has CRLF line ends. */
void imap_append(struct imap *im, const char *mailbox, struct span message);

/* Returns when the server has said "+". */
void imap_idle(struct imap *im);
void imap_done(struct imap *im);
/* While idle: take note of the lines that have come, without waiting. */
void imap_listen(struct imap *im);

#endif
