#include "frontend/admin/visit.h"

#include <pthread.h>

struct visit {
	struct frontend_loop *loop;
	void (*look)(struct frontend_loop *l, void *arg);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool done;
};

static void
work_visit(void *arg)
{
	struct visit *v = arg;
	v->look(v->loop, v->arg);
	pthread_mutex_lock(&v->lock);
	v->done = true;
	pthread_cond_signal(&v->over);
	pthread_mutex_unlock(&v->lock);
}

void
visit_loop(struct frontend_loop *l, void (*look)(struct frontend_loop *l, void *arg), void *arg)
{
	struct visit v = { l, look, arg, PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
	loop_post(l->loop, work_visit, &v);
	pthread_mutex_lock(&v.lock);
	while (!v.done)
		pthread_cond_wait(&v.over, &v.lock);
	pthread_mutex_unlock(&v.lock);
}
