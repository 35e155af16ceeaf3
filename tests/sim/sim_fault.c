/* sim_fault.c - the list of faults: which one meets which request. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/sim_core.h"

#define FAULTS_MAX 256

struct sim_fault {
	enum sim_fault_place place;
	char *method;                 /* globs */
	char *target;
	bool with_query;              /* target is about path and query, not the path alone */
	const char *what;             /* borrowed from the document, like value */
	const struct json *value;
	int64_t nth;                  /* the first match that is hit, from 1 */
	int64_t times;                /* so many matches are hit; 0: all from nth on */
	int64_t n_seen;
};

struct sim_fault_set {
	int references;
	struct json *doc;
	struct sim_fault fault[FAULTS_MAX];
	size_t n;
};

static const char *const fault_keys[] = { "match", "nth", "times", "do", "value", "comment", NULL };

static void set_free(struct sim_fault_set *set)
{
	for (size_t i = 0; i < set->n; i++) {
		free(set->fault[i].method);
		free(set->fault[i].target);
	}
	json_free(set->doc);
	free(set);
}

void sim_faults_drop(struct sim_fault_set *set)
{
	if (set != NULL && --set->references == 0)
		set_free(set);
}

size_t sim_faults_count(const struct sim_fault_set *set)
{
	return set->n;
}

const char *sim_fault_do(const struct sim_fault *fault)
{
	return fault->what;
}

const struct json *sim_fault_value(const struct sim_fault *fault)
{
	return fault->value;
}

/* "GET /path", "CONNECT 127.0.0.1", "HANDSHAKE *": two globs with a blank between. */
static int read_match(struct sim_fault *fault, const char *match, struct err *e)
{
	const char *blank = strchr(match, ' ');

	if (blank == NULL || blank == match || blank[1] == '\0')
		return err_set(e, ERR_CONFIG, "want \"METHOD /path\", have \"%s\"", match);
	fault->method = mem_strndup(match, (size_t)(blank - match));
	fault->target = mem_strdup(blank + 1);
	fault->with_query = strchr(fault->target, '?') != NULL;
	fault->place = SIM_AT_REQUEST;
	if (strcmp(fault->method, "CONNECT") == 0)
		fault->place = SIM_AT_CONNECT;
	else if (strcmp(fault->method, "HANDSHAKE") == 0)
		fault->place = SIM_AT_HANDSHAKE;
	return 0;
}

static bool in_list(const char *const *list, const char *word)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		if (strcmp(list[i], word) == 0)
			return true;
	}
	return false;
}

static int read_one(const struct sim_product *product, const struct json *entry, const char *where,
    struct sim_fault *fault, struct err *e)
{
	const char *match = NULL;
	bool known = false;

	fault->nth = fault->times = 1;
	if (sim_known_keys(entry, where, fault_keys, NULL, e) != 0 ||
	    json_want_str(entry, where, "match", &match, e) != 0 ||
	    json_want_str(entry, where, "do", &fault->what, e) != 0 ||
	    json_opt_i64(entry, where, "nth", &fault->nth, e) != 0 ||
	    json_opt_i64(entry, where, "times", &fault->times, e) != 0)
		return -1;
	fault->value = json_get(entry, "value");
	if (fault->nth < 1 || fault->times < 0)
		return err_set(e, ERR_CONFIG, "%s: want nth from 1, times from 0 (0: for ever)",
		    where);
	if (read_match(fault, match, e) != 0)
		return err_prefix(e, "%s.match", where);
	if (sim_act_check(fault->place, fault->what, fault->value, &known, e) != 0)
		return err_prefix(e, "%s (%s)", where, fault->what);
	if (known || (fault->place == SIM_AT_REQUEST && in_list(product->faults, fault->what)))
		return 0;
	return err_set(e, ERR_CONFIG, "%s: no such fault here: \"%s\"", where, fault->what);
}

struct sim_fault_set *sim_faults_new(const struct sim_product *product, struct json *doc,
    const struct json *list, struct err *e)
{
	struct sim_fault_set *set = mem_alloc(sizeof *set);
	const struct json *entry = json_first(list);
	char where[32];

	set->references = 1;
	if (list != NULL && !json_is_array(list)) {
		err_set(e, ERR_CONFIG, "faults: want an array");
		goto fail;
	}
	for (; entry != NULL; entry = json_next(entry)) {
		snprintf(where, sizeof where, "faults[%zu]", set->n);
		if (set->n == FAULTS_MAX) {
			err_set(e, ERR_CONFIG, "more than %d faults", FAULTS_MAX);
			goto fail;
		}
		set->n++;
		if (read_one(product, entry, where, &set->fault[set->n - 1], e) != 0)
			goto fail;
	}
	set->doc = doc;
	return set;
fail:
	set_free(set);
	return NULL;
}

static bool matches(const struct sim_fault *fault, const struct sim_subject *s)
{
	if (fault->place != s->place)
		return false;
	if (s->place != SIM_AT_REQUEST)
		return fnmatch(fault->target, s->address, 0) == 0;
	return fnmatch(fault->method, s->method, 0) == 0 &&
	    fnmatch(fault->target, fault->with_query ? s->target : s->path, 0) == 0;
}

void sim_faults_meet(struct sim_fault_set *set, const struct sim_subject *subject,
    struct sim_hits *hits)
{
	memset(hits, 0, sizeof *hits);
	hits->set = set;
	set->references++;
	for (size_t i = 0; i < set->n; i++) {
		struct sim_fault *fault = &set->fault[i];

		if (!matches(fault, subject))
			continue;
		fault->n_seen++;
		if (fault->n_seen < fault->nth ||
		    (fault->times > 0 && fault->n_seen >= fault->nth + fault->times))
			continue;
		if (hits->n < SIM_HITS_MAX)
			hits->fault[hits->n++] = fault;
	}
}

void sim_hits_drop(struct sim_hits *hits)
{
	sim_faults_drop(hits->set);
	memset(hits, 0, sizeof *hits);
}

const struct sim_fault *sim_hits_find(const struct sim_hits *hits, const char *what)
{
	for (size_t i = 0; i < hits->n; i++) {
		if (strcmp(hits->fault[i]->what, what) == 0)
			return hits->fault[i];
	}
	return NULL;
}
