/*
 * test_sasl - accounts and a client's connection, for tests of mechanisms
 *
 * The accounts are a module of the tests': what is stored for each, and whose token is whose.
 */
#ifndef AUTHSVC_SASL_TEST_SASL_H
#define AUTHSVC_SASL_TEST_SASL_H

#include "authsvc/sasl/sasl.h"
#include "base/test.h"

struct test_source {
	unsigned offers;		/* what the module says            */
	bool trouble;			/* it cannot answer                */
	const char *scram_sha256;	/* what is stored of dora          */
};
extern struct test_source source;

extern struct arena arena;
extern struct auth_chain *chain;
extern struct sasl_server *server;

int sasl_test_setup(void **state);
int sasl_test_teardown(void **state);

/* One with another key for its salts. */
struct sasl_server *server_new(unsigned char salt_key);

/* What binds to the connection. */
extern const char exporter[], unique[];

struct sasl *begin_on(struct sasl_server *s, const char *mechanism, const char *certificate);
struct sasl *begin(const char *mechanism);
enum sasl_result say(struct sasl *x, const char *text, struct span *out);

#endif
