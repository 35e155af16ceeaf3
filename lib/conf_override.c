/* conf_override.c - what the command line says on top of the file. */
#include "lib/conf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/conf_check.h"

int conf_set_target(struct target *t, struct limits *limits, const char *key, const char *value,
    struct err *e)
{
	struct conf_dest dest = { .target = t, .limits = limits };
	enum conf_section s = CONF_THRESHOLDS;
	size_t i;

	while (!conf_sections[s].is_target || conf_sections[s].source != t->kind)
		s++;
	i = conf_key_find(s, key);
	if (i == SIZE_MAX || !conf_key_fits(conf_key_at(i), &dest))
		return err_set(e, ERR_USAGE, "%s cannot be set for a target of kind %s", key,
		    source_kind_name(t->kind));
	if (conf_key_take(conf_key_at(i), value, &dest, e)) {
		if (e != NULL)
			e->code = ERR_USAGE;
		return -1;
	}
	return 0;
}

static bool is_named(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = list;; at++) {
		size_t length = strcspn(at, ",");

		if (length == n && memcmp(at, name, n) == 0)
			return true;
		at += length;
		if (*at == '\0')
			return false;
	}
}

static bool has_target(const struct conf *c, const char *name, size_t n)
{
	for (size_t i = 0; i < c->n_targets; i++)
		if (strlen(c->targets[i].name) == n && memcmp(c->targets[i].name, name, n) == 0)
			return true;
	return false;
}

static int unknown_target(const struct conf *c, const char *name, size_t n, struct err *e)
{
	struct buf known;

	buf_init(&known, ERR_TEXT_BYTES / 2);
	for (size_t i = 0; i < c->n_targets; i++)
		buf_addf(&known, "%s%s", i > 0 ? ", " : "", c->targets[i].name);
	err_set(e, ERR_USAGE, "there is no target \"%.*s\": there is %s", (int)n, name,
	    c->n_targets > 0 ? buf_str(&known) : "none");
	buf_clear(&known);
	return -1;
}

int conf_select(struct conf *c, const char *names, struct err *e)
{
	size_t kept = 0;

	for (const char *at = names;; at++) {
		size_t n = strcspn(at, ",");

		if (!has_target(c, at, n))
			return unknown_target(c, at, n, e);
		at += n;
		if (*at == '\0')
			break;
	}
	for (size_t i = 0; i < c->n_targets; i++) {
		if (!is_named(names, c->targets[i].name)) {
			target_clear(&c->targets[i]);
			free(c->policy.targets[i].source);
			continue;
		}
		c->targets[kept] = c->targets[i];
		c->policy.targets[kept++] = c->policy.targets[i];
	}
	c->n_targets = c->policy.n_targets = kept;
	return 0;
}

static void override_one(struct limit *own, const struct limit *given)
{
	if (given->has_time || given->has_percent || given->has_range)
		*own = *given;
}

static void override(struct limits *own, const struct limits *given)
{
	override_one(&own->warning, &given->warning);
	override_one(&own->critical, &given->critical);
	override_one(&own->ca_warning, &given->ca_warning);
	override_one(&own->ca_critical, &given->ca_critical);
}

static int check_override(const struct limits *l, const char *source, struct err *e)
{
	static const char *const names[][2] = {
		{ "--critical", "--warning" }, { "--ca-critical", "--ca-warning" },
	};
	int i = conf_loose_limits(l);

	if (i < 0)
		return 0;
	return err_set(e, ERR_USAGE,
	    "the limits of %s and %s would be the wrong way round for %s: give both", names[i][0],
	    names[i][1], source);
}

int conf_override_limits(struct conf *c, const struct limits *given, struct err *e)
{
	struct policy *p = &c->policy;

	override(&p->limits, given);
	for (size_t i = 0; i < p->n_targets; i++) {
		override(&p->targets[i].limits, given);
		if (check_override(&p->targets[i].limits, p->targets[i].source, e))
			return -1;
	}
	return 0;
}
