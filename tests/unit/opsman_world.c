/* opsman_world.c - what the tests of the Ops Manager source share. */
#include "tests/unit/opsman_world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/fileio.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define FIXTURE_MAX_BYTES 65536
#define BODY_MAX_BYTES ((size_t)64 * 1024 * 1024)

void world_open(
    struct world *w, const char *url, const char *credentials_path, const char *state_dir)
{
	memset(w, 0, sizeof *w);
	inventory_init(&w->inv);
	w->target.name = mem_strdup("tas");
	w->target.kind = SOURCE_OPSMAN;
	w->target.url = mem_strdup(url);
	w->target.credentials_path = mem_strdup(credentials_path);
	w->target.auth_retry_s = 3600;
	w->c.inv = &w->inv;
	w->c.index = inventory_add_source(&w->inv, "tas", SOURCE_OPSMAN);
	w->c.target = &w->target;
	w->c.state_dir = state_dir;
	w->c.now_at = world_time("2026-11-22T00:00:00Z");
}

void world_close(struct world *w)
{
	inventory_clear(&w->inv);
	free(w->target.name);
	free(w->target.url);
	free(w->target.credentials_path);
}

char *world_fixture(const char *directory, const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[512];
	struct buf b;
	struct err e = { ERR_NONE, "" };

	snprintf(path, sizeof path, "%s/tests/fixtures/opsman/%s/%s", top != NULL ? top : ".",
	    directory, name);
	buf_init(&b, FIXTURE_MAX_BYTES);
	ck_assert_msg(fileio_read(path, &b, &e) == 0, "%s", e.text);
	return buf_take(&b);
}

void world_answer(struct fetch_answer *a, int status, const char *body)
{
	memset(a, 0, sizeof *a);
	a->status = status;
	a->retry_after_s = -1;
	buf_init(&a->body, BODY_MAX_BYTES);
	if (body != NULL)
		buf_adds(&a->body, body);
}

static bool add_to_chain(void *ctx, size_t index, struct cert *cert, const char *problem)
{
	struct fetch_chain *chain = ctx;

	ck_assert_msg(cert != NULL, "%s", problem);
	chain->v[index].der = mem_dup(cert->der, cert->der_len);
	chain->v[index].len = cert->der_len;
	chain->n = index + 1;
	cert_free(cert);
	return true;
}

void world_chain(struct fetch_answer *a, const char *name)
{
	char *pem = world_fixture(".", name);

	ck_assert_uint_gt(cert_read_pem(pem, strlen(pem), add_to_chain, &a->chain), 0);
	free(pem);
}

const struct sighting *world_sighting(const struct world *w, const char *id, size_t nth)
{
	for (size_t i = 0; i < w->inv.n_sightings; i++) {
		const struct sighting *s = &w->inv.sightings[i];

		if (s->id != NULL && strcmp(s->id, id) == 0 && nth-- == 0)
			return s;
	}
	return NULL;
}

const struct cert *world_cert(const struct world *w, const struct sighting *s)
{
	return w->inv.certs[s->cert];
}

size_t world_count_role(const struct world *w, enum role role)
{
	size_t n = 0;

	for (size_t i = 0; i < w->inv.n_sightings; i++)
		n += w->inv.sightings[i].role == role;
	return n;
}

size_t world_count_issues(
    const struct world *w, enum issue_kind kind, enum err_code code, const char *part)
{
	const struct source_status *s = &w->inv.sources[w->c.index];
	size_t n = 0;

	for (size_t i = 0; i < s->n_issues; i++)
		n += s->issues[i].kind == kind && s->issues[i].err.code == code &&
		    strstr(s->issues[i].err.text, part) != NULL;
	return n;
}

size_t world_count_all_issues(const struct world *w)
{
	return w->inv.sources[w->c.index].n_issues;
}

int64_t world_time(const char *text)
{
	int64_t at = 0;

	ck_assert_int_eq(text_to_time(text, &at), 0);
	return at;
}
