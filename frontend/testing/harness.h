/*
 * harness - a frontend with everything around it, in one process
 *
 *	struct harness h;
 *	harness_init(&h);
 *	struct client *c = harness_connect(&h, &imap_protocol);
 *	client_expect(c, "* OK *");
 *	client_send(c, "1 LOGIN alice alice-demo\r\n");
 *	client_expect(c, "1 OK *");
 *	client_free(&c);
 *	harness_release(&h);
 *
 * One loop, run by the test's thread while it waits for an answer; auth_fake and store_fake behind
 * wires that may be cut. Changes are announced to the loop's watch at once, as Redis would.
 * A pattern is matched against a line without its CRLF; "*" after the first
 * character stands for anything. Whatever is not as expected fails the test.
 */
#ifndef FRONTEND_TESTING_HARNESS_H
#define FRONTEND_TESTING_HARNESS_H

#include "frontend/frontend.h"
#include "frontend/testing/auth_fake.h"
#include "frontend/testing/store_fake.h"
#include "frontend/testing/wire.h"

struct session_protocol;

struct harness {
	struct frontend_config config;	/* may be changed between harness_init and harness_start */
	struct auth_fake auth;
	struct store_fake store;
	struct wire *auth_wire, *store_wire;
	struct frontend *frontend;
	struct frontend_loop *home;
	bool deaf;			/* notices are lost */
	bool no_offers;			/* do not wait until it is known how one may log in */
	char tls_file[64];		/* "" until harness_use_tls */
};

void harness_init(struct harness *h);
/* Makes a key and a certificate for "localhost"; before harness_start. */
void harness_use_tls(struct harness *h);
/* harness_connect does it, if need be. */
void harness_start(struct harness *h);
void harness_release(struct harness *h);
/* Let the loop do what there is to do. */
void harness_run(struct harness *h, int ms);
size_t harness_sessions(const struct harness *h);

struct client;

/* A client from 127.0.0.1. */
struct client *harness_connect(struct harness *h, const struct session_protocol *protocol);
/* From 192.0.2.1. */
struct client *harness_connect_remote(struct harness *h, const struct session_protocol *protocol);
/* TLS from the start (993). */
struct client *harness_connect_tls(struct harness *h, const struct session_protocol *protocol);
void client_free(struct client **c);

void client_send(struct client *c, const char *text);
/* `len` bytes, while the loop runs. */
void client_send_bytes(struct client *c, const void *bytes, size_t len);
/* Sends no more (FIN), but still reads. */
void client_half_close(struct client *c);
/* STARTTLS has been answered: shake hands. */
void client_start_tls(struct client *c);

/* The next line must match. */
void client_expect(struct client *c, const char *pattern);
/* Lines are skipped until one matches. */
void client_expect_later(struct client *c, const char *pattern);
/* The next line, without CRLF; until the next call. */
const char *client_line(struct client *c);
/* Exactly `len` bytes; until the next call. */
struct span client_bytes(struct client *c, size_t len);
/* Nothing comes for `ms`. */
void client_expect_silence(struct client *c, int ms);
/* The connection is closed. */
void client_expect_end(struct client *c);
/* Read nothing until the next expectation, although the loop runs. */
void client_stall(struct client *c, int ms);

#endif
