/* test_facts.c - what the worker publishes: written, read, and refused. */
#include "lib/model/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define HEX8 "0123456789abcdef"
#define PIN HEX8 HEX8 HEX8 HEX8
#define HEAD "{\"schema\":\"certs_facts/1\",\"target\":\"prod\"," \
	"\"worker_seen_at\":\"2026-11-22T00:00:00Z\","
#define IDLE HEAD "\"pins\":[],\"run\":null,\"breaker\":\"closed\"}\n"
#define RUN "\"run\":{\"id\":7,\"state\":\"running\",\"procedure\":\"nsx-apply\",\"step\":2,\"steps\":5," \
	"\"since\":\"2026-11-21T23:00:00Z\",\"plan_hash\":\"3fa1\",\"message\":\"step 2\"}"

static int parse(const char *text, struct facts *f, struct err *e)
{
	size_t n = strlen(text);
	char *copy = malloc(n + 1);
	int failed;

	memcpy(copy, text, n + 1);
	memset(e, 0, sizeof *e);
	failed = facts_parse(copy, n, f, e);
	free(copy);
	return failed;
}

static const char *const same[] = {
	IDLE,
	HEAD "\"pins\":[\"" PIN "\"],\"run\":null,\"breaker\":\"open\"}\n",
	HEAD "\"pins\":[\"" PIN "\",\"" PIN "\"]," RUN ",\"breaker\":\"closed\"}\n",
	HEAD "\"pins\":[],\"run\":{\"id\":1,\"state\":\"held\",\"procedure\":\"x\",\"step\":0,\"steps\":0,"
	"\"since\":\"1970-01-01T00:00:00Z\",\"plan_hash\":null,\"message\":null},"
	"\"breaker\":\"closed\"}\n",
};

START_TEST(both_ways)
{
	struct facts f;
	struct buf out;
	struct err e;

	ck_assert_msg(parse(same[_i], &f, &e) == 0, "%s", e.text);
	buf_init(&out, FACTS_MAX_BYTES);
	facts_print(&f, &out);
	ck_assert_str_eq(buf_str(&out), same[_i]);
	buf_clear(&out);
	facts_clear(&f);
}
END_TEST

START_TEST(values)
{
	struct facts f;
	struct err e;

	ck_assert_int_eq(parse(same[2], &f, &e), 0);
	ck_assert_str_eq(f.target, "prod");
	ck_assert_int_eq(f.worker_seen_at, 1795305600);
	ck_assert_uint_eq(f.n_pins, 2);
	ck_assert_uint_eq(f.pins[1][0], 0x01);
	ck_assert(f.has_run && !f.breaker_open);
	ck_assert_int_eq(f.run_id, 7);
	ck_assert_int_eq(f.step, 2);
	ck_assert_int_eq(f.steps, 5);
	ck_assert_int_eq(f.since_at, 1795305600 - 3600);
	ck_assert_str_eq(f.run_state, "running");
	facts_clear(&f);
}
END_TEST

/* A newer worker may say more. */
START_TEST(more_keys)
{
	struct facts f;
	struct err e;

	ck_assert_int_eq(parse(HEAD "\"new\":{\"a\":[1]},\"pins\":[],\"breaker\":\"open\"}", &f, &e), 0);
	ck_assert(f.breaker_open && !f.has_run);
	facts_clear(&f);
}
END_TEST

#define NINE "\"" PIN "\",\"" PIN "\",\"" PIN "\",\"" PIN "\",\"" PIN "\",\"" PIN "\",\"" PIN "\",\"" PIN \
	"\",\"" PIN "\""

static const struct { const char *text, *message; } bad[] = {
	{ "", "nothing instead of JSON" },
	{ "null", "want an object" },
	{ "{}", "schema" },
	{ "{\"schema\":\"certs_facts/2\"}", "facts.schema: want certs_facts/1" },
	{ "{\"schema\":\"certs_facts/1\",\"target\":1}", "target: want a string" },
	{ "{\"schema\":\"certs_facts/1\",\"target\":\"p\",\"worker_seen_at\":\"soon\"}", "want a time" },
	{ HEAD "\"run\":null,\"breaker\":\"open\"}", "pins" },
	{ HEAD "\"pins\":\"" PIN "\",\"breaker\":\"open\"}", "pins: want an array" },
	{ HEAD "\"pins\":[1],\"breaker\":\"open\"}", "pins[0]: want 64 hex digits" },
	{ HEAD "\"pins\":[\"" PIN "\",\"" HEX8 "\"],\"breaker\":\"open\"}", "pins[1]: want 64" },
	{ HEAD "\"pins\":[\"" PIN "00\"],\"breaker\":\"open\"}", "pins[0]: want 64" },
	{ HEAD "\"pins\":[" NINE "],\"breaker\":\"open\"}", "more than 8" },
	{ HEAD "\"pins\":[],\"run\":[],\"breaker\":\"open\"}", "facts.run: want an object" },
	{ HEAD "\"pins\":[],\"run\":{},\"breaker\":\"open\"}", "facts.run.id" },
	{ HEAD "\"pins\":[],\"run\":{\"id\":-1},\"breaker\":\"open\"}", "facts.run.id" },
	{ HEAD "\"pins\":[],\"run\":null}", "facts.breaker" },
	{ HEAD "\"pins\":[],\"run\":null,\"breaker\":\"ajar\"}", "want open or closed" },
	{ HEAD "\"pins\":[],\"run\":null,\"breaker\":\"op", "cut off" },
};

START_TEST(refuses)
{
	struct facts f, empty;
	struct err e;

	facts_init(&empty);
	ck_assert_int_eq(parse(bad[_i].text, &f, &e), -1);
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_msg(strstr(e.text, bad[_i].message) != NULL, "%s", e.text);
	ck_assert_mem_eq(&f, &empty, sizeof f);
}
END_TEST

/* --- from the directory --------------------------------------------------------------- */

static void setup(void)
{
	scratch_make();
	ck_assert_int_eq(mkdir(scratch_path("public"), 0755), 0);
}

static void teardown(void)
{
	char command[64 + 4096];

	snprintf(command, sizeof command, "rm -rf '%s'", scratch_path("public"));
	ck_assert_int_eq(system(command), 0);
	scratch_remove();
}

static int load(const char *target, struct facts *f, struct err *e)
{
	memset(e, 0, sizeof *e);
	return facts_load(scratch_path("."), target, f, e);
}

START_TEST(loads)
{
	struct facts f;
	struct err e;

	ck_assert_int_eq(load("prod", &f, &e), 0);
	scratch_text("public/prod.json", same[2], 0644);
	ck_assert_msg(load("prod", &f, &e) == 1, "%s", e.text);
	ck_assert_uint_eq(f.n_pins, 2);
	facts_clear(&f);
	ck_assert_int_eq(facts_load(scratch_path("absent"), "prod", &f, &e), 0);
}
END_TEST

static void expect(const char *target, enum err_code code, const char *message)
{
	struct facts f;
	struct err e;

	ck_assert_int_eq(load(target, &f, &e), -1);
	ck_assert_msg(e.code == code && strstr(e.text, message) != NULL, "%d: %s", e.code, e.text);
	ck_assert_uint_eq(f.n_pins, 0);
}

START_TEST(refuses_files)
{
	static char large[FACTS_MAX_BYTES + 1];

	scratch_text("public/other.json", IDLE, 0644);
	expect("other", ERR_ANSWER, "is about another target, \"prod\"");
	scratch_text("public/prod.json", "", 0644);
	expect("prod", ERR_ANSWER, "is empty");
	scratch_text("public/prod.json", "{", 0644);
	expect("prod", ERR_ANSWER, "/public/prod.json: ");
	memset(large, ' ', sizeof large);
	scratch_bytes("public/prod.json", large, sizeof large, 0644);
	expect("prod", ERR_IO, "larger than");
	scratch_text("public/prod.json", IDLE, 0664);
	expect("prod", ERR_CONFIG, "run: chmod go-w ");
	unlink(scratch_path("public/prod.json"));
	ck_assert_int_eq(symlink("other.json", scratch_path("public/prod.json")), 0);
	expect("prod", ERR_IO, "cannot open");
	unlink(scratch_path("public/prod.json"));
	ck_assert_int_eq(mkfifo(scratch_path("public/prod.json"), 0600), 0);
	expect("prod", ERR_CONFIG, "is not a regular file");
	unlink(scratch_path("public/prod.json"));
	ck_assert_int_eq(mkdir(scratch_path("public/prod.json"), 0755), 0);
	expect("prod", ERR_CONFIG, "is not a regular file");
}
END_TEST

START_TEST(refuses_names)
{
	expect("../public/prod", ERR_CONFIG, "cannot be the name");
	expect(".prod", ERR_CONFIG, "cannot be the name");
	expect("", ERR_CONFIG, "cannot be the name");
}
END_TEST

/* Who may write one of the directories could put any facts there. */
START_TEST(refuses_directories)
{
	scratch_text("public/prod.json", same[2], 0644);
	ck_assert_int_eq(chmod(scratch_path("public"), 0775), 0);
	expect("prod", ERR_CONFIG, "/public can be changed by others");
	ck_assert_int_eq(chmod(scratch_path("public"), 0755), 0);
	ck_assert_int_eq(chmod(scratch_path("."), 01777), 0);
	expect("prod", ERR_CONFIG, "can be changed by others");
	ck_assert_int_eq(chmod(scratch_path("."), 0700), 0);
}
END_TEST

#define STRANGER 12345
#define WORKER 12346

/* The worker may be a user of its own: it owns the directory of facts.  A file
 * that is neither its, root's nor ours counts for nothing. */
START_TEST(owners)
{
	const char *public = scratch_path("public");
	const char *path = scratch_text("public/prod.json", same[2], 0644);
	struct facts f;
	struct err e;

	ck_assert_int_eq(chown(path, STRANGER, (gid_t)-1), 0);
	expect("prod", ERR_CONFIG, "belongs to another user (uid 12345)");
	ck_assert_int_eq(chown(path, WORKER, (gid_t)-1), 0);
	expect("prod", ERR_CONFIG, "belongs to another user (uid 12346)");
	ck_assert_int_eq(chown(public, WORKER, (gid_t)-1), 0);
	ck_assert_msg(load("prod", &f, &e) == 1, "%s", e.text);
	facts_clear(&f);
	ck_assert_int_eq(chown(scratch_path("."), STRANGER, (gid_t)-1), 0);
	expect("prod", ERR_CONFIG, "belongs to another user (uid 12345)");
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("facts");
	TCase *text = tcase_create("text"), *files = tcase_create("files");

	tcase_add_loop_test(text, both_ways, 0, UNIT_ROWS(same));
	tcase_add_test(text, values);
	tcase_add_test(text, more_keys);
	tcase_add_loop_test(text, refuses, 0, UNIT_ROWS(bad));
	suite_add_tcase(s, text);
	tcase_add_checked_fixture(files, setup, teardown);
	tcase_add_test(files, loads);
	tcase_add_test(files, refuses_files);
	tcase_add_test(files, refuses_names);
	tcase_add_test(files, refuses_directories);
	if (geteuid() == 0)
		tcase_add_test(files, owners);
	suite_add_tcase(s, files);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
