/*
 * posthouse-frontend - talks IMAP and POP3; holds no mail and no passwords
 */
#include "frontend/frontend_service.h"
#include "frontend/imap/imap_command.h"
#include "frontend/pop3/pop3_command.h"

int
main(int argc, char **argv)
{
	struct frontend_config config;
	struct service *svc = service_start("frontend", argc, argv, frontend_options, &config);

	imap_require_settings(&config);
	struct frontend_service *fs = frontend_service_new(svc, &config);

	frontend_service_listen(fs, config.imap_listen, &imap_protocol, false);
	frontend_service_listen(fs, config.imaps_listen, &imap_protocol, true);
	frontend_service_listen(fs, config.pop3_listen, &pop3_protocol, false);
	frontend_service_listen(fs, config.pop3s_listen, &pop3_protocol, true);
	frontend_service_run(fs);
	frontend_service_free(&fs);
	return service_stop(&svc);
}
