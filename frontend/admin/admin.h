/*
 * admin - what an operator may ask of a frontend (FrontendAdmin in proto/admin.proto)
 *
 *	method		code
 *	Sessions	roster_read on one loop after the other, a page at a time
 *	Kick		roster_kick on each loop
 */
#ifndef FRONTEND_ADMIN_ADMIN_H
#define FRONTEND_ADMIN_ADMIN_H

#include "frontend/frontend.h"
#include "proto/admin.pb-c.h"

struct admin {
	Posthouse__FrontendAdmin_Service methods;	/* first: the methods find the struct through it */
	struct frontend *frontend;
};

void admin_init(struct admin *admin, struct frontend *f);

#endif
