/* api_world.h - a manager for the tests of the handler's calls: an HTTPS
 * server that answers by a table and keeps a log of what it was asked. */
#ifndef CHECK_CERTS_API_WORLD_H
#define CHECK_CERTS_API_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include "remediate/api.h"
#include "tests/unit/https_world.h"

/* Instead of a status. */
enum { API_CLOSE = -1, API_RESET = -2, API_HANG = -3, API_HALF = -4 };

/* What the nth request (0: each) that begins with this line is answered with;
 * the first row that fits.  What no row fits is 404 as NSX says it. */
struct api_reply {
	const char *line;        /* "POST /api/v1/x" */
	int nth;
	int status;
	const char *body;        /* NULL: none */
	const char *headers;     /* further ones, each with its line end; NULL */
};

struct api_world {
	struct target target;
	const char *credentials; /* borrowed path */
};

/* For the checked fixture, beside world_make. */
void api_world_open(struct api_world *w, const struct api_reply *replies, size_t n_replies);
void api_world_close(struct api_world *w);

/* It is an Ops Manager from now on: the login is API_BASIC_LOGIN's. */
void api_world_opsman(struct api_world *w);
#define API_TOKEN_LINE "POST /uaa/oauth/token"
#define API_TOKEN(token, life) { .line = API_TOKEN_LINE, .status = 200, \
	.body = "{\"access_token\":\"" token "\",\"token_type\":\"bearer\",\"expires_in\":" life "}" }

/* Another table from now on; borrowed. */
void api_world_replies(const struct api_reply *replies, size_t n_replies);

#define API_SESSION_LOGIN "username=admin\npassword=p@ss w=rd\nlogin=session\n"
#define API_BASIC_LOGIN "username=admin\npassword=p@ss w=rd\n"

/* Another credentials file than one of Basic. */
void api_world_login(struct api_world *w, const char *text);

struct api *api_world_api(struct api_world *w);

/* Requests so far whose first line begins so; "" for all. */
size_t api_world_count(const char *line);

/* The last request that began so, headers and body; to be freed, "" for none. */
char *api_world_request(const char *line);

#endif
