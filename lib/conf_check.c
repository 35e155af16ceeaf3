/* conf_check.c - what needs more than one key of a configuration file. */
#include "lib/conf_check.h"

#include <stdint.h>
#include <string.h>
#include "lib/base/text.h"

#define N_PAIRS 2

/* A warning and a critical limit that belong together. */
static const struct {
	const char *warning, *critical;
	size_t warning_offset, critical_offset;
} pairs[N_PAIRS] = {
	{ "warning", "critical", offsetof(struct limits, warning),
	    offsetof(struct limits, critical) },
	{ "ca_warning", "ca_critical", offsetof(struct limits, ca_warning),
	    offsetof(struct limits, ca_critical) },
};

static const struct limit *limit_in(const struct limits *l, size_t offset)
{
	return (const struct limit *)(const void *)((const char *)l + offset);
}

int conf_loose_limits(const struct limits *l)
{
	for (int i = 0; i < N_PAIRS; i++)
		if (!limit_pair_is_sane(limit_in(l, pairs[i].warning_offset),
			limit_in(l, pairs[i].critical_offset)))
			return i;
	return -1;
}

static unsigned line_of(const struct conf_read_section *s, const char *key)
{
	size_t i = conf_key_find(s->kind, key);

	return i == SIZE_MAX ? 0 : s->key_lines[i];
}

static struct limits *limits_of(struct conf_reading *r, const struct conf_read_section *s)
{
	if (s->kind == CONF_THRESHOLDS)
		return &r->conf->policy.limits;
	return &r->conf->policy.targets[s->index].limits;
}

static void inherit_limit(struct limits *own, const struct limits *from,
    const struct conf_read_section *s, const char *key, size_t offset)
{
	if (line_of(s, key) == 0)
		memcpy((char *)own + offset, (const char *)from + offset, sizeof(struct limit));
}

static void inherit_limits(struct conf_reading *r, const struct conf_read_section *s)
{
	for (size_t i = 0; i < N_PAIRS; i++) {
		inherit_limit(limits_of(r, s), &r->conf->policy.limits, s, pairs[i].warning,
		    pairs[i].warning_offset);
		inherit_limit(limits_of(r, s), &r->conf->policy.limits, s, pairs[i].critical,
		    pairs[i].critical_offset);
	}
}

/* Told where one of the two was written: the other may be inherited. */
static void check_limits(struct conf_reading *r, const struct conf_read_section *s)
{
	int i = s->has_bad_value ? -1 : conf_loose_limits(limits_of(r, s));
	unsigned warning_line, critical_line;

	if (i < 0)
		return;
	warning_line = line_of(s, pairs[i].warning);
	critical_line = line_of(s, pairs[i].critical);
	if (critical_line > 0 && warning_line > 0)
		conf_problem(r, critical_line, "%s is looser than %s", pairs[i].critical,
		    pairs[i].warning);
	else if (critical_line > 0)
		conf_problem(r, critical_line,
		    "%s is looser than the %s that applies here: set %s too", pairs[i].critical,
		    pairs[i].warning, pairs[i].warning);
	else if (warning_line > 0)
		conf_problem(r, warning_line,
		    "%s is tighter than the %s that applies here: set %s too", pairs[i].warning,
		    pairs[i].critical, pairs[i].critical);
}

static void check_required(struct conf_reading *r, const struct conf_read_section *s)
{
	const struct conf_section_kind *kind = &conf_sections[s->kind];

	for (size_t i = 0;
	     i < sizeof kind->required / sizeof kind->required[0] && kind->required[i] != NULL; i++)
		if (line_of(s, kind->required[i]) == 0)
			conf_problem(r, s->line, "section \"%s %s\" needs the key \"%s\"",
			    kind->word, s->name, kind->required[i]);
}

static const struct target *find_target(const struct conf_reading *r, const char *name)
{
	for (size_t i = 0; i < r->conf->n_targets; i++)
		if (strcmp(r->conf->targets[i].name, name) == 0)
			return &r->conf->targets[i];
	return NULL;
}

/* Keys that mean nothing for a target of this kind. */
static void check_fitting_keys(struct conf_reading *r, const struct conf_read_section *s,
    const char *kind)
{
	for (size_t i = 0; i < conf_n_keys(); i++) {
		const struct conf_key *k = conf_key_at(i);

		if (s->key_lines[i] > 0 && k->only_for != NULL && strcmp(k->only_for, kind) != 0)
			conf_problem(r, s->key_lines[i],
			    "%s is for %s targets, and %s is an %s target", k->name, k->only_for,
			    s->name, kind);
	}
}

/* The name of a procedure begins with the kind of target it is for. */
static void check_procedures(struct conf_reading *r, const struct conf_read_section *s,
    const char *list, const char *kind)
{
	size_t n_kind = strlen(kind);

	for (const char *word = list; word != NULL && *word != '\0'; word += strspn(word, " ")) {
		size_t n = strcspn(word, " ");

		if (strncmp(word, kind, n_kind) != 0 || word[n_kind] != '-')
			conf_problem(r, line_of(s, "procedures"),
			    "%.*s is not a procedure for %s, an %s target", (int)n, word, s->name,
			    kind);
		word += n;
	}
}

static void check_mode(struct conf_reading *r, const struct conf_read_section *s,
    const struct remediate_conf *m, const struct target *t)
{
	const char *mode = conf_remediate_value(m, "mode");

	if (mode == NULL || strcmp(mode, "plan") == 0)
		return;
	if (line_of(s, "worker_host") == 0)
		conf_problem(r, line_of(s, "mode"),
		    "mode %s needs worker_host: the one host that may act", mode);
	if (t->kind == SOURCE_NSX && line_of(s, "replacement") == 0)
		conf_problem(r, line_of(s, "mode"),
		    "mode %s needs replacement: where the new certificate comes from", mode);
}

static void check_remediate(struct conf_reading *r, const struct conf_read_section *s)
{
	const struct remediate_conf *m = &r->conf->remediates[s->index];
	const struct target *t = find_target(r, s->name);
	const char *gm = conf_remediate_value(m, "global_manager");
	const struct target *gm_target = gm != NULL ? find_target(r, gm) : NULL;

	if (t == NULL || (t->kind != SOURCE_NSX && t->kind != SOURCE_OPSMAN)) {
		conf_problem(r, s->line,
		    "there is no section \"nsx %s\" or \"opsman %s\" in this file", s->name,
		    s->name);
		return;
	}
	check_fitting_keys(r, s, source_kind_name(t->kind));
	check_procedures(r, s, conf_remediate_value(m, "procedures"), source_kind_name(t->kind));
	check_mode(r, s, m, t);
	if (gm != NULL && (gm_target == NULL || gm_target->kind != SOURCE_NSX))
		conf_problem(r, line_of(s, "global_manager"),
		    "there is no section \"nsx %s\" in this file", gm);
}

/* Found only now: the target's section may stand after this one. */
static void hand_on_rotation(struct conf_reading *r, const struct conf_read_section *s)
{
	static const struct { const char *key; size_t offset; } keys[] = {
		{ "rotation_stale", offsetof(struct target_policy, rotation_stale_s) },
		{ "rotation_needs", offsetof(struct target_policy, rotation_needs_s) },
	};
	const struct target *t = find_target(r, s->name);

	for (size_t i = 0; t != NULL && i < sizeof keys / sizeof keys[0]; i++) {
		const char *value = conf_remediate_value(&r->conf->remediates[s->index],
		    keys[i].key);
		struct target_policy *p = &r->conf->policy.targets[t - r->conf->targets];
		int64_t time_s;

		if (value != NULL && text_to_duration(value, 0, &time_s) == 0)
			*(int64_t *)(void *)((char *)p + keys[i].offset) = time_s;
	}
}

/* Whose the API's certificates are decides who is told to mend them. */
static void hand_on_managed_by(struct conf_reading *r, const struct conf_read_section *s)
{
	const char *value = conf_remediate_value(&r->conf->remediates[s->index], "managed_by");
	const struct target *t = value != NULL ? find_target(r, s->name) : NULL;

	if (t != NULL)
		r->conf->policy.targets[t - r->conf->targets].not_by_vcf =
		    strcmp(value, "none") == 0;
}

void conf_check(struct conf_reading *r)
{
	for (size_t i = 0; i < r->n_sections; i++) {
		const struct conf_read_section *s = &r->sections[i];

		if (conf_sections[s->kind].is_target)
			inherit_limits(r, s);
		if (conf_sections[s->kind].is_target || s->kind == CONF_THRESHOLDS)
			check_limits(r, s);
		check_required(r, s);
		if (s->kind == CONF_REMEDIATE) {
			check_remediate(r, s);
			hand_on_rotation(r, s);
			hand_on_managed_by(r, s);
		}
	}
}
