/* nsx_manager.h - a manager on paper: answers the requests of the NSX source
 * from recorded files, or as a table of replies has it, without a network.
 *
 * Whatever it is asked, it checks what holds for every request: nothing
 * secret in a URL, one kind of login, none in a handshake, one request until
 * the login is proven and only a few at once later. */
#ifndef CHECK_CERTS_NSX_MANAGER_H
#define CHECK_CERTS_NSX_MANAGER_H

#include "tests/unit/opsman_world.h"

#define MANAGER_PENDING_MAX 16

/* What one request is answered with, instead of the recorded file. */
struct reply {
	const char *path;        /* or, for a handshake, its endpoint */
	int nth;                 /* of the requests for that path; 0: each */
	int status;
	const char *body;        /* text; "@name": a file of the fixtures; NULL: none */
	int64_t retry_after_s;
	enum err_code err;       /* no HTTP answer */
	const char *chain;       /* a PEM file of the fixtures: the handshake's */
	bool is_only_expired;
	bool has_no_session;     /* of a login: neither cookie nor token */
	const char *location;
};

enum manager_login { BY_BASIC, BY_SESSION, BY_CERT, BY_CLIENT, BY_NONE };
enum manager_order { FIRST_IN_FIRST_OUT, LAST_IN_FIRST_OUT, BY_TURNS };

struct manager {
	struct world w;
	const char *version;             /* directory of the recorded answers */
	const struct reply *replies;
	size_t n_replies;
	enum manager_order order;
	int n_answers_max;               /* the deadline comes when so many are in; -1: never */
	struct source *s;
	int64_t now_ms;
	int64_t elapsed_ms;              /* that each request is said to have taken; 150 */
	struct { char *path, *target; int tag, nth; bool is_peek; } pending[MANAGER_PENDING_MAX];
	size_t n_pending;
	int n_answers;
	size_t n_logins;                 /* sessions made */
	size_t most_calls, most_peeks;   /* at the same time */
	struct buf log;                  /* "GET /path?query", "PEEK host:port?sni=name" */
	int64_t waited_ms;
};

/* A target https://nsx.example with probe on. */
void manager_open(
    struct manager *m, const char *version, enum manager_login login, const char *state_dir);
void manager_replies(struct manager *m, const struct reply *replies, size_t n_replies);

/* Start, poll to the end (or the deadline), finish. */
void manager_run(struct manager *m);
void manager_close(struct manager *m);

/* Open, run with one table of replies. */
void manager_poll(
    struct manager *m, const char *version, const struct reply *replies, size_t n_replies);

/* How many requests had this line's beginning ("GET /api/v1/cluster"). */
size_t manager_count(const struct manager *m, const char *line);

bool manager_is_complete(const struct manager *m);

/* All that came of it, one line a fact, sorted: equal texts mean equal
 * inventories, whatever the order of the answers was.  To be freed. */
char *manager_dump(const struct manager *m);

/* A file of tests/fixtures/nsx, to be freed. */
char *nsx_fixture(const char *directory, const char *name);

#endif
