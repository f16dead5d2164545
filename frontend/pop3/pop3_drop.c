/*
 * pop3_drop.c - the messages of a POP3 session, as they were when it began
 */
#include "frontend/pop3/pop3_drop.h"

#include "base/mem.h"

void
pop3_drop_init(struct pop3_drop *d)
{
	*d = (struct pop3_drop){ 0 };
	arena_init(&d->texts, 0);
}

void
pop3_drop_release(struct pop3_drop *d)
{
	free(d->mailbox_id);
	free(d->messages);
	arena_release(&d->texts);
}

void
pop3_drop_add(struct pop3_drop *d, const Posthouse__Pop3ListReply *reply)
{
	size_t texts = 0;

	if (!d->mailbox_id) {
		d->mailbox_id = mem_strdup(reply->mailbox_id);
		d->uidvalidity = reply->uidvalidity;
	}
	for (size_t i = 0; i < reply->n_uid && i < reply->n_size; i++) {
		MEM_GROW(d->messages, d->count, &d->room);
		struct pop3_message *m = &d->messages[d->count++];
		*m = (struct pop3_message){ .uid = reply->uid[i], .size = reply->size[i] };
		if (texts < reply->n_uidl && reply->uidl[texts]->uid == m->uid)
			m->uidl = arena_strdup(&d->texts, reply->uidl[texts++]->text);
		d->left++;
		d->left_size += m->size;
	}
}

struct pop3_message *
pop3_drop_find(struct pop3_drop *d, uint32_t number)
{
	if (number == 0 || number > d->count || d->messages[number - 1].deleted)
		return NULL;
	return &d->messages[number - 1];
}

void
pop3_drop_delete(struct pop3_drop *d, struct pop3_message *m)
{
	m->deleted = true;
	d->left--;
	d->left_size -= m->size;
}

void
pop3_drop_restore(struct pop3_drop *d)
{
	for (size_t i = 0; i < d->count; i++) {
		if (!d->messages[i].deleted)
			continue;
		d->messages[i].deleted = false;
		d->left++;
		d->left_size += d->messages[i].size;
	}
}

void
pop3_drop_deleted(const struct pop3_drop *d, struct uidset *out)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->messages[i].deleted)
			uidset_add(out, d->messages[i].uid, d->messages[i].uid);
}

/* As Dovecot makes them unless told otherwise, so that its clients know the messages again. */
void
pop3_drop_uidl(const struct pop3_drop *d, const struct pop3_message *m, struct buf *out)
{
	if (m->uidl)
		buf_str(out, m->uidl);
	else
		buf_printf(out, "%08x%08x", m->uid, d->uidvalidity);
}
