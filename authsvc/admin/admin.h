/*
 * admin - what an operator may ask of authsvc (AuthAdmin in proto/admin.proto)
 *
 *	method		code
 *	UserShow	admin.c
 *	UserList	user_list.c	all accounts, a page at a time
 *	UserAdd		admin.c
 *	UserDelete	admin.c
 *	UserPassword	admin.c
 *
 * Accounts are told as tickets describe them, unsigned. No method tells anything of a password.
 */
#ifndef AUTHSVC_ADMIN_ADMIN_H
#define AUTHSVC_ADMIN_ADMIN_H

#include "authsvc/auth.h"
#include "proto/admin.pb-c.h"
#include "rpc/rpc.h"

struct auth_admin {
	Posthouse__AuthAdmin_Service methods;	/* first: the methods find the struct through it */
	struct auth *auth;
};

void auth_admin_init(struct auth_admin *admin, struct auth *auth);

static inline struct auth *
auth_of_admin(Posthouse__AuthAdmin_Service *service)
{
	return ((struct auth_admin *)service)->auth;
}

void admin_user_list(Posthouse__AuthAdmin_Service *service, const Posthouse__UserListRequest *in,
    Posthouse__UserListReply_Closure closure, void *data);

#endif
