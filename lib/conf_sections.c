/* conf_sections.c - sections and keys as they come, into targets and policy. */
#include "lib/conf_check.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/conf_reader.h"

void conf_problem(struct conf_reading *r, size_t line, const char *fmt, ...)
{
	char text[ERR_TEXT_BYTES];
	va_list args;

	if (r->n_problems >= CONF_PROBLEMS_MAX) {
		r->n_more_problems++;
		return;
	}
	r->problems =
	    mem_grow(r->problems, &r->cap_problems, r->n_problems + 1, sizeof *r->problems);
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	r->problems[r->n_problems] = (struct conf_problem){ line, r->n_problems, mem_strdup(text) };
	r->n_problems++;
}

static size_t add_ignore(struct policy *p, const char *label)
{
	size_t cap = p->n_ignores;

	p->ignores = mem_grow(p->ignores, &cap, p->n_ignores + 1, sizeof *p->ignores);
	p->ignores[p->n_ignores] = (struct ignore){ .label = mem_strdup(label) };
	return p->n_ignores++;
}

static size_t add_remediate(struct conf *c, const char *target)
{
	c->remediates =
	    mem_grow(c->remediates, &c->cap_remediates, c->n_remediates + 1, sizeof *c->remediates);
	c->remediates[c->n_remediates].target = mem_strdup(target);
	return c->n_remediates++;
}

/* Names of targets are unique whatever their kind; those of ignores and
 * remediates are spaces of their own. */
static const struct conf_read_section *find_twin(const struct conf_reading *r,
    enum conf_section kind, const char *name)
{
	for (size_t i = 0; i < r->n_sections; i++) {
		const struct conf_read_section *s = &r->sections[i];
		bool same_space = s->kind == kind ||
		    (conf_sections[s->kind].is_target && conf_sections[kind].is_target);

		if (same_space && (name == NULL || strcmp(s->name, name) == 0))
			return s;
	}
	return NULL;
}

static size_t make_room_for(struct conf_reading *r, enum conf_section kind, const char *name)
{
	if (kind == CONF_IGNORE)
		return add_ignore(&r->conf->policy, name);
	if (kind == CONF_REMEDIATE)
		return add_remediate(r->conf, name);
	if (conf_sections[kind].is_target) {
		conf_add_target(r->conf, conf_sections[kind].source, name);
		return r->conf->n_targets - 1;
	}
	return 0;
}

/* name is NULL for a header of one word. */
static void open_section(struct conf_reading *r, size_t line, enum conf_section kind,
    const char *name)
{
	const struct conf_section_kind *k = &conf_sections[kind];
	const struct conf_read_section *twin;

	if (k->is_named && (name == NULL || !conf_name_is_valid(name))) {
		conf_problem(r, line,
		    "want [%s NAME], with a name of letters, digits, '_', '.' and '-' that begins "
		    "with a letter or digit and has at most %d characters",
		    k->word, CONF_NAME_MAX);
		return;
	}
	if (!k->is_named && name != NULL) {
		conf_problem(r, line, "section \"%s\" takes no name", k->word);
		return;
	}
	twin = find_twin(r, kind, name);
	if (twin != NULL) {
		conf_problem(r, line, "section \"%s%s%s\" is there already, in line %zu", k->word,
		    name != NULL ? " " : "", name != NULL ? name : "", twin->line);
		return;
	}
	if (r->n_sections >= CONF_SECTIONS_MAX) {
		conf_problem(r, line, "more than %d sections", CONF_SECTIONS_MAX);
		return;
	}
	r->sections =
	    mem_grow(r->sections, &r->cap_sections, r->n_sections + 1, sizeof *r->sections);
	r->sections[r->n_sections++] = (struct conf_read_section){ .kind = kind,
		.name = mem_strdup(name), .line = line, .index = make_room_for(r, kind, name) };
	r->in_section = true;
}

static void take_section(void *ctx, size_t line, const char *header)
{
	struct conf_reading *r = ctx;
	size_t n = strcspn(header, " \t");
	char *word = mem_strndup(header, n);
	const char *name = header + n + strspn(header + n, " \t");
	enum conf_section kind = CONF_THRESHOLDS;
	struct err e;

	r->in_section = false;
	r->any_header = true;
	while (kind < CONF_N_SECTIONS && strcmp(conf_sections[kind].word, word) != 0)
		kind++;
	if (kind < CONF_N_SECTIONS) {
		open_section(r, line, kind, *name != '\0' ? name : NULL);
	} else {
		conf_section_unknown(word, &e);
		conf_problem(r, line, "%s", e.text);
	}
	free(word);
}

static struct conf_dest dest_of(struct conf *c, const struct conf_read_section *s)
{
	if (s->kind == CONF_THRESHOLDS)
		return (struct conf_dest){ .limits = &c->policy.limits };
	if (s->kind == CONF_IGNORE)
		return (struct conf_dest){ .ignore = &c->policy.ignores[s->index] };
	if (s->kind == CONF_REMEDIATE)
		return (struct conf_dest){ .remediate = &c->remediates[s->index] };
	return (struct conf_dest){ .target = &c->targets[s->index],
		.policy = &c->policy.targets[s->index],
		.limits = &c->policy.targets[s->index].limits };
}

static int take_value(struct conf_reading *r, struct conf_read_section *s, size_t key,
    const char *value, struct err *e)
{
	const struct conf_key *k = conf_key_at(key);
	struct conf_dest dest = dest_of(r->conf, s);

	/* the working directory of a scheduler is nobody's business */
	if (k->type == &conf_type_path && *value != '\0' && *value != '/')
		return err_set(e, ERR_CONFIG, "%s: want an absolute path, not \"%s\"", k->name,
		    value);
	return conf_key_take(k, value, &dest, e);
}

static void take_pair(void *ctx, size_t line, const char *name, const char *value)
{
	struct conf_reading *r = ctx;
	struct conf_read_section *s;
	size_t key;
	struct err e;

	if (!r->in_section) {   /* after a header that was refused, one problem is enough */
		if (!r->any_header)
			conf_problem(r, line, "\"%s\" stands before the first section", name);
		return;
	}
	s = &r->sections[r->n_sections - 1];
	key = conf_key_find(s->kind, name);
	if (key == SIZE_MAX) {
		conf_key_unknown(s->kind, name, &e);
		conf_problem(r, line, "%s", e.text);
		return;
	}
	if (s->key_lines[key] > 0 && !conf_key_at(key)->is_repeatable) {
		conf_problem(r, line, "%s was set in line %u already", name, s->key_lines[key]);
		return;
	}
	s->key_lines[key] = (unsigned)line;
	if (take_value(r, s, key, value, &e)) {
		s->has_bad_value = true;
		conf_problem(r, line, "%s", e.text);
	}
}

static void take_problem(void *ctx, size_t line, const char *text)
{
	conf_problem(ctx, line, "%s", text);
}

void conf_read_sections(struct conf_reading *r, const char *text, size_t n)
{
	struct conf_events events = { take_section, take_pair, take_problem, r };

	conf_read_lines(text, n, &events);
}
