/* material.c - where the new certificate comes from: the files of pem:. */
#include "remediate/material.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/fileio.h"
#include "lib/model/chain.h"
#include "remediate/key.h"

#define FILE_MAX_BYTES ((size_t)256 * 1024)

struct taking { struct material *mt; const char *name; struct err *e; int failed; };

static bool take_cert(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	struct taking *t = ctx;

	if (cert == NULL) {
		t->failed = err_set(t->e, ERR_CONFIG, "%s: certificate %zu: %s", t->name, index + 1,
		    problem);
	} else if (t->mt->n_chain == MATERIAL_CHAIN_MAX) {
		cert_free(cert);
		t->failed = err_set(t->e, ERR_CONFIG,
		    "%s: more than %d certificates; want the leaf, those between, and the root",
		    t->name, MATERIAL_CHAIN_MAX);
	} else {
		t->mt->chain[t->mt->n_chain++] = cert;
	}
	return !t->failed;
}

int material_take(struct material *mt, const char *name, const char *text, size_t n, struct err *e)
{
	struct taking t = { .mt = mt, .name = name, .e = e };

	cert_read_pem(text, n, take_cert, &t);
	if (!t.failed && mt->n_chain == 0)
		return err_set(e, ERR_CONFIG, "%s holds no certificate in PEM", name);
	return t.failed;
}

/* A file that nobody else can change and, with a key in it, nobody else read. */
static int read_file(const char *path, bool has_key, struct buf *text, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int failed;

	if (fd < 0 && errno == ELOOP)
		return err_set(e, ERR_CONFIG, "%s is a symbolic link; name the file itself", path);
	if (fd < 0)
		return err_set(e, ERR_CONFIG, "cannot open %s: %s", path, strerror(errno));
	failed = secret_check_fd(fd, path, has_key, e);
	if (!failed)
		failed = fileio_read_fd(fd, path, text, e);
	close(fd);
	return failed;
}

static int read_certs(const struct mandate *m, struct material *mt, struct secret *key,
    struct err *e)
{
	struct buf text;
	int failed;

	buf_init(&text, FILE_MAX_BYTES);
	failed = read_file(m->chain_path, m->key_path == NULL, &text, e);
	if (!failed)
		failed = material_take(mt, m->chain_path, buf_str(&text), text.len, e);
	if (!failed && m->key_path == NULL)
		secret_set(key, buf_str(&text), text.len);
	buf_wipe(&text);
	return failed;
}

static int read_key(const struct mandate *m, struct secret *key, struct err *e)
{
	struct buf text;
	int failed;

	if (m->key_path == NULL)
		return 0;            /* it came with the certificates */
	buf_init(&text, FILE_MAX_BYTES);
	failed = read_file(m->key_path, true, &text, e);
	if (!failed)
		secret_set(key, buf_str(&text), text.len);
	buf_wipe(&text);
	return failed;
}

/* The key alone, in the one form that we send on. */
static int normalize_key(const char *path, struct secret *key, struct err *e)
{
	struct key *k = key_read(key, e);
	int failed = k == NULL ? -1 : key_pem(k, key, e);

	key_free(k);
	return failed ? err_prefix(e, "%s", path) : 0;
}

static int check_key(const struct material *mt, const struct secret *key, struct err *e)
{
	struct chain *c = chain_open((const struct cert *const *)mt->chain, mt->n_chain, e);
	int failed = c == NULL ? -1 : chain_key_matches(c, key, e);

	chain_close(c);
	return failed;
}

int material_read(const struct mandate *m, struct material *mt, struct secret *key, struct err *e)
{
	const char *key_path = m->key_path != NULL ? m->key_path : m->chain_path;
	int failed = read_certs(m, mt, key, e);

	if (!failed)
		failed = read_key(m, key, e);
	if (!failed)
		failed = normalize_key(key_path, key, e);
	if (!failed && check_key(mt, key, e))
		failed = err_prefix(e, "%s", key_path);
	if (failed)
		secret_wipe(key);
	return failed;
}

void material_look(const struct mandate *m, struct material *out)
{
	struct secret key = { 0 };

	*out = (struct material){ .kind = m->replacement };
	if (m->replacement == REPLACEMENT_PEM)
		(void)!material_read(m, out, &key, &out->err);
	secret_wipe(&key);
}

void material_clear(struct material *mt)
{
	for (size_t i = 0; i < mt->n_chain; i++)
		cert_free(mt->chain[i]);
	*mt = (struct material){ 0 };
}
