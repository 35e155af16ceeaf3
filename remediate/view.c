/* view.c - one look at a target: a fresh poll, its judgement, and what goes on
 * there. */
#include "remediate/view.h"

#include <stdlib.h>
#include <string.h>
#include "lib/base/clock.h"
#include "lib/base/mem.h"
#include "lib/judge/evaluate.h"
#include "lib/source/source.h"
#include "remediate/nsx_ops.h"

/* --- the poll ------------------------------------------------------------------------- */

/* The second half of a change is seen by handshake: every listener is looked
 * at, whatever the checks do. */
static void poll_target(struct view *v, const char *state_dir, int64_t deadline_ms, int64_t now_at,
    const struct trace *trace)
{
	struct target target = *v->mandate->target;
	const struct collect_options how = { .deadline_ms = deadline_ms, .now_at = now_at,
		.state_dir = state_dir, .trace = trace };
	struct err e = { ERR_NONE, "" };

	target.probe = PROBE_YES;
	if (collect(&target, 1, &how, &v->inv, &e) == 0)
		return;
	inventory_clear(&v->inv);
	inventory_init(&v->inv);
	inventory_add_issue(&v->inv, inventory_add_source(&v->inv, target.name, target.kind),
	    ISSUE_FAILED, &e);
}

/* Was anything of its API read? */
static bool has_answered(const struct inventory *inv)
{
	const struct source_status *s = &inv->sources[0];

	if (s->version != NULL || (s->cluster != NULL && s->cluster->n_nodes > 0))
		return true;
	for (size_t i = 0; i < inv->n_sightings; i++)
		if (inv->sightings[i].via == VIA_API)
			return true;
	return false;
}

/* Why not everything was read: a failure before a gap. */
static void note_poll_err(struct view *v)
{
	const struct source_status *s = &v->inv.sources[0];

	for (size_t i = 0; i < s->n_issues; i++) {
		const struct issue *issue = &s->issues[i];

		if (issue->kind == ISSUE_NOTE)
			continue;
		if (v->poll_err.code == ERR_NONE || issue->kind == ISSUE_FAILED)
			v->poll_err = issue->err;
		if (issue->kind == ISSUE_FAILED)
			return;
	}
}

static void settle_poll(struct view *v)
{
	const struct source_status *s = &v->inv.sources[0];

	v->is_complete = s->complete;
	v->is_reachable = has_answered(&v->inv);
	v->version = mem_strdup(s->version);
	v->cluster = s->cluster;
	if (!v->is_complete)
		note_poll_err(v);
}

/* What goes on there, as the writing account sees it. */
static void read_ops(struct view *v, struct api *api, struct api *global,
    const struct view_wants *wants, int64_t deadline_ms)
{
	const struct mandate *m = v->mandate;

	if (m->target->kind == SOURCE_OPSMAN)
		om_ops_read(api, wants != NULL && wants->log, deadline_ms, &v->om);
	else
		nsx_ops_read(&v->ops, api, global, v->version, m->site, wants, deadline_ms);
}

void view_read(const struct mandate *m, const struct policy *policy, struct api *api,
    struct api *global, const struct view_wants *wants, const char *state_dir, int64_t deadline_ms,
    int64_t now_at, const struct trace *trace, struct view *out)
{
	const int64_t left_ms = deadline_ms - clock_mono_ms();
	/* A slow poll must not use up the time of what comes after it. */
	const int64_t poll_end_ms = api != NULL && left_ms > 0 ? deadline_ms - left_ms / 3 : deadline_ms;
	struct err *e = m->target->kind == SOURCE_OPSMAN ? &out->om.err : &out->ops.err;

	*out = (struct view){ .mandate = m, .read_at = now_at };
	inventory_init(&out->inv);
	poll_target(out, state_dir, poll_end_ms, now_at, trace);
	settle_poll(out);
	evaluate(&out->inv, policy, now_at, &out->report);
	nsx_ops_init(&out->ops);
	if (api != NULL)
		read_ops(out, api, global, wants, deadline_ms);
	else
		err_set(e, ERR_CONFIG, "what goes on at %s was not asked: the handler has no "
		    "credentials there", m->target->name);
}

void view_clear(struct view *v)
{
	report_clear(&v->report);
	nsx_ops_clear(&v->ops);
	om_ops_clear(&v->om);
	inventory_clear(&v->inv);
	free(v->version);
	*v = (struct view){ .mandate = NULL };
}

/* --- what is in it ----------------------------------------------------------------------- */

static bool is_row(const struct sighting *s)
{
	return s->via == VIA_API && s->role == ROLE_NSX_PLATFORM && s->position == 0 && s->id != NULL;
}

/* Does the inventory hold the bytes of this certificate, and is it that one? */
static bool is_leaf(const struct view *v, const struct sighting *s, const char *sha256_hex)
{
	const struct cert *c = v->inv.certs[s->cert];
	char hex[2 * CERT_SHA256_BYTES + 1];

	if (c->form != CERT_PARSED)
		return false;
	cert_sha256_hex(c, hex);
	return strcmp(hex, sha256_hex) == 0;
}

size_t view_find_object(const struct view *v, const char *id)
{
	for (size_t i = 0; i < v->inv.n_sightings; i++)
		if (is_row(&v->inv.sightings[i]) && strcmp(v->inv.sightings[i].id, id) == 0)
			return i;
	return SIZE_MAX;
}

/* Versions before 4.0 do not tell of keys: a row that may have one is the
 * answer where none is known to. */
size_t view_find_leaf(const struct view *v, const char *sha256_hex, bool with_key)
{
	size_t may_have = SIZE_MAX;

	for (size_t i = 0; i < v->inv.n_sightings; i++) {
		const struct sighting *s = &v->inv.sightings[i];

		if (!is_row(s) || !is_leaf(v, s, sha256_hex))
			continue;
		if (!with_key || s->has_private_key == 1)
			return i;
		if (s->has_private_key == -1 && may_have == SIZE_MAX)
			may_have = i;
	}
	return may_have;
}

bool view_has_use(const struct view *v, const char *id, const char *service, const char *node)
{
	const size_t at = view_find_object(v, id);
	const struct sighting *s = at != SIZE_MAX ? &v->inv.sightings[at] : NULL;

	for (size_t i = 0; s != NULL && i < s->n_uses; i++) {
		const struct use *u = &s->uses[i];

		if (strcmp(u->service, service) == 0 &&
		    (node == NULL || (u->node != NULL && strcmp(u->node, node) == 0)))
			return true;
	}
	return false;
}

bool view_served(const struct view *v, const char *endpoint, char out[2 * CERT_SHA256_BYTES + 1])
{
	for (size_t i = v->inv.n_sightings; i-- > 0;) {
		const struct sighting *s = &v->inv.sightings[i];

		if (s->via != VIA_TLS || s->position != 0 || s->endpoint == NULL ||
		    strcmp(s->endpoint, endpoint) != 0)
			continue;
		if (v->inv.certs[s->cert]->form != CERT_PARSED)
			return false;
		cert_sha256_hex(v->inv.certs[s->cert], out);
		return true;
	}
	return false;
}
