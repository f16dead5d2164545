/*
 * entrance.c - being one of at most so many
 */
#include "frontend/admission/entrance.h"

#include <stdlib.h>

#include "base/mem.h"

struct entrance {
	struct limits *limits;
	struct crowd *crowd;			/* NULL: not counted there   */
	struct crowd_question *question;	/* NULL: answered            */
	char *key;
	crowd_answer_fn *answer;
	void *arg;
};

static void
on_answer(void *arg, bool room)
{
	struct entrance *e = arg;

	e->question = NULL;
	if (!room)
		e->crowd = NULL;
	e->answer(e->arg, room);
}

struct entrance *
entrance_new(struct limits *l, struct crowd *crowd, const char *key, int64_t most, crowd_answer_fn *answer, void *arg)
{
	struct entrance *e;

	if (!limits_enter(l, key, most))
		return NULL;
	e = MEM_NEW(struct entrance);
	*e = (struct entrance){ .limits = l, .crowd = crowd, .key = mem_strdup(key), .answer = answer, .arg = arg };
	if (crowd)
		e->question = crowd_enter(crowd, key, most, on_answer, e);
	return e;
}

bool
entrance_waits(const struct entrance *e)
{
	return e->question != NULL;
}

void
entrance_free(struct entrance **ep)
{
	struct entrance *e = *ep;

	if (!e)
		return;
	*ep = NULL;
	if (e->question)
		crowd_withdraw(&e->question);
	else if (e->crowd)
		crowd_leave(e->crowd, e->key);
	limits_leave(e->limits, e->key);
	free(e->key);
	free(e);
}
