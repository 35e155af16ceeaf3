/* test_fetch_share.c - many requests at once: whose connection, which order,
 * how many, and the lock between processes. */
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "tests/unit/https_world.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOON_MS 4000
#define MANY 200

static struct fetch *begin(int64_t deadline_ms, size_t n_running_max)
{
	struct fetch_limits limits = world.limits;
	struct err e = { 0 };
	struct fetch *f;

	limits.n_running_max = n_running_max;
	f = fetch_new_limited(clock_mono_ms() + world_ms(deadline_ms), NULL, &limits, &e);
	ck_assert_msg(f != NULL, "%s", e.text);
	return f;
}

/* One after the other: the error code and how many certificates were shown. */
static enum err_code one(struct fetch *f, const struct fetch_request *r, size_t *n_shown)
{
	struct fetch_answer a;
	enum err_code code;

	fetch_start(f, r);
	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
	code = a.err.code;
	*n_shown = a.chain.n;
	fetch_answer_clear(&a);
	return code;
}

/* --- whose connection -------------------------------------------------------------- */

START_TEST(connection_is_used_again)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch *f = begin(SOON_MS, 10);
	struct fetch_request r = { .url = world_url(s, "/"), .trust = &world.trust };
	size_t n_shown;

	ck_assert_int_eq(one(f, &r, &n_shown), ERR_NONE);
	ck_assert_uint_eq(n_shown, 1);
	ck_assert_int_eq(one(f, &r, &n_shown), ERR_NONE);
	ck_assert_uint_eq(n_shown, 0);
	ck_assert_uint_eq(tls_server_connections(s), 1);
	ck_assert_uint_eq(tls_server_requests(s), 2);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

/* After a connection that the first request may use, the second differs in
 * something that libcurl does not compare.  It must shake hands itself. */
static uint8_t good_pin[1][32], wrong_pin[1][32];
static struct trust by_good_pin = { .pins = good_pin, .n_pins = 1 },
    by_wrong_pin = { .pins = wrong_pin, .n_pins = 1 }, by_system, by_other_ca;

static const struct {
	const char *comment;
	const struct trust *trust;
	size_t source;
	enum err_code code;
} strangers[] = {
	{ "another CA file", &by_other_ca, 0, ERR_TLS },
	{ "the system's store", &by_system, 0, ERR_TLS },
	{ "a pin that does not match", &by_wrong_pin, 0, ERR_TLS },
	{ "a pin that matches", &by_good_pin, 0, ERR_NONE },
	{ "another source", &world.trust, 1, ERR_NONE },
};

START_TEST(connection_is_not_lent)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch *f = begin(SOON_MS, 10);
	struct fetch_request r = { .url = world_url(s, "/"), .trust = &world.trust };
	size_t n_shown, n_bytes;

	pki_sha256(world.certs[WORLD_GOOD], good_pin[0]);
	by_other_ca.ca_file = world.files[WORLD_OTHER_CA];
	ck_assert_int_eq(one(f, &r, &n_shown), ERR_NONE);
	n_bytes = tls_server_bytes(s);
	r.trust = strangers[_i].trust;
	r.source = strangers[_i].source;
	ck_assert_msg(one(f, &r, &n_shown) == strangers[_i].code, "%s", strangers[_i].comment);
	ck_assert_msg(n_shown == 1, "%s: used the other's connection", strangers[_i].comment);
	ck_assert_uint_eq(tls_server_connections(s), 2);
	ck_assert_uint_eq(tls_server_requests(s), strangers[_i].code == ERR_NONE ? 2 : 1);
	if (strangers[_i].code != ERR_NONE)
		ck_assert_uint_eq(tls_server_bytes(s), n_bytes);
	/* And the first one's is still there for the first one. */
	r = (struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust };
	ck_assert_int_eq(one(f, &r, &n_shown), ERR_NONE);
	ck_assert_uint_eq(n_shown, 0);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

START_TEST(peek_shakes_hands_itself)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch *f = begin(SOON_MS, 10);
	size_t n_shown;

	ck_assert_int_eq(one(f, &(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust }, &n_shown), ERR_NONE);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(one(f, &(struct fetch_request){ .verb = FETCH_PEEK,
		    .url = world_address(s) }, &n_shown), ERR_NONE);
		ck_assert_uint_eq(n_shown, 1);
	}
	ck_assert_uint_eq(tls_server_connections(s), 3);
	ck_assert_uint_eq(tls_server_requests(s), 1);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

/* Answers once on a connection, then closes it when the next request is
 * there, without a byte. */
static void answer_once(struct tls_conn *c)
{
	if (c->nth == 0 && tls_conn_request(c) == 0)
		tls_conn_text(c, WORLD_OK);
	(void)tls_conn_request(c);
}

START_TEST(post_is_sent_once)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, answer_once);
	struct fetch *f = begin(SOON_MS, 10);
	char form_text[] = "a=b";
	const struct secret form = { form_text, 3 };
	size_t n_shown;

	ck_assert_int_eq(one(f, &(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust }, &n_shown), ERR_NONE);
	ck_assert_int_eq(one(f, &(struct fetch_request){ .verb = FETCH_POST, .form = &form,
	    .url = world_url(s, "/"), .trust = &world.trust }, &n_shown), ERR_UNREACHABLE);
	ck_assert_uint_eq(n_shown, 1);
	ck_assert_uint_eq(tls_server_connections(s), 2);
	ck_assert_uint_eq(tls_server_requests(s), 2);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

START_TEST(get_survives_a_closed_connection)
{
	struct tls_server *s = world_server(WORLD_GOOD, NULL, answer_once);
	struct fetch *f = begin(SOON_MS, 10);
	struct fetch_request r = { .url = world_url(s, "/"), .trust = &world.trust };
	size_t n_shown;

	ck_assert_int_eq(one(f, &r, &n_shown), ERR_NONE);
	/* Repeated once, over a connection whose handshake is judged anew. */
	ck_assert_int_eq(one(f, &r, &n_shown), ERR_UNREACHABLE);
	ck_assert_uint_eq(n_shown, 1);
	ck_assert_uint_eq(tls_server_connections(s), 2);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

/* --- how many at once ------------------------------------------------------------------ */

START_TEST(many_run_at_once)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .answer = WORLD_OK, .delay_ms = 500 });
	struct fetch *f = begin(40000, 400);
	const char *url = world_url(s, "/");
	const size_t n = world.is_slow ? MANY / 10 : MANY;
	bool seen[MANY] = { false };
	size_t n_fine = 0;
	int64_t longest_ms = 0, begun_ms = clock_mono_ms();
	struct fetch_answer a;

	for (size_t i = 0; i < n; i++)
		fetch_start(f, &(struct fetch_request){ .url = url, .trust = &world.trust, .source = i });
	ck_assert_uint_eq(fetch_pending(f), n);
	while (fetch_wait(f, INT64_MAX, &a) == 1) {
		ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
		ck_assert(!seen[a.source]);
		seen[a.source] = true;
		longest_ms = a.elapsed_ms > longest_ms ? a.elapsed_ms : longest_ms;
		n_fine++;
		fetch_answer_clear(&a);
	}
	ck_assert_uint_eq(n_fine, n);
	/* One after the other they would need a hundred seconds. */
	ck_assert_msg(clock_mono_ms() - begun_ms < world_ms(30000), "%lld ms", (long long)longest_ms);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

START_TEST(no_more_than_allowed)
{
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .answer = WORLD_OK, .delay_ms = (unsigned)world_ms(300) });
	struct fetch *f = begin(SOON_MS, 2);
	const int64_t begun_ms = clock_mono_ms();
	struct fetch_answer a;

	for (size_t i = 0; i < 6; i++)
		fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust,
		    .source = i });
	ck_assert_int_eq(fetch_wait(f, clock_mono_ms() + world_ms(150), &a), 0);
	ck_assert_uint_eq(tls_server_connections(s), 2);
	for (size_t i = 0; i < 6; i++) {
		ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
		ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
		fetch_answer_clear(&a);
	}
	ck_assert_int_ge(clock_mono_ms() - begun_ms, 900);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

/* --- the lock ----------------------------------------------------------------------------- */

/* Another process that holds a lock for so long; it holds it on return. */
static pid_t hold(const char *path, unsigned ms)
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		const int fd = open(path, O_RDWR | O_CREAT, 0666);

		if (fd < 0 || flock(fd, LOCK_EX) != 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		poll(NULL, 0, (int)ms);
		_exit(0);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void expect_end(pid_t pid)
{
	int status;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

START_TEST(lock_is_waited_for)
{
	const char *lock = scratch_path("lock");
	const int64_t begun_ms = clock_mono_ms();
	const pid_t holder = hold(lock, (unsigned)world_ms(400));
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch *f = begin(SOON_MS, 10);
	struct fetch_answer a;

	fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust,
	    .lock_path = lock });
	ck_assert_int_eq(fetch_wait(f, begun_ms + world_ms(250), &a), 0);
	ck_assert_uint_eq(tls_server_connections(s), 0);
	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert_int_ge(clock_mono_ms() - begun_ms, world_ms(400));
	ck_assert_int_lt(a.elapsed_ms, world_ms(400));
	fetch_answer_clear(&a);
	expect_end(holder);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

START_TEST(lock_not_had_in_time)
{
	const char *lock = scratch_path("lock-late");
	const pid_t holder = hold(lock, (unsigned)world_ms(600));
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust, .lock_path = lock }, 300);

	world_expect(&a.err, ERR_TIMEOUT, "another process held the lock", "lock");
	world_expect(&a.err, ERR_TIMEOUT, lock, "the lock's name");
	ck_assert_uint_eq(tls_server_connections(s), 0);
	fetch_answer_clear(&a);
	expect_end(holder);
	tls_server_stop(s);
}
END_TEST

/* Is it held right now, by anybody? */
static bool is_locked(const char *path)
{
	const int fd = open(path, O_RDONLY);
	bool locked;

	ck_assert_int_ge(fd, 0);
	locked = flock(fd, LOCK_EX | LOCK_NB) != 0;
	close(fd);
	return locked;
}

START_TEST(lock_is_held_until_the_answer_is_complete)
{
	const char *lock = scratch_path("lock-held");
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .answer = WORLD_OK, .delay_ms = 200 });
	struct fetch *f = begin(SOON_MS, 10);
	struct fetch_answer a;

	fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust,
	    .lock_path = lock });
	ck_assert_int_eq(fetch_wait(f, clock_mono_ms() + 50, &a), 0);
	ck_assert(is_locked(lock));
	ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
	ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
	ck_assert(!is_locked(lock));
	fetch_answer_clear(&a);
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

/* Two of our own requests respect it towards each other. */
START_TEST(lock_makes_serial)
{
	const char *lock = scratch_path("lock-serial");
	struct tls_server *s = tls_server_start(&(struct tls_server_options){
	    .identity = world.certs[WORLD_GOOD], .answer = WORLD_OK, .delay_ms = 150 });
	struct fetch *f = begin(SOON_MS, 10);
	struct fetch_answer a;

	for (size_t i = 0; i < 3; i++)
		fetch_start(f, &(struct fetch_request){ .url = world_url(s, "/"), .trust = &world.trust,
		    .source = i, .lock_path = lock });
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(fetch_wait(f, INT64_MAX, &a), 1);
		ck_assert_msg(a.err.code == ERR_NONE, "%s", a.err.text);
		ck_assert_uint_eq(tls_server_connections(s), i + 1);
		fetch_answer_clear(&a);
	}
	fetch_free(f);
	tls_server_stop(s);
}
END_TEST

START_TEST(lock_that_cannot_be_opened)
{
	struct tls_server *s = world_server(WORLD_GOOD, WORLD_OK, NULL);
	struct fetch_answer a = world_fetch(&(struct fetch_request){ .url = world_url(s, "/"),
	    .trust = &world.trust, .lock_path = "/nonexistent/lock" }, SOON_MS);

	world_expect(&a.err, ERR_IO, "/nonexistent/lock", "lock");
	ck_assert_uint_eq(tls_server_connections(s), 0);
	fetch_answer_clear(&a);
	tls_server_stop(s);
}
END_TEST

static bool can_lock(const void *path)
{
	struct err e = { 0 };
	const int fd = fetch_lock_open(path, &e);

	return fd >= 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY &&
	    fetch_lock_try(fd, path, &e) == 1;
}

static bool cannot_lock(const void *path)
{
	struct err e = { 0 };

	return fetch_lock_open(path, &e) < 0 && e.code == ERR_IO;
}

START_TEST(lock_of_another_user)
{
	ck_assert(world_as_nobody(can_lock, scratch_text("lock-read-only", "", 0444)));
	ck_assert(world_as_nobody(cannot_lock, scratch_text("lock-closed", "", 0000)));
}
END_TEST

START_TEST(lock_is_created)
{
	const mode_t before = umask(022);
	struct err e = { 0 };
	struct stat st;
	const int fd = fetch_lock_open(scratch_path("lock-new"), &e);

	ck_assert_msg(fd >= 0, "%s", e.text);
	ck_assert_int_eq(fstat(fd, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0644);
	ck_assert_int_ne(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
	close(fd);
	umask(before);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("fetch_share");
	TCase *c = tcase_create("many requests");

	tcase_add_unchecked_fixture(c, world_make, world_remove);
	tcase_set_timeout(c, 120);
	tcase_add_test(c, connection_is_used_again);
	tcase_add_loop_test(c, connection_is_not_lent, 0, sizeof strangers / sizeof strangers[0]);
	tcase_add_test(c, peek_shakes_hands_itself);
	tcase_add_test(c, post_is_sent_once);
	tcase_add_test(c, get_survives_a_closed_connection);
	tcase_add_test(c, many_run_at_once);
	tcase_add_test(c, no_more_than_allowed);
	tcase_add_test(c, lock_is_waited_for);
	tcase_add_test(c, lock_not_had_in_time);
	tcase_add_test(c, lock_is_held_until_the_answer_is_complete);
	tcase_add_test(c, lock_makes_serial);
	tcase_add_test(c, lock_that_cannot_be_opened);
	tcase_add_test(c, lock_of_another_user);
	tcase_add_test(c, lock_is_created);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
