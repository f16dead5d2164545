/*
 * identity_open.c - who a mailbox is when it is opened
 *
 * As its files say, as another server left it, or a new one. Where UIDs are used up, or it cannot be
 * known which of them were given, it begins anew with a UIDVALIDITY that was never used:
 * a UID never gets a second meaning under one UIDVALIDITY.
 */
#include "storesvc/mailbox/inside.h"

#include "base/log.h"
#include "storesvc/mailbox/takeover.h"

void
identity_adopt(struct mailbox *box)
{
	box->uidnext = box->uid_floor = box->identity.uid_floor;
	box->modseq = box->modseq_floor = box->identity.modseq_floor;
	box->recent_from = box->identity.recent_from;
	keywords_release(&box->keywords);
	for (size_t i = 0; i < box->identity.keywords.count; i++) {
		if (box->identity.keywords.names[i])
			keywords_set(&box->keywords, (uint32_t)i, span_str(box->identity.keywords.names[i]));
	}
}

/* The numbers in the log of keywords are another identity's. */
static struct status
make_new(struct mailbox *box)
{
	uint32_t uidvalidity;
	struct status st = box->hooks->new_uidvalidity(box->hooks_arg, &uidvalidity);

	if (!status_ok(st))
		return st;
	keyword_log_drop(box);
	identity_make(&box->identity, uidvalidity);
	return st;
}

struct status
identity_renew(struct mailbox *box)
{
	struct identity old = box->identity;
	struct status st = make_new(box);

	if (!status_ok(st))
		return st;
	log_warn("the UIDs of a mailbox are used up: it gets a new UIDVALIDITY");
	/* Letters in names mean what they meant. */
	box->identity.keywords = old.keywords;
	memcpy(box->identity.special_use, old.special_use, sizeof(old.special_use));
	memcpy(box->identity.created_by, old.created_by, sizeof(old.created_by));
	box->identity.modseq_floor = old.modseq_floor;
	st = identity_write(box->dir, &box->identity);
	box->certain = true;
	identity_adopt(box);
	return st;
}

struct status
identity_open(struct mailbox *box)
{
	struct status st = identity_recover(box->dir, &box->identity);

	if (status_ok(st) && box->identity.taking_over)
		st = takeover_resume(box->dir, &box->identity);
	if (st.code == STATUS_NOT_FOUND || st.code == STATUS_CORRUPT) {
		st = takeover_identity(box->dir, &box->identity);
		if (status_ok(st)) {
			keyword_log_drop(box);
		} else if (st.code == STATUS_NOT_FOUND) {
			st = make_new(box);
			box->identity.clean = true;
			if (status_ok(st))
				st = identity_write(box->dir, &box->identity);
		}
	}
	if (!status_ok(st))
		return st;
	box->certain = box->identity.certain;
	identity_adopt(box);
	/* In the form that can be overwritten in place, while there is room. A mailbox that cannot be written can be read. */
	if (!box->identity.slots_at && !status_ok(identity_write(box->dir, &box->identity)))
		log_warn("a mailbox is opened whose identity cannot be written");
	return box->identity.uid_floor > IDENTITY_UID_LIMIT ? identity_renew(box) : st;
}
