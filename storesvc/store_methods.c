/*
 * store_methods.c - the index of Store's methods
 *
 * What a method does is in methods/method_x.c, all of it. Whether it may be sent twice is
 * in lib/clients/store_client.c.
 */
#include "storesvc/methods/methods.h"
#include "storesvc/store.h"

void
store_methods_init(Posthouse__Store_Service *service)
{
	static const Posthouse__Store_Service methods = POSTHOUSE__STORE__INIT(method_);

	*service = methods;
}
