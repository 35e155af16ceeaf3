/* conf.c - the configuration: its life, and the reading of a whole file. */
#include "lib/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib/base/fileio.h"
#include "lib/base/mem.h"
#include "lib/base/secret.h"
#include "lib/conf_check.h"

#define AUTH_RETRY_S 3600

void conf_init(struct conf *c)
{
	*c = (struct conf){ 0 };
	policy_init(&c->policy);
}

static void remediate_clear(struct remediate_conf *m)
{
	for (size_t i = 0; i < m->n_pairs; i++) {
		free(m->pairs[i].key);
		free(m->pairs[i].value);
	}
	free(m->pairs);
	free(m->target);
}

const char *conf_remediate_value(const struct remediate_conf *r, const char *key)
{
	size_t i = conf_key_find(CONF_REMEDIATE, key);

	for (size_t k = 0; k < r->n_pairs; k++)
		if (strcmp(r->pairs[k].key, key) == 0)
			return r->pairs[k].value;
	return i == SIZE_MAX ? NULL : conf_key_at(i)->fallback;
}

void conf_clear(struct conf *c)
{
	for (size_t i = 0; i < c->n_targets; i++)
		target_clear(&c->targets[i]);
	for (size_t i = 0; i < c->n_remediates; i++)
		remediate_clear(&c->remediates[i]);
	free(c->targets);
	free(c->remediates);
	policy_clear(&c->policy);
	*c = (struct conf){ 0 };
}

/* The target and its policy are a pair with one index: they grow together. */
struct target *conf_add_target(struct conf *c, enum source_kind kind, const char *name)
{
	struct policy *p = &c->policy;
	size_t cap = c->cap_targets;
	struct target *t;

	p->targets = mem_grow(p->targets, &cap, c->n_targets + 1, sizeof *p->targets);
	c->targets = mem_grow(c->targets, &c->cap_targets, c->n_targets + 1, sizeof *c->targets);
	p->targets[p->n_targets++] = (struct target_policy){ .source = mem_strdup(name),
		.limits = p->limits, .rotation_stale_s = p->rotation_stale_s,
		.rotation_needs_s = p->rotation_needs_s };
	t = &c->targets[c->n_targets++];
	*t = (struct target){ .name = mem_strdup(name), .kind = kind, .auth_retry_s = AUTH_RETRY_S,
		.probe = kind == SOURCE_NSX ? PROBE_YES : PROBE_NO };
	return t;
}

static int by_line(const void *a, const void *b)
{
	const struct conf_problem *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static void tell_problems(const struct conf_reading *r, const char *name, struct buf *out)
{
	if (r->n_problems > 0)
		qsort(r->problems, r->n_problems, sizeof *r->problems, by_line);
	for (size_t i = 0; i < r->n_problems; i++)
		buf_addf(out, "%s:%zu: %s\n", name, r->problems[i].line, r->problems[i].text);
	if (r->n_more_problems > 0)
		buf_addf(out, "%s: and %zu more problems\n", name, r->n_more_problems);
}

static void reading_clear(struct conf_reading *r)
{
	for (size_t i = 0; i < r->n_sections; i++)
		free(r->sections[i].name);
	for (size_t i = 0; i < r->n_problems; i++)
		free(r->problems[i].text);
	free(r->sections);
	free(r->problems);
}

int conf_parse(const char *name, const char *text, size_t n, struct conf *c, struct buf *problems)
{
	struct conf_reading r = { .conf = c };
	int failed;

	conf_read_sections(&r, text, n);
	conf_check(&r);
	tell_problems(&r, name, problems);
	failed = r.n_problems > 0 ? -1 : 0;
	reading_clear(&r);
	return failed;
}

static int read_file(const char *path, struct buf *text, struct err *e)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int failed;

	if (fd < 0)
		return err_set(e, ERR_IO, "cannot open %s: %s", path, strerror(errno));
	failed = secret_check_fd(fd, path, false, e);
	if (!failed)
		failed = fileio_read_fd(fd, path, text, e);
	close(fd);
	return failed;
}

int conf_read(const char *path, struct conf *c, struct buf *problems)
{
	struct buf text;
	struct err e;
	int failed;

	buf_init(&text, CONF_FILE_MAX_BYTES);
	failed = read_file(path, &text, &e);
	if (failed)
		buf_addf(problems, "%s\n", e.text);
	else
		failed = conf_parse(path, buf_str(&text), text.len, c, problems);
	buf_clear(&text);
	return failed;
}
