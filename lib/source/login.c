/* login.c - the guard around logins. */
#include "lib/source/login.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/buf.h"
#include "lib/base/fileio.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/model/cert.h"

#define LOGIN_FILE_MAX_BYTES 4096

static char *path_of(const struct login_guard *g)
{
	return g->dir == NULL ? NULL : mem_printf("%s/%s", g->dir, g->account);
}

/* "<identity>\n<epoch>\n": when was this very credential file refused? */
static int read_refusal(const char *path, const char *identity, int64_t *at)
{
	struct err ignored = { 0 };
	struct buf text;
	char *line, *end;
	int found = -1;

	buf_init(&text, LOGIN_FILE_MAX_BYTES);
	if (fileio_read(path, &text, &ignored) != 0 || text.len == 0)
		goto out;
	line = strchr(text.data, '\n');
	end = line != NULL ? strchr(line + 1, '\n') : NULL;
	if (end == NULL)
		goto out;
	*line = *end = '\0';
	if (strcmp(text.data, identity) == 0 && text_to_i64(line + 1, 0, INT64_MAX, at) == 0)
		found = 0;
out:
	buf_clear(&text);
	return found;
}

int login_held(const struct login_guard *g, const char *identity, struct err *e)
{
	char *path = path_of(g);
	char then[TEXT_TIME_BYTES], again[TEXT_TIME_BYTES];
	int64_t at = 0;
	int held = 0;

	/* A refusal from the future means that the clock went back: it would
	 * otherwise hold for as long as the clock was wrong. */
	if (path != NULL && read_refusal(path, identity, &at) == 0 && at <= g->now_at &&
	    g->now_at - at < g->retry_s)
		held = err_set(e, ERR_AUTH, "the login was refused at %s, it is not tried again before "
		    "%s unless %s changes, so that the account is not locked",
		    text_from_time(at, then), text_from_time(at + g->retry_s, again),
		    g->credentials_path != NULL ? g->credentials_path : "the credentials file");
	free(path);
	return held;
}

int login_refused(const struct login_guard *g, const char *identity, struct err *e)
{
	char *path = path_of(g);
	struct buf text;
	int failed;

	if (path == NULL)
		return 0;
	buf_init(&text, LOGIN_FILE_MAX_BYTES);
	buf_addf(&text, "%s\n%lld\n", identity, (long long)g->now_at);
	failed = fileio_replace(path, buf_str(&text), text.len, 0600, e);
	buf_clear(&text);
	free(path);
	return failed;
}

void login_worked(const struct login_guard *g)
{
	char *path = path_of(g);

	if (path != NULL)
		unlink(path);
	free(path);
}

int login_withheld(const struct fetch_chain *chain, const char *endpoint, struct err *e)
{
	char pin[2 * CERT_SHA256_BYTES + 1] = "(its SHA-256)";
	struct cert *leaf = NULL;

	if (chain->n > 0)
		leaf = cert_from_der(chain->v[0].der, chain->v[0].len, NULL);
	if (leaf != NULL)
		cert_sha256_hex(leaf, pin);
	cert_free(leaf);
	return err_set(e, ERR_TLS, "credentials withheld because the certificate of %s has expired: "
	    "add pin_sha256 = %s to poll it until it is replaced", endpoint, pin);
}
