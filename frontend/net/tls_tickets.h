/*
 * tls_tickets - the keys that let a client resume its TLS session, here or on another frontend
 *
 * TLS_TICKET_KEYS names a file that all frontends have: a key on each line, as `openssl rand -hex 80`
 * prints it; lines that begin with # are comments. The first encrypts new tickets; all of them decrypt. To rotate, put a new one first and
 * keep some of the old ones; a frontend that has not read it yet only makes its clients shake hands in full.
 * Without a file each process makes keys of its own and changes them every few hours.
 *
 * Any thread may use the keys while one looks after them.
 */
#ifndef FRONTEND_NET_TLS_TICKETS_H
#define FRONTEND_NET_TLS_TICKETS_H

#include <openssl/ssl.h>

#include "base/status.h"

struct tls_tickets;

/* `file` NULL or "": keys of our own. INVALID (logged): there are no keys in it. */
MUST_USE struct status tls_tickets_new(const char *file, struct tls_tickets **out);
void tls_tickets_free(struct tls_tickets **t);

/* Read the file if it has changed (or `again`); what cannot be used leaves the keys before in use. Now and then, from one thread. */
void tls_tickets_tend(struct tls_tickets *t, bool again);

/* Its sessions use these keys, which must live longer. */
void tls_tickets_use(struct tls_tickets *t, SSL_CTX *context);

#endif
