/*
 * offers.c - how one may log in, as authsvc says, and as a connection allows
 *
 *	ask	authsvc
 *	known	remember what it says; when it says nothing, what it said before
 *	...	and after a while again
 */
#include "frontend/sasl/offers.h"

#include "base/mem.h"

enum { ASK_AGAIN_MS = 10 * 1000, ASK_SOON_MS = 1000, MOST_OFFERS = 32, LONGEST_NAME = 24 };

#define NEEDS_PRIVACY POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_PRIVACY
#define NEEDS_BINDING POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_BINDING
#define NEEDS_CERTIFICATE POSTHOUSE__MECHANISM_NEEDS__MECHANISM_NEEDS_CERTIFICATE

struct one {
	char name[LONGEST_NAME];
	unsigned needs;
};

struct offers {
	struct task_env env;
	struct task *task;
	bool known;
	size_t count;
	struct one list[MOST_OFFERS];
};

static void
add(struct offers *o, const char *name, unsigned needs)
{
	if (o->count == MOST_OFFERS || strlen(name) >= LONGEST_NAME)
		return;
	struct one *one = &o->list[o->count++];
	snprintf(one->name, sizeof(one->name), "%s", name);
	one->needs = needs;
}

struct offers *
offers_new(struct loop *loop, ProtobufCService *auth, int64_t patience_ms)
{
	struct offers *o = MEM_NEW(struct offers);

	o->env = (struct task_env){ .loop = loop, .auth = auth, .patience = patience_ms, .trace = "offers" };
	add(o, "PLAIN", NEEDS_PRIVACY);
	add(o, "LOGIN", NEEDS_PRIVACY);
	return o;
}

void
offers_free(struct offers **po)
{
	struct offers *o = *po;

	if (!o)
		return;
	task_cancel(&o->task);
	free(o);
	*po = NULL;
}

bool
offers_known(const struct offers *o)
{
	return o->known;
}

/* --- asking ---------------------------------------------------------------------- */

struct question {
	struct offers *offers;
	Posthouse__MechanismsRequest request;
	const Posthouse__MechanismsReply *reply;
};

/* A task's arena lives as long as the task, so there is a new one for every question. */
static void
question_over(struct task *t)
{
	struct question *q = task_frame(t);

	q->offers->task = NULL;
	offers_start(q->offers);
}

static enum step
question_end(struct task *t)
{
	return task_end(t);
}

static enum step
question_answered(struct task *t)
{
	struct question *q = task_frame(t);
	struct offers *o = q->offers;

	if (!status_ok(t->status))
		return task_sleep(t, ASK_SOON_MS, question_end);
	o->known = true;
	o->count = 0;
	for (size_t i = 0; i < q->reply->n_offered; i++)
		add(o, q->reply->offered[i]->name, q->reply->offered[i]->needs);
	/* An authsvc of an older version, which has nothing but passwords. */
	for (size_t i = 0; !q->reply->n_offered && i < q->reply->n_names; i++)
		add(o, q->reply->names[i], NEEDS_PRIVACY);
	return task_sleep(t, ASK_AGAIN_MS, question_end);
}

static enum step
question_start(struct task *t)
{
	struct question *q = task_frame(t);

	posthouse__mechanisms_request__init(&q->request);
	return auth_mechanisms(t, &q->request, &q->reply, question_answered);
}

void
offers_start(struct offers *o)
{
	o->task = task_new(&o->env, NULL, question_over);
	struct question *q = TASK_FRAME(o->task, struct question);
	q->offers = o;
	task_start(o->task, question_start);
}

/* --- telling ----------------------------------------------------------------------- */

/* What the connection lacks; enum MechanismNeeds. */
static unsigned
lacks(const struct session *s)
{
	return (session_plaintext_ok(s) ? 0 : NEEDS_PRIVACY) | (conn_can_bind(s->conn) ? 0 : NEEDS_BINDING) |
	    (*conn_certificate_name(s->conn) ? 0 : NEEDS_CERTIFICATE);
}

enum offer
offers_find(const struct session *s, struct span name, const char **out_name)
{
	const struct offers *o = s->home->offers;

	for (size_t i = 0; i < o->count; i++) {
		if (!span_eq_nocase(span_str(o->list[i].name), name))
			continue;
		unsigned missing = o->list[i].needs & lacks(s);
		*out_name = o->list[i].name;
		return !missing ? OFFER_STANDS : missing == NEEDS_PRIVACY ? OFFER_NEEDS_TLS : OFFER_NONE;
	}
	return OFFER_NONE;
}

void
offers_print(const struct session *s, const char *before, struct buf *out)
{
	const struct offers *o = s->home->offers;
	unsigned missing = lacks(s);

	for (size_t i = 0; i < o->count; i++) {
		if (o->list[i].needs & missing || strcmp(o->list[i].name, "APOP") == 0)
			continue;
		buf_str(out, before);
		buf_str(out, o->list[i].name);
	}
}
