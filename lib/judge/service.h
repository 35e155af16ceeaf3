/* service.h - the NSX service types that the judgement tells apart.  Names
 * are as the API gives them; one that is not known is SERVICE_OTHER. */
#ifndef CHECK_CERTS_SERVICE_H
#define CHECK_CERTS_SERVICE_H

enum {
	SERVICE_API = 1 << 0,
	SERVICE_MGMT_CLUSTER = 1 << 1,
	SERVICE_APH = 1 << 2,
	SERVICE_APH_TN = 1 << 3,
	SERVICE_CCP = 1 << 4,
	SERVICE_LOCAL_MANAGER = 1 << 5,
	SERVICE_GLOBAL_MANAGER = 1 << 6,
	SERVICE_CBM = 1 << 7,              /* CBM_*: the platform's database and its clients */
	SERVICE_CLIENT_AUTH = 1 << 8,
	SERVICE_COMPUTE_MANAGER = 1 << 9,
	SERVICE_LOGGING = 1 << 10,         /* syslog and notification targets */
	SERVICE_BUS = 1 << 11,             /* message bus of 2.x and 3.x */
	SERVICE_OTHER = 1 << 12
};

/* Services that present the certificate as TLS servers. */
#define SERVICES_PRESENTING (SERVICE_API | SERVICE_MGMT_CLUSTER | SERVICE_APH | SERVICE_APH_TN | \
	SERVICE_CCP | SERVICE_CBM | SERVICE_BUS)

/* Services whose end takes the platform down: judged by the limits of CAs. */
#define SERVICES_OF_PLATFORM SERVICE_CBM

/* The bit of a service name. */
unsigned service_bit(const char *name);

#endif
