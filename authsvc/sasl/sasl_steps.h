/*
 * sasl_steps - the code of all mechanisms, for their index
 */
#ifndef AUTHSVC_SASL_SASL_STEPS_H
#define AUTHSVC_SASL_SASL_STEPS_H

#include "authsvc/sasl/sasl.h"

/* sasl_cram.c; the detail is the hash's name. */
enum sasl_result sasl_cram_step(struct sasl *x, struct span response, struct span *out);

/* sasl_apop.c: one response, "<timestamp> name digest". */
enum sasl_result sasl_apop_step(struct sasl *x, struct span response, struct span *out);

/* sasl_scram.c; the detail is the hash's name. */
enum sasl_result sasl_scram_step(struct sasl *x, struct span response, struct span *out);
void sasl_scram_end(struct sasl *x);

/* sasl_external.c */
enum sasl_result sasl_external_step(struct sasl *x, struct span response, struct span *out);

/* sasl_gssapi.c */
bool sasl_gssapi_possible(const struct sasl_server *server);
bool sasl_external_possible(const struct sasl_server *server);
enum sasl_result sasl_gssapi_step(struct sasl *x, struct span response, struct span *out);
void sasl_gssapi_end(struct sasl *x);

/* sasl_oauth.c */
struct sasl_oauth_form;
extern const struct sasl_oauth_form sasl_oauthbearer, sasl_xoauth2;
enum sasl_result sasl_oauth_step(struct sasl *x, struct span response, struct span *out);

#endif
