/* service.c - NSX service names. */
#include "lib/judge/service.h"

#include <stddef.h>
#include <string.h>

static const struct { const char *name; unsigned bit; } services[] = {
	{ "API", SERVICE_API },
	{ "MGMT_CLUSTER", SERVICE_MGMT_CLUSTER },
	{ "APH", SERVICE_APH },
	{ "APH_AR", SERVICE_APH },                      /* how some pages show APH */
	{ "APH_TN", SERVICE_APH_TN },
	{ "CCP", SERVICE_CCP },
	{ "LOCAL_MANAGER", SERVICE_LOCAL_MANAGER },
	{ "GLOBAL_MANAGER", SERVICE_GLOBAL_MANAGER },
	{ "CLIENT_AUTH", SERVICE_CLIENT_AUTH },
	{ "Client Authentication", SERVICE_CLIENT_AUTH },   /* seen in answers, in no enum */
	{ "COMPUTE_MANAGER", SERVICE_COMPUTE_MANAGER },
	{ "SYSLOG_SERVER", SERVICE_LOGGING },
	{ "RSYSLOG_CLIENT", SERVICE_LOGGING },
	{ "NOTIFICATION_COLLECTOR", SERVICE_LOGGING },
	{ "MGMT_PLANE", SERVICE_BUS },
	{ "RMQ", SERVICE_BUS },
};

unsigned service_bit(const char *name)
{
	for (size_t i = 0; i < sizeof services / sizeof services[0]; i++)
		if (strcmp(name, services[i].name) == 0)
			return services[i].bit;
	return strncmp(name, "CBM_", 4) == 0 ? SERVICE_CBM : SERVICE_OTHER;
}
