/* evaluate.c - inventory + policy + now -> report. */
#include "lib/judge/evaluate.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/judge/judging.h"
#include "lib/judge/remedy.h"

/* --- items and their sightings ------------------------------------------------------- */

/* Sort the sightings by certificate, and for each by via: one counting pass,
 * one filling pass for each via. */
static void gather(const struct inventory *inv, struct report *out)
{
	size_t *end = mem_array(inv->n_certs + 1, sizeof *end);

	out->sightings = mem_array(inv->n_sightings, sizeof *out->sightings);
	for (size_t i = 0; i < inv->n_sightings; i++)
		end[inv->sightings[i].cert + 1]++;
	for (size_t i = 0; i < inv->n_certs; i++) {
		out->items[i].sightings = out->sightings + end[i];
		out->items[i].n_sightings = end[i + 1];
		end[i + 1] += end[i];
	}
	for (int via = VIA_API; via <= VIA_FILE; via++)
		for (size_t i = 0; i < inv->n_sightings; i++)
			if (inv->sightings[i].via == (enum via)via)
				out->sightings[end[inv->sightings[i].cert]++] = i;
	free(end);
}

/* How many different certificates each source has shown. */
static void count_per_source(const struct inventory *inv, struct report *out)
{
	size_t *last = mem_array(inv->n_sources, sizeof *last);   /* counted last: index + 1 */

	for (size_t i = 0; i < out->n_items; i++)
		for (size_t k = 0; k < out->items[i].n_sightings; k++) {
			size_t source = inv->sightings[out->items[i].sightings[k]].source;

			if (last[source] == i + 1)
				continue;
			last[source] = i + 1;
			out->sources[source].n_certs++;
		}
	free(last);
}

/* --- judging ---------------------------------------------------------------------------- */

static bool counts_for(const struct rule *r, const struct findings *f, size_t from)
{
	for (size_t i = from; i < f->n; i++)
		if (r->tally_notes || f->v[i].state != STATE_OK)
			return r->tally != 0;
	return false;
}

static bool is_told(const struct findings *all, size_t from, const struct finding *f)
{
	for (size_t i = from; i < all->n; i++)
		if (all->v[i].state == f->state && strcmp(all->v[i].message, f->message) == 0)
			return true;
	return false;
}

/* The API and the listeners show the same certificate: what is wrong with it
 * is told once. */
static void judge_fits(const struct rule *r, const struct subject *s)
{
	struct findings *all = &s->item->findings;
	size_t before = all->n;

	for (size_t i = 0; i < s->n_fits; i++) {
		struct findings found = { 0 };

		r->judge_fit(r, &s->fits[i], &found);
		for (size_t k = 0; k < found.n; k++)
			if (!is_told(all, before, &found.v[k]))
				findings_add(all, r->id, found.v[k].state, "%s",
				    found.v[k].message);
		findings_clear(&found);
	}
}

static void judge_item(const struct judging *j, struct item *item, struct report *out)
{
	struct subject s;

	subject_open(j, item, &s);
	ignore_apply(j, &s);
	subject_open_fits(j, &s);
	for (size_t i = 0; i < rules_n(); i++) {
		const struct rule *r = rules_at(i);
		size_t before = item->findings.n;

		if (r->judge_cert != NULL)
			r->judge_cert(r, j, &s);
		if (r->judge_fit != NULL)
			judge_fits(r, &s);
		if (!item->ignored && counts_for(r, &item->findings, before))
			++*(size_t *)(void *)((char *)out + r->tally);
	}
	item->state = item->ignored ? STATE_OK : findings_sort(&item->findings);
	remedy_choose(j, &s, &item->remedy);
	subject_close(&s);
}

static void judge_source(const struct judging *j, size_t source, struct report *out)
{
	struct source_report *sr = &out->sources[source];

	for (size_t i = 0; i < rules_n(); i++)
		if (rules_at(i)->judge_source != NULL)
			rules_at(i)->judge_source(rules_at(i), j, source, sr);
	sr->state = findings_sort(&sr->findings);
	sr->counted = sr->failed || sr->state != STATE_OK;
	out->api_ms += j->inv->sources[source].elapsed_ms;
}

static void judge_run(const struct judging *j, struct report *out)
{
	for (size_t i = 0; i < rules_n(); i++)
		if (rules_at(i)->judge_run != NULL)
			rules_at(i)->judge_run(rules_at(i), j, out);
	out->state = findings_sort(&out->findings);
	for (size_t i = 0; i < out->n_items; i++)
		out->state = state_worst(out->state, out->items[i].state);
	for (size_t i = 0; i < out->n_sources; i++)
		out->state = state_worst(out->state, out->sources[i].state);
}

/* --- order, counts, minima ---------------------------------------------------------------- */

/* Worst first; what is ignored last; then the least time left, and what has
 * no end known behind it. */
static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->state != y->state)
		return x->state > y->state ? -1 : 1;
	if (x->ignored != y->ignored)
		return x->ignored ? 1 : -1;
	if (x->has_left != y->has_left)
		return x->has_left ? -1 : 1;
	if (x->has_left && x->seconds_left != y->seconds_left)
		return x->seconds_left < y->seconds_left ? -1 : 1;
	return (x->cert > y->cert) - (x->cert < y->cert);
}

static void count_state(struct counts *c, enum state s)
{
	size_t *const by_state[] = {
		[STATE_OK] = &c->ok, [STATE_WARNING] = &c->warning, [STATE_UNKNOWN] = &c->unknown,
		[STATE_CRITICAL] = &c->critical,
	};

	++*by_state[s];
	c->total++;
}

static void count_all(struct report *out)
{
	for (size_t i = 0; i < out->n_items; i++) {
		if (!out->items[i].ignored) {
			count_state(&out->counts, out->items[i].state);
			continue;
		}
		out->counts.ignored++;
		out->counts.total++;
	}
	for (size_t i = 0; i < out->n_sources; i++)
		if (out->sources[i].counted)
			count_state(&out->counts, out->sources[i].state);
}

/* Share of the life that is left, in hundredths of a percent. */
static bool life_left(const struct inventory *inv, const struct item *item, int64_t *out)
{
	const struct cert *c = inv->certs[item->cert];

	if (!c->has_not_before || !c->has_not_after || c->not_after_at <= c->not_before_at)
		return false;
	*out = (int64_t)((double)item->seconds_left * 10000 /
	    (double)(c->not_after_at - c->not_before_at));
	return true;
}

static void find_minima(struct report *out)
{
	for (size_t i = 0; i < out->n_items; i++) {
		const struct item *item = &out->items[i];
		int64_t share;

		if (item->ignored || item->is_unused || !item->has_left)
			continue;
		if (!out->has_min_left || item->seconds_left < out->min_seconds_left) {
			out->min_seconds_left = item->seconds_left;
			out->min_item = i;
		}
		out->has_min_left = true;
		if (!life_left(out->inv, item, &share))
			continue;
		if (!out->has_min_life || share < out->min_life_percent_hundredths) {
			out->min_life_percent_hundredths = share;
			out->min_life_item = i;
		}
		out->has_min_life = true;
	}
}

void evaluate(const struct inventory *inv, const struct policy *policy, int64_t now_at,
    struct report *out)
{
	struct judging j;

	*out = (struct report){ .inv = inv, .evaluated_at = now_at, .n_items = inv->n_certs,
		.n_sources = inv->n_sources };
	out->items = mem_array(inv->n_certs, sizeof *out->items);
	out->sources = mem_array(inv->n_sources, sizeof *out->sources);
	gather(inv, out);
	count_per_source(inv, out);
	judging_open(&j, inv, policy, now_at);
	for (size_t i = 0; i < out->n_items; i++) {
		out->items[i].cert = i;
		judge_item(&j, &out->items[i], out);
	}
	for (size_t i = 0; i < out->n_sources; i++)
		judge_source(&j, i, out);
	judge_run(&j, out);
	qsort(out->items, out->n_items, sizeof *out->items, compare_items);
	count_all(out);
	find_minima(out);
	judging_close(&j);
}
