/* nsx_error.c - the error body that every call shares. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "tests/sim/nsx_call.h"

static const struct {
	unsigned status;
	const char *name;
	int code;                     /* of a refusal that a fault asks for */
	const char *text;
} statuses[] = {
	{ 400, "BAD_REQUEST", NSX_E_PARAMETER, "Field level validation errors." },
	{ 403, "FORBIDDEN", NSX_E_LOGIN,
	    "The credentials were incorrect or the account specified has been locked." },
	{ 404, "NOT_FOUND", NSX_E_NOT_FOUND, "The requested object could not be found." },
	{ 405, "METHOD_NOT_ALLOWED", 405, "The method is not allowed on this resource." },
	{ 409, "CONFLICT", 409, "The object was modified by somebody else." },
	{ 412, "PRECONDITION_FAILED", 412, "The object was modified by somebody else." },
	{ 429, "TOO_MANY_REQUESTS", NSX_E_RATE,
	    "Client 'admin' exceeded request rate of 100 per second." },
	{ 500, "INTERNAL_SERVER_ERROR", 607, "The datastore is being reconfigured. Try again." },
	{ 501, "NOT_IMPLEMENTED", 501, "This call is not implemented." },
	{ 503, "SERVICE_UNAVAILABLE", 503,
	    "Some appliance components are not functioning properly." },
	{ 504, "GATEWAY_TIMEOUT", 504, "The component did not answer in time." },
};

static size_t find(unsigned status)
{
	size_t n = sizeof statuses / sizeof statuses[0];

	for (size_t i = 0; i < n; i++) {
		if (statuses[i].status == status)
			return i;
	}
	return n;
}

void nsx_error(struct sim_reply *rp, unsigned status, int code, const char *fmt, ...)
{
	size_t i = find(status);
	struct json_writer w;
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	sim_reply_json(rp, status, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "httpStatus",
	    i < sizeof statuses / sizeof statuses[0] ? statuses[i].name : "ERROR");
	jsonw_i64(&w, "error_code", code);
	jsonw_str(&w, "module_name", "common-services");
	jsonw_str(&w, "error_message", text);
	jsonw_close(&w, '}');
	snprintf(rp->note, sizeof rp->note, "%u/%d", status, code);
}

void nsx_not_found(struct sim_reply *rp, const char *id)
{
	nsx_error(rp, 404, NSX_E_NOT_FOUND, "The requested object : %s could not be found. "
	    "Object identifiers are case sensitive.", id);
}

void nsx_refuse(void *state, unsigned status, struct sim_reply *rp)
{
	size_t i = find(status);

	(void)state;
	if (i < sizeof statuses / sizeof statuses[0])
		nsx_error(rp, status, statuses[i].code, "%s", statuses[i].text);
	else
		nsx_error(rp, status, (int)status, "HTTP status %u", status);
}
