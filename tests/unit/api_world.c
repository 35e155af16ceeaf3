/* api_world.c - a manager for the tests of the handler's calls. */
#include "tests/unit/api_world.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define REQUESTS_MAX 400
#define NOT_FOUND "{\"httpStatus\":\"NOT_FOUND\",\"error_code\":600," \
	"\"error_message\":\"The requested object could not be found.\"}"

static struct {
	struct tls_server *server;
	const struct api_reply *replies;
	size_t n_replies;
	char *requests[REQUESTS_MAX];
	size_t n_requests;
	pthread_mutex_t mutex;
} manager = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static bool begins(const char *text, const char *line)
{
	const size_t n = strlen(line);

	return strncmp(text, line, n) == 0 && (n == 0 || strchr("? &/", text[n]) != NULL ||
	    strchr("?&=/", line[n - 1]) != NULL);
}

static size_t count(const char *line)
{
	size_t n = 0;

	for (size_t i = 0; i < manager.n_requests; i++)
		n += begins(manager.requests[i], line);
	return n;
}

size_t api_world_count(const char *line)
{
	size_t n;

	pthread_mutex_lock(&manager.mutex);
	n = count(line);
	pthread_mutex_unlock(&manager.mutex);
	return n;
}

char *api_world_request(const char *line)
{
	char *found = NULL;

	pthread_mutex_lock(&manager.mutex);
	for (size_t i = manager.n_requests; i > 0 && found == NULL; i--)
		if (begins(manager.requests[i - 1], line))
			found = mem_strdup(manager.requests[i - 1]);
	pthread_mutex_unlock(&manager.mutex);
	return found != NULL ? found : mem_strdup("");
}

/* Enter the request into the log; what to answer. */
static struct api_reply take_request(struct tls_conn *c)
{
	struct api_reply reply = { .status = 404, .body = NOT_FOUND };
	char *text = tls_server_last_request(c->server);

	pthread_mutex_lock(&manager.mutex);
	if (manager.n_requests == REQUESTS_MAX)
		abort();
	manager.requests[manager.n_requests++] = text;
	for (size_t i = 0; i < manager.n_replies; i++) {
		const struct api_reply *r = &manager.replies[i];

		if (begins(text, r->line) && (r->nth == 0 || (size_t)r->nth == count(r->line))) {
			reply = *r;
			break;
		}
	}
	pthread_mutex_unlock(&manager.mutex);
	return reply;
}

static void answer(struct tls_conn *c, const struct api_reply *r)
{
	const char *body = r->body != NULL ? r->body : "";
	const char *headers = r->headers != NULL ? r->headers : "";
	const size_t missing = r->status == API_HALF ? 10 : 0;
	char *text = mem_printf("HTTP/1.1 %d x\r\nContent-Type: application/json\r\n%s"
	    "Content-Length: %zu\r\n\r\n%s", r->status > 0 ? r->status : 200, headers,
	    strlen(body) + missing, body);

	tls_conn_text(c, text);
	free(text);
}

static void serve(struct tls_conn *c)
{
	while (tls_conn_request(c) == 0) {
		const struct api_reply r = take_request(c);

		if (r.status == API_RESET)
			tls_conn_reset(c);
		if (r.status == API_HANG)
			(void)tls_conn_wait(c, 60000);
		if (r.status < 0 && r.status != API_HALF)
			return;
		answer(c, &r);
		if (r.status == API_HALF)
			return;
	}
}

void api_world_replies(const struct api_reply *replies, size_t n_replies)
{
	pthread_mutex_lock(&manager.mutex);
	manager.replies = replies;
	manager.n_replies = n_replies;
	pthread_mutex_unlock(&manager.mutex);
}

void api_world_open(struct api_world *w, const struct api_reply *replies, size_t n_replies)
{
	*w = (struct api_world){ .credentials = NULL };
	api_world_replies(replies, n_replies);
	manager.server = world_server(WORLD_GOOD, NULL, serve);
	w->target.name = mem_strdup("prod");
	w->target.kind = SOURCE_NSX;
	w->target.url = mem_strdup(world_url(manager.server, ""));
	w->target.trust.ca_file = mem_strdup(world.trust.ca_file);
	w->target.auth_retry_s = 3600;
	api_world_login(w, API_BASIC_LOGIN);
}

void api_world_opsman(struct api_world *w)
{
	w->target.kind = SOURCE_OPSMAN;
}

void api_world_login(struct api_world *w, const char *text)
{
	w->credentials = scratch_text("writer", text, 0600);
}

struct api *api_world_api(struct api_world *w)
{
	struct err e = { 0 };
	struct api *a = api_open(&w->target, w->credentials, NULL, NULL, &e);

	ck_assert_msg(a != NULL, "%s", e.text);
	return a;
}

void api_world_close(struct api_world *w)
{
	tls_server_stop(manager.server);
	manager.server = NULL;
	for (size_t i = 0; i < manager.n_requests; i++)
		free(manager.requests[i]);
	manager.n_requests = 0;
	target_clear(&w->target);
}
