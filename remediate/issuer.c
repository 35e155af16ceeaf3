/* issuer.c - the program that turns a signing request into a chain. */
#include "remediate/issuer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/child.h"

#define ISSUER_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define WORDS_MAX_BYTES 4096       /* kept of standard error */
#define WORDS_COLUMNS 200          /* told of it */
#define READ_BYTES 4096
#define LOOK_MS 20                 /* between two looks whether it has ended */
#define STICKY 01000               /* S_ISVTX, which needs XSI */

/* --- may it be run? -------------------------------------------------------------- */

/* The directory above the last '/' of path, in place; false at the root. */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || path[1] == '\0')
		return false;
	slash[slash == path ? 1 : 0] = '\0';
	return true;
}

/* Who may write a directory may put another file in the place of ours, except
 * where it is sticky and the file is not theirs. */
static int check_directories(const char *program, struct err *e)
{
	char *path = mem_strdup(program);
	struct stat st;
	int failed = 0;

	while (!failed && go_up(path)) {
		if (stat(path, &st))
			failed = err_set(e, ERR_CONFIG, "cannot look at %s: %s", path,
			    strerror(errno));
		else if (st.st_uid != 0 && st.st_uid != geteuid())
			failed = err_set(e, ERR_CONFIG, "%s, where %s lies, belongs to another user",
			    path, program);
		else if ((st.st_mode & (S_IWGRP | S_IWOTH)) && !(st.st_mode & STICKY))
			failed = err_set(e, ERR_CONFIG,
			    "%s, where %s lies, can be written by others; run: chmod go-w %s",
			    path, program, path);
	}
	free(path);
	return failed;
}

static int check_program(const char *program, struct err *e)
{
	struct stat st;

	if (program[0] != '/')
		return err_set(e, ERR_CONFIG, "%s: want the whole path of the program", program);
	if (lstat(program, &st))
		return err_set(e, ERR_CONFIG, "cannot look at %s: %s", program, strerror(errno));
	if (S_ISLNK(st.st_mode))
		return err_set(e, ERR_CONFIG, "%s is a symbolic link; name the file itself", program);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_CONFIG, "%s is not a regular file", program);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(e, ERR_CONFIG, "%s belongs to another user, who could change it",
		    program);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, ERR_CONFIG, "%s can be changed by others; run: chmod go-w %s",
		    program, program);
	if (access(program, X_OK))
		return err_set(e, ERR_CONFIG, "%s cannot be run; run: chmod u+x %s", program, program);
	return check_directories(program, e);
}

/* --- the talk with it -------------------------------------------------------------- */

struct talk {
	pid_t pid;
	int in, out, err;            /* our ends; -1: closed */
	const struct buf *request;
	size_t sent;
	struct buf *answer;
	struct buf words;            /* of standard error */
	const char *program;
	int64_t limit_s, end_ms;
};

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* A pipe whose our end does not block. */
static int open_pipe(int *theirs, int *ours, bool they_read, struct err *e)
{
	int fds[2];

	if (pipe(fds))
		return err_set(e, ERR_IO, "cannot make a pipe: %s", strerror(errno));
	*theirs = fds[they_read ? 0 : 1];
	*ours = fds[they_read ? 1 : 0];
	(void)fcntl(*ours, F_SETFL, O_NONBLOCK);
	return 0;
}

static int start(struct talk *t, char *const *envp, struct err *e)
{
	char *name = mem_strdup(t->program);
	char *const argv[] = { name, NULL };
	struct child c = { .program = t->program, .argv = argv, .envp = envp,
		.fds = { -1, -1, -1 } };
	int failed = -1;

	if (open_pipe(&c.fds[0], &t->in, true, e) == 0 &&
	    open_pipe(&c.fds[1], &t->out, false, e) == 0 &&
	    open_pipe(&c.fds[2], &t->err, false, e) == 0) {
		t->pid = child_start(&c, e);
		failed = t->pid < 0 ? -1 : 0;
	}
	for (size_t i = 0; i < 3; i++)
		close_end(&c.fds[i]);
	free(name);
	return failed;
}

/* A program that does not want all of the request may close its end. */
static void send_some(struct talk *t)
{
	ssize_t n = write(t->in, t->request->data + t->sent, t->request->len - t->sent);

	if (n > 0)
		t->sent += (size_t)n;
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		t->sent = t->request->len;
	if (t->sent == t->request->len)
		close_end(&t->in);
}

/* What is there now into b, whose overflow the caller looks at. */
static void take_some(int *fd, struct buf *b)
{
	char bytes[READ_BYTES];
	ssize_t n;

	do
		n = read(*fd, bytes, sizeof bytes);
	while (n < 0 && errno == EINTR);
	if (n > 0 && b->len + (size_t)n > b->max_bytes)
		(void)buf_add(b, bytes, b->max_bytes - b->len);   /* as much as there is room for */
	if (n > 0)
		(void)buf_add(b, bytes, (size_t)n);
	if (n == 0 || (n < 0 && errno != EAGAIN))
		close_end(fd);
}

/* Without reaping: as long as it is a zombie, its group's number is its own. */
static bool has_ended(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid == pid;
}

static int look(struct talk *t, int limit_ms, struct err *e)
{
	struct pollfd p[] = {
		{ .fd = t->in, .events = POLLOUT },     /* poll leaves out what is negative */
		{ .fd = t->out, .events = POLLIN },
		{ .fd = t->err, .events = POLLIN },
	};

	if (poll(p, 3, limit_ms) < 0 && errno != EINTR)
		return err_set(e, ERR_IO, "cannot wait for %s: %s", t->program, strerror(errno));
	if (t->in >= 0 && p[0].revents)
		send_some(t);
	if (t->out >= 0 && p[1].revents)
		take_some(&t->out, t->answer);
	if (t->err >= 0 && p[2].revents)
		take_some(&t->err, &t->words);
	if (t->answer->overflow)
		return err_set(e, ERR_REFUSED, "%s answered more than %zu bytes", t->program,
		    t->answer->max_bytes);
	return 0;
}

/* Until it has ended and its pipes are empty.  A descendant that keeps one open is
 * not waited for. */
static int listen_to(struct talk *t, struct err *e)
{
	bool ended = false;

	while (t->out >= 0 || t->err >= 0 || !ended) {
		int64_t left_ms = t->end_ms - clock_mono_ms();
		size_t before = t->answer->len + t->words.len;

		if (left_ms <= 0)
			return err_set(e, ERR_TIMEOUT, "%s gave no answer within %lld s", t->program,
			    (long long)t->limit_s);
		if (look(t, ended ? 0 : left_ms < LOOK_MS ? (int)left_ms : LOOK_MS, e))
			return -1;
		if (ended && t->answer->len + t->words.len == before)
			return 0;
		ended = ended || has_ended(t->pid);
	}
	return 0;
}

/* The whole group, whatever it still does; and the exit status. */
static int end(const struct talk *t)
{
	int status = 0;

	(void)kill(-t->pid, SIGKILL);
	while (waitpid(t->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Its last line on standard error, which tells most, cleaned. */
static void add_words(const struct talk *t, struct buf *out)
{
	const char *text = buf_str(&t->words);
	size_t n = t->words.len;

	while (n > 0 && strchr("\r\n\t ", text[n - 1]) != NULL)
		n--;
	for (size_t i = n; i > 0; i--) {
		if (text[i - 1] == '\n') {
			text += i;
			n -= i;
			break;
		}
	}
	buf_adds(out, n > 0 ? ": " : "");
	text_clean(out, text, n, WORDS_COLUMNS);
}

static int judge(const struct talk *t, int status, struct err *e)
{
	struct buf words;
	int failed = 0;

	buf_init(&words, ERR_TEXT_BYTES);
	add_words(t, &words);
	if (WIFSIGNALED(status))
		failed = err_set(e, ERR_REFUSED, "%s was ended by signal %d%s", t->program,
		    WTERMSIG(status), buf_str(&words));
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		failed = err_set(e, ERR_REFUSED, "%s failed with status %d%s", t->program,
		    WEXITSTATUS(status), buf_str(&words));
	else if (t->answer->len == 0)
		failed = err_set(e, ERR_REFUSED, "%s answered nothing%s", t->program,
		    buf_str(&words));
	buf_clear(&words);
	return failed;
}

static int talk_to(struct talk *t, char *const *envp, struct err *e)
{
	int failed = start(t, envp, e), status;

	if (!failed) {
		failed = listen_to(t, e);
		status = end(t);
		if (!failed)
			failed = judge(t, status, e);
	}
	close_end(&t->in);
	close_end(&t->out);
	close_end(&t->err);
	return failed;
}

int issuer_run(const char *program, const char *target, const struct buf *request, int64_t limit_s,
    struct buf *chain_pem, struct err *e)
{
	struct talk t = { .pid = -1, .in = -1, .out = -1, .err = -1, .request = request,
		.answer = chain_pem, .program = program, .limit_s = limit_s };
	char *target_variable = mem_printf("CHECK_CERTS_TARGET=%s", target);
	char path[] = "PATH=" ISSUER_PATH, language[] = "LANG=C";
	char *const envp[] = { path, language, target_variable, NULL };
	int failed = check_program(program, e);

	buf_init(&t.words, WORDS_MAX_BYTES);
	t.end_ms = clock_mono_ms() + limit_s * 1000;
	if (!failed)
		failed = talk_to(&t, envp, e);
	buf_clear(&t.words);
	free(target_variable);
	return failed;
}
