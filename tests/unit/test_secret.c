/* test_secret.c - credential files: rights, grammar, and that no secret gets
 * into a message. */
#include "lib/base/secret.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/buf.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#define SECRET "s3cr3t-Word"   /* stands in every file; no message may hold it */

START_TEST(test_set_and_wipe)
{
	struct secret s = { 0 };

	secret_wipe(&s);
	secret_set(&s, "abcdef", 3);
	ck_assert_str_eq(s.bytes, "abc");
	ck_assert_uint_eq(s.len, 3);
	secret_set(&s, s.bytes + 1, 2);          /* from itself */
	ck_assert_str_eq(s.bytes, "bc");
	secret_set(&s, "", 0);
	ck_assert_str_eq(s.bytes, "");
	secret_set(&s, NULL, 0);
	ck_assert_ptr_null(s.bytes);
	secret_set(&s, "x", 1);
	secret_wipe(&s);
	secret_wipe(&s);
	ck_assert_ptr_null(s.bytes);
	ck_assert_uint_eq(s.len, 0);
}
END_TEST

static const struct { const char *text; enum login login; const char *user, *password; } good[] = {
	{ "username=audit\npassword=" SECRET "\n", LOGIN_BASIC, "audit", SECRET },
	{ "username=audit\npassword=" SECRET, LOGIN_BASIC, "audit", SECRET },
	{ "password=" SECRET "\nusername=audit", LOGIN_BASIC, "audit", SECRET },
	{ "  username\t= audit \r\n\tpassword  =\t" SECRET "  \r\n", LOGIN_BASIC, "audit", SECRET },
	{ "# a comment\n; another\n\n \t \n#username=x\nusername=audit\npassword=" SECRET,
	    LOGIN_BASIC, "audit", SECRET },
	{ "username=audit\npassword=#;=a b\"'" SECRET, LOGIN_BASIC, "audit", "#;=a b\"'" SECRET },
	{ "username=audit\npassword=p\xC3\xA4ss", LOGIN_BASIC, "audit", "p\xC3\xA4ss" },
	{ "username=audit\npassword=" SECRET "\nlogin=basic", LOGIN_BASIC, "audit", SECRET },
	{ "login=session\nusername=audit\npassword=" SECRET, LOGIN_SESSION, "audit", SECRET },
	{ "client_id=monitor\nclient_secret=" SECRET, LOGIN_CLIENT, "monitor", SECRET },
};

START_TEST(test_good)
{
	const char *path = scratch_text("good", good[_i].text, 0600);
	struct credentials c;
	struct err e = { 0 };

	ck_assert_msg(credentials_load(path, &c, &e) == 0, "%s", e.text);
	ck_assert_int_eq(c.login, good[_i].login);
	ck_assert_str_eq(c.user.bytes, good[_i].user);
	ck_assert_str_eq(c.password.bytes, good[_i].password);
	ck_assert_uint_eq(c.password.len, strlen(good[_i].password));
	ck_assert_ptr_null(c.client_cert_path);
	ck_assert_ptr_null(c.client_key_path);
	credentials_wipe(&c);
	ck_assert_int_eq(c.login, LOGIN_NONE);
	ck_assert_ptr_null(c.password.bytes);
	ck_assert_str_eq(c.identity, "");
	credentials_wipe(&c);
}
END_TEST

static const struct { const char *text, *message; } bad[] = {
	{ "", ": no login; want username= and password=" },
	{ "# nothing\n", ": no login; want username= and password=" },
	{ "login=basic\n", ": no login; want username= and password=" },
	{ "username=audit\n", ": username needs password beside it" },
	{ "password=" SECRET "\n", ": password needs username beside it" },
	{ "client_id=x\n", ": client_id needs client_secret beside it" },
	{ "client_secret=" SECRET "\n", ": client_secret needs client_id beside it" },
	{ "client_cert=/x\n", ": client_cert needs client_key beside it" },
	{ "client_key=/x\n", ": client_key needs client_cert beside it" },
	{ "username=a\npassword=" SECRET "\nclient_id=b\n", ": client_id needs client_secret beside it" },
	{ "username=a\npassword=" SECRET "\nclient_id=b\nclient_secret=" SECRET "\n",
	    ": more than one login; keep one pair of keys" },
	{ SECRET "\n", ":1: want key=value" },
	{ "username=audit\n" SECRET "\n", ":2: want key=value" },
	{ "username=audit\n\n# x\n" SECRET "=x\n", ":4: unknown key; known are username, password" },
	{ "Username=audit\n", ":1: unknown key" },
	{ "user name=audit\n", ":1: unknown key" },
	{ "=" SECRET "\n", ":1: unknown key" },
	{ "username=audit\npassword=" SECRET "\npassword=" SECRET "\n", ":3: second password" },
	{ "username=\npassword=" SECRET "\n", ":1: username is empty" },
	{ "username=audit\npassword= \t \n", ":2: password is empty" },
	{ "username=audit\npassword=" SECRET "\nlogin=cookie\n", ": login: want basic or session" },
	{ "username=audit\npassword=" SECRET "\nlogin=Session\n", ": login: want basic or session" },
	{ "client_id=a\nclient_secret=" SECRET "\nlogin=basic\n",
	    ": login is only for username and password" },
};

static void check_nothing_left(const struct credentials *c)
{
	ck_assert_int_eq(c->login, LOGIN_NONE);
	ck_assert_ptr_null(c->user.bytes);
	ck_assert_ptr_null(c->password.bytes);
	ck_assert_ptr_null(c->client_cert_path);
	ck_assert_ptr_null(c->client_key_path);
}

START_TEST(test_bad)
{
	const char *path = scratch_text("bad", bad[_i].text, 0600);
	struct credentials c;
	struct err e = { 0 };

	ck_assert_int_eq(credentials_load(path, &c, &e), -1);
	ck_assert_int_eq(e.code, ERR_CONFIG);
	ck_assert_int_eq(strncmp(e.text, path, strlen(path)), 0);
	ck_assert_msg(strncmp(e.text + strlen(path), bad[_i].message, strlen(bad[_i].message)) == 0,
	    "%s", e.text);
	ck_assert_ptr_null(strstr(e.text, SECRET));
	check_nothing_left(&c);
	credentials_wipe(&c);
}
END_TEST

START_TEST(test_nul_byte)
{
	static const char text[] = "username=audit\npassword=" SECRET "\0more\n";
	const char *path = scratch_bytes("nul", text, sizeof text - 1, 0600);
	struct credentials c;
	struct err e = { 0 };

	ck_assert_int_eq(credentials_load(path, &c, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "/nul holds a NUL byte"));
	check_nothing_left(&c);
}
END_TEST

static const struct { size_t size; int failed; } sizes[] = { { 65536, 0 }, { 65537, -1 } };

START_TEST(test_size)
{
	static const char head[] = "username=audit\npassword=" SECRET "\n";
	struct credentials c;
	struct err e = { 0 };
	struct buf b;

	buf_init(&b, 100000);
	ck_assert_int_eq(buf_adds(&b, head), 0);
	while (b.len < sizes[_i].size)
		ck_assert_int_eq(buf_addc(&b, '#'), 0);
	ck_assert_int_eq(credentials_load(scratch_bytes("size", b.data, b.len, 0600), &c, &e),
	    sizes[_i].failed);
	if (sizes[_i].failed)
		ck_assert_ptr_nonnull(strstr(e.text, "/size is larger than 65536 bytes"));
	credentials_wipe(&c);
	buf_clear(&b);
}
END_TEST

/* command: what the message tells to run, NULL when the rights are good. */
static const struct { unsigned mode; const char *secret_command, *plain_command; } rights[] = {
	{ 0600, NULL, NULL },
	{ 0400, NULL, NULL },
	{ 0640, NULL, NULL },
	{ 0440, NULL, NULL },
	{ 0700, NULL, NULL },
	{ 0644, "chmod 0640 ", NULL },
	{ 0604, "chmod 0600 ", NULL },
	{ 0444, "chmod 0640 ", NULL },
	{ 0660, "chmod 0640 ", "chmod go-w " },
	{ 0620, "chmod 0600 ", "chmod go-w " },
	{ 0602, "chmod 0600 ", "chmod go-w " },
	{ 0666, "chmod 0640 ", "chmod go-w " },
	{ 0777, "chmod 0640 ", "chmod go-w " },
};

/* The command stands at the very end, to be copied. */
static void check_rights(int failed, const struct err *e, const char *command, const char *path)
{
	struct buf want;

	ck_assert_int_eq(failed, command == NULL ? 0 : -1);
	if (command == NULL)
		return;
	buf_init(&want, 5000);
	ck_assert_int_eq(buf_addf(&want, "; run: %s%s", command, path), 0);
	ck_assert_int_eq(e->code, ERR_CONFIG);
	ck_assert_uint_gt(strlen(e->text), want.len);
	ck_assert_str_eq(e->text + strlen(e->text) - want.len, buf_str(&want));
	buf_clear(&want);
}

START_TEST(test_rights)
{
	const char *path = scratch_text("rights", "username=a\npassword=" SECRET, 0600);
	int fd = open(path, O_RDONLY), failed;
	struct err e = { 0 };

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fchmod(fd, (mode_t)rights[_i].mode), 0);
	failed = secret_check_fd(fd, path, true, &e);
	check_rights(failed, &e, rights[_i].secret_command, path);
	failed = secret_check_fd(fd, path, false, &e);
	check_rights(failed, &e, rights[_i].plain_command, path);
	close(fd);
}
END_TEST

START_TEST(test_load_checks_rights)
{
	const char *path = scratch_text("open", "username=a\npassword=" SECRET, 0644);
	struct credentials c;
	struct err e = { 0 };
	int failed = credentials_load(path, &c, &e);

	check_rights(failed, &e, "chmod 0640 ", path);
	check_nothing_left(&c);
}
END_TEST

START_TEST(test_owner)
{
	const char *path = scratch_text("owner", "username=a\npassword=" SECRET, 0600);
	struct credentials c;
	struct err e = { 0 };

	ck_assert_int_eq(chown(path, 12345, (gid_t)-1), 0);
	ck_assert_int_eq(credentials_load(path, &c, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "belongs to another user (uid 12345)"));
	check_rights(-1, &e, "chown 0 ", path);
}
END_TEST

/* The rights test as another user, in a process of its own: a changed user
 * keeps leak checkers from looking at it. */
static int check_as(uid_t user, int fd)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (seteuid(user))
			_exit(9);
		_exit(secret_check_fd(fd, "file", true, NULL) ? 1 : 0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The monitoring user reads a file of root's through its group, or its own. */
START_TEST(test_other_users)
{
	const char *path = scratch_text("roots", "username=a\npassword=" SECRET, 0640);
	int fd = open(path, O_RDONLY);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(check_as(12345, fd), 0);
	ck_assert_int_eq(fchown(fd, 12345, (gid_t)-1), 0);
	ck_assert_int_eq(check_as(12345, fd), 0);
	ck_assert_int_eq(check_as(12346, fd), 1);
	close(fd);
}
END_TEST

START_TEST(test_not_a_regular_file)
{
	const char *target = scratch_text("target", "username=a\npassword=" SECRET, 0600);
	const char *link = scratch_path("link"), *fifo = scratch_path("fifo");
	struct credentials c;
	struct err e = { 0 };

	ck_assert_int_eq(symlink(target, link), 0);
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert_int_eq(credentials_load(link, &c, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "/link is a symbolic link; name the file itself"));
	ck_assert_int_eq(credentials_load(fifo, &c, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "/fifo is not a regular file"));
	ck_assert_int_eq(credentials_load(scratch_path("."), &c, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "/. is not a regular file"));
	ck_assert_int_eq(credentials_load(scratch_path("absent"), &c, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "/absent: No such file or directory"));
	ck_assert_int_eq(e.code, ERR_CONFIG);
	check_nothing_left(&c);
}
END_TEST

static void write_pair(const char *key_path)
{
	struct buf b;

	buf_init(&b, 5000);
	ck_assert_int_eq(buf_addf(&b, "client_cert=/etc/x.pem\nclient_key=%s\n", key_path), 0);
	scratch_text("pair", buf_str(&b), 0600);
	buf_clear(&b);
}

START_TEST(test_client_cert)
{
	const char *key = scratch_text("key.pem", SECRET, 0600);
	struct credentials c;
	struct err e = { 0 };

	write_pair(key);
	ck_assert_msg(credentials_load(scratch_path("pair"), &c, &e) == 0, "%s", e.text);
	ck_assert_int_eq(c.login, LOGIN_CLIENT_CERT);
	ck_assert_str_eq(c.client_cert_path, "/etc/x.pem");
	ck_assert_str_eq(c.client_key_path, key);
	ck_assert_ptr_null(c.user.bytes);
	ck_assert_ptr_null(c.password.bytes);
	credentials_wipe(&c);
	ck_assert_int_eq(chmod(key, 0644), 0);
	ck_assert_int_eq(credentials_load(scratch_path("pair"), &c, &e), -1);
	check_rights(-1, &e, "chmod 0640 ", key);
	ck_assert_ptr_nonnull(strstr(e.text, "/pair: client_key: "));
	check_nothing_left(&c);
	write_pair("/no/such/key");
	ck_assert_int_eq(credentials_load(scratch_path("pair"), &c, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.text, "client_key: cannot open /no/such/key: No such file"));
	check_nothing_left(&c);
}
END_TEST

static void load_identity(const char *path, char identity[64])
{
	struct credentials c;
	struct err e = { 0 };

	ck_assert_msg(credentials_load(path, &c, &e) == 0, "%s", e.text);
	ck_assert_uint_gt(strlen(c.identity), 10);
	memcpy(identity, c.identity, 64);
	credentials_wipe(&c);
}

START_TEST(test_identity)
{
	const char *path = scratch_text("who", "username=a\npassword=" SECRET, 0600);
	struct timespec same[2], later[2];
	char first[64], again[64], touched[64], other[64];
	struct stat st;

	load_identity(path, first);
	load_identity(path, again);
	ck_assert_str_eq(first, again);
	ck_assert_int_eq(stat(path, &st), 0);
	same[0] = same[1] = st.st_mtim;
	later[0] = later[1] = st.st_mtim;
	later[1].tv_nsec = (st.st_mtim.tv_nsec + 1) % 1000000000;
	ck_assert_int_eq(utimensat(AT_FDCWD, path, later, 0), 0);
	load_identity(path, touched);
	ck_assert_str_ne(first, touched);            /* one nanosecond is enough */
	ck_assert_int_eq(utimensat(AT_FDCWD, path, same, 0), 0);
	load_identity(path, again);
	ck_assert_str_eq(first, again);
	path = scratch_text("who2", "username=a\npassword=" SECRET, 0600);
	ck_assert_int_eq(utimensat(AT_FDCWD, path, same, 0), 0);
	load_identity(path, other);
	ck_assert_str_ne(first, other);              /* another file of the same size and time */
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("secret");
	TCase *tc = tcase_create("secret");

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, test_set_and_wipe);
	tcase_add_loop_test(tc, test_good, 0, UNIT_ROWS(good));
	tcase_add_loop_test(tc, test_bad, 0, UNIT_ROWS(bad));
	tcase_add_test(tc, test_nul_byte);
	tcase_add_loop_test(tc, test_size, 0, UNIT_ROWS(sizes));
	tcase_add_loop_test(tc, test_rights, 0, UNIT_ROWS(rights));
	tcase_add_test(tc, test_load_checks_rights);
	if (geteuid() == 0) {  /* only root can make a file of somebody else's */
		tcase_add_test(tc, test_owner);
		tcase_add_test(tc, test_other_users);
	}
	tcase_add_test(tc, test_not_a_regular_file);
	tcase_add_test(tc, test_client_cert);
	tcase_add_test(tc, test_identity);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
