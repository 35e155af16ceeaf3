/* https_world.c - what the tests of the network share. */
#include "tests/unit/https_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define HOUR_S 3600L
#define DAY_S 86400L
#define HERE "DNS:localhost,IP:127.0.0.1,IP:::1"
#define ELSEWHERE "DNS:elsewhere.example,DNS:*.elsewhere.example"

#define SLOWER 15            /* valgrind, measured by its handshakes */

struct world world;

/* In the order of the enumeration: an issuer stands before what it signs. */
static const struct {
	const char *common_name, *names;
	long from_s, until_s;
	bool is_ca;
	int issuer;                       /* -1: itself */
} recipes[WORLD_N] = {
	[WORLD_CA]          = { "World CA", NULL, 0, 0, true, -1 },
	[WORLD_OTHER_CA]    = { "Other CA", NULL, 0, 0, true, -1 },
	[WORLD_OLD_CA]      = { "Old CA", NULL, -2 * DAY_S, -HOUR_S, true, -1 },
	[WORLD_GOOD]        = { "good", HERE, 0, 0, false, WORLD_CA },
	[WORLD_EXPIRED]     = { "expired", HERE, -2 * DAY_S, -HOUR_S, false, WORLD_CA },
	[WORLD_FUTURE]      = { "future", HERE, HOUR_S, DAY_S, false, WORLD_CA },
	[WORLD_ELSEWHERE]   = { "elsewhere", ELSEWHERE, 0, 0, false, WORLD_CA },
	[WORLD_EXPIRED_ELSEWHERE] = { "gone", ELSEWHERE, -2 * DAY_S, -HOUR_S, false, WORLD_CA },
	[WORLD_UNDER_OLD_CA] = { "orphan", HERE, 0, 0, false, WORLD_OLD_CA },
	[WORLD_MIDDLE_CA]   = { "Middle CA", NULL, 0, 0, true, WORLD_CA },
	[WORLD_UNDER_MIDDLE] = { "grandchild", HERE, 0, 0, false, WORLD_MIDDLE_CA },
	[WORLD_SELF]        = { "self", HERE, 0, 0, false, -1 },
	[WORLD_SELF_EXPIRED] = { "self gone", HERE, -2 * DAY_S, -HOUR_S, false, -1 },
};

int64_t world_ms(int64_t ms)
{
	return world.is_slow ? ms * SLOWER : ms;
}

void world_make(void)
{
	const char *preload = getenv("LD_PRELOAD");

	world.is_slow = preload != NULL && strstr(preload, "/vgpreload") != NULL;
	world.limits = (struct fetch_limits){ .connect_ms = world_ms(20000), .stall_ms = world_ms(300),
	    .stall_bytes_per_s = 300, .n_running_max = 400 };
	scratch_make();
	for (size_t i = 0; i < WORLD_N; i++) {
		char name[32], *pem;

		world.certs[i] = pki_make(&(struct pki_options){
		    .common_name = recipes[i].common_name, .names = recipes[i].names,
		    .from_s = recipes[i].from_s, .until_s = recipes[i].until_s,
		    .is_ca = recipes[i].is_ca,
		    .issuer = recipes[i].issuer < 0 ? NULL : world.certs[recipes[i].issuer] });
		snprintf(name, sizeof name, "world-%zu.pem", i);
		pem = pki_pem(world.certs[i], true);
		world.files[i] = mem_strdup(scratch_text(name, pem, 0600));
		free(pem);
	}
	world.trust = (struct trust){ .ca_file = world.files[WORLD_CA] };
}

void world_remove(void)
{
	for (size_t i = 0; i < WORLD_N; i++) {
		pki_free(world.certs[i]);
		free(world.files[i]);
	}
	scratch_remove();
}

struct tls_server *world_server(enum world_cert identity, const char *answer,
    void (*serve)(struct tls_conn *c))
{
	return tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[identity], .answer = answer, .serve = serve });
}

static const char *place(const struct tls_server *s, const char *before, const char *after)
{
	static char texts[8][200];
	static size_t n;
	char *text = texts[n++ % 8];

	snprintf(text, sizeof texts[0], "%s127.0.0.1:%d%s", before, tls_server_port(s), after);
	return text;
}

const char *world_url(const struct tls_server *s, const char *path)
{
	return place(s, "https://", path);
}

const char *world_address(const struct tls_server *s)
{
	return place(s, "", "");
}

struct fetch_answer world_fetch(const struct fetch_request *r, int64_t deadline_ms)
{
	struct err e = { 0 };
	struct fetch_answer a;
	struct fetch *f = fetch_new_limited(clock_mono_ms() + world_ms(deadline_ms), NULL,
	    &world.limits, &e);

	ck_assert_msg(f != NULL, "%s", e.text);
	fetch_start(f, r);
	ck_assert_uint_eq(fetch_pending(f), 1);
	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
	ck_assert_uint_eq(fetch_pending(f), 0);
	fetch_free(f);
	return a;
}

bool world_as_nobody(bool (*check)(const void *arg), const void *arg)
{
	const uid_t nobody = 65534;
	int status = -1;
	pid_t pid;

	ck_assert_int_eq(chmod(scratch_path("."), 0755), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		bool good = (geteuid() != 0 || setuid(nobody) == 0) && check(arg);

		/* exec: a leak checker would call the parent's memory lost at an _exit, and change the status */
		execlp(good ? "true" : "false", good ? "true" : "false", (char *)NULL);
		_exit(2);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void world_expect(const struct err *e, enum err_code code, const char *text, const char *comment)
{
	ck_assert_msg(e->code == code, "%s: code %s, want %s: %s", comment, err_code_name(e->code),
	    err_code_name(code), e->text);
	ck_assert_msg(strstr(e->text, text) != NULL, "%s: \"%s\" without \"%s\"", comment, e->text, text);
}
