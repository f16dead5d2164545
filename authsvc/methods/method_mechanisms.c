/*
 * method_mechanisms.c - how may one log in?
 *
 * Both mechanisms hand over the password itself, which is what every module can check.
 */
#include "authsvc/methods/methods.h"

void
method_mechanisms(Posthouse__Auth_Service *service, const Posthouse__MechanismsRequest *in,
    Posthouse__MechanismsReply_Closure closure, void *data)
{
	Posthouse__MechanismsReply reply = POSTHOUSE__MECHANISMS_REPLY__INIT;
	char *names[] = { (char *)"PLAIN", (char *)"LOGIN" };

	(void)service, (void)in;
	reply.names = names;
	reply.n_names = sizeof(names) / sizeof(*names);
	closure(&reply, data);
}
