#include "frontend/testing/harness.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/panic.h"
#include "frontend/sasl/offers.h"
#include "frontend/session/session.h"
#include "frontend/testing/certificate.h"
#include "frontend/testing/harness_client.h"
#include "frontend/watch/watch.h"

static ProtobufCService *
harness_store(void *arg, struct span name)
{
	struct harness *h = arg;
	return span_eq(name, SPAN_LIT("store1")) ? wire_service(h->store_wire) : NULL;
}

static void
harness_changed(void *arg, const char *account, const char *mailbox_id, uint64_t modseq)
{
	struct harness *h = arg;
	if (h->home && !h->deaf)
		watch_notice(h->home->watch, span_str(account), span_str(mailbox_id), modseq);
}

void
harness_init(struct harness *h)
{
	static char none[] = "", separator[] = "/";
	*h = (struct harness){ 0 };
	h->config = (struct frontend_config){
		.imap_namespace_prefix = none, .imap_separator = separator, .loops = 1,
		.idle_keepalive = 120000, .login_timeout = 60000, .handshake_timeout = 60000, .idle_timeout = 1800000, .store_wait = 2000,
		.max_line = 65536, .max_message = 64 << 20, .max_bad_commands = 10,
	};
	auth_fake_init(&h->auth);
	store_fake_init(&h->store);
	h->store.on_change = harness_changed;
	h->store.arg = h;
	h->auth_wire = wire_new(&h->auth.service.base);
	h->store_wire = wire_new(&h->store.service.base);
}

void
harness_use_tls(struct harness *h)
{
	snprintf(h->tls_file, sizeof(h->tls_file), "/tmp/posthouse-harness-XXXXXX");
	close(mkstemp(h->tls_file));
	certificate_write(h->tls_file, "localhost");
	h->config.tls.certfile = h->tls_file;
}

void
harness_start(struct harness *h)
{
	if (h->frontend)
		return;
	struct frontend_services services = { wire_service(h->auth_wire), harness_store, h };
	h->frontend = frontend_new(&h->config, &services, "test");
	h->home = frontend_loop(h->frontend, 0);
	wire_attach(h->auth_wire, h->home->loop);
	wire_attach(h->store_wire, h->home->loop);
	watch_channel(h->home->watch, true);
	offers_start(h->home->offers);
	while (!h->no_offers && !offers_known(h->home->offers))
		harness_run(h, 1);
}

void
harness_run(struct harness *h, int ms)
{
	loop_run_for(h->home->loop, ms);
}

void
harness_release(struct harness *h)
{
	if (h->frontend) {
		while (h->home->sessions) {
			struct session *s = h->home->sessions;
			session_free(&s);
		}
		harness_run(h, 20);
		wire_free(&h->auth_wire);
		wire_free(&h->store_wire);
		frontend_free(&h->frontend);
	} else {
		free(h->auth_wire);
		free(h->store_wire);
	}
	store_fake_release(&h->store);
	if (*h->tls_file)
		unlink(h->tls_file);
}

size_t
harness_sessions(const struct harness *h)
{
	return h->home->session_count;
}

/* --- clients ------------------------------------------------------------------------- */

static struct client *
connect_from(struct harness *h, const struct session_protocol *protocol, const char *address, bool tls)
{
	int ends[2];
	struct peer peer = { .remote_port = 40000, .local_port = 143 };
	harness_start(h);
	assert_that(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
	inet_pton(AF_INET6, address, &peer.remote);
	inet_pton(AF_INET6, "::ffff:198.51.100.1", &peer.local);
	session_new(h->home, protocol, ends[0], tls, &peer);
	struct client *c = client_new(h, ends[1]);
	if (tls)
		client_start_tls(c);
	return c;
}

struct client *
harness_connect(struct harness *h, const struct session_protocol *protocol)
{
	return connect_from(h, protocol, "::ffff:127.0.0.1", false);
}

struct client *
harness_connect_remote(struct harness *h, const struct session_protocol *protocol)
{
	return connect_from(h, protocol, "::ffff:192.0.2.1", false);
}

struct client *
harness_connect_tls(struct harness *h, const struct session_protocol *protocol)
{
	return connect_from(h, protocol, "::ffff:127.0.0.1", true);
}
