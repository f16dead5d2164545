/*
 * methods - the methods of Store, one file each (method_x.c is the whole of X)
 */
#ifndef METHODS_METHODS_H
#define METHODS_METHODS_H

#include "proto/store.pb-c.h"

#define METHOD(name, Type) \
	void name(Posthouse__Store_Service *service, const Posthouse__##Type##Request *in, \
	    Posthouse__##Type##Reply_Closure closure, void *data)

METHOD(method_select, Select);
METHOD(method_sync, Sync);
METHOD(method_watch, Watch);
METHOD(method_list, List);
METHOD(method_status, Status);
METHOD(method_create, Create);
METHOD(method_delete, Delete);
METHOD(method_rename, Rename);
METHOD(method_subscribe, Subscribe);
METHOD(method_upload, Upload);
METHOD(method_append, Append);
METHOD(method_flags, Flags);
METHOD(method_copy, Copy);
METHOD(method_expunge, Expunge);
METHOD(method_fetch, Fetch);
METHOD(method_search, Search);
METHOD(method_pop3_list, Pop3List);
METHOD(method_pop3_read, Pop3Read);

#undef METHOD

#endif
