/* json.c - the report as one JSON object, schema check_certs/1.
 *
 * Every key is always there; what is not known is null.  Keys may be added at
 * the end of an object without a new schema. */
#include "lib/render/formats.h"

#include <stdint.h>
#include <string.h>
#include "lib/base/json.h"
#include "lib/base/text.h"

#define TEXT_MAX_BYTES ((size_t)1024 * 1024)

/* --- small things -------------------------------------------------------------------- */

static void put_time(struct json_writer *w, const char *key, bool known, int64_t at)
{
	char text[TEXT_TIME_BYTES];

	jsonw_str(w, key, known ? text_from_time(at, text) : NULL);
}

static void put_i64(struct json_writer *w, const char *key, bool known, int64_t value)
{
	if (known)
		jsonw_i64(w, key, value);
	else
		jsonw_null(w, key);
}

/* -1 is not known. */
static void put_tristate(struct json_writer *w, const char *key, int value)
{
	if (value < 0)
		jsonw_null(w, key);
	else
		jsonw_bool(w, key, value != 0);
}

/* A text form of a certificate; the empty one is not known. */
static void put_form(struct json_writer *w, const char *key, const struct cert *c,
    void (*form)(const struct cert *c, struct buf *out))
{
	struct buf text;

	buf_init(&text, TEXT_MAX_BYTES);
	form(c, &text);
	jsonw_str(w, key, text.len > 0 ? buf_str(&text) : NULL);
	buf_clear(&text);
}

static void put_findings(struct json_writer *w, const struct findings *f)
{
	jsonw_open(w, "findings", '[');
	for (size_t i = 0; i < f->n; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "id", f->v[i].id);
		jsonw_str(w, "state", state_name(f->v[i].state));
		jsonw_str(w, "message", f->v[i].message);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

/* --- sources ------------------------------------------------------------------------- */

static void put_source(struct json_writer *w, const struct source_status *s,
    const struct source_report *sr)
{
	jsonw_open(w, NULL, '{');
	jsonw_str(w, "name", s->name);
	jsonw_str(w, "kind", source_kind_name(s->kind));
	jsonw_str(w, "state", state_name(sr->state));
	jsonw_str(w, "version", s->version);
	jsonw_i64(w, "certificates", (int64_t)sr->n_certs);
	jsonw_i64(w, "requests", (int64_t)s->n_requests);
	jsonw_fixed(w, "seconds", s->elapsed_ms);
	put_findings(w, &sr->findings);
	jsonw_i64(w, "unreadable_by_design", (int64_t)s->unreadable_by_design);
	jsonw_bool(w, "failed", sr->failed);
	jsonw_close(w, '}');
}

/* --- sightings ----------------------------------------------------------------------- */

static void put_uses(struct json_writer *w, const struct sighting *s)
{
	jsonw_open(w, "uses", '[');
	for (size_t i = 0; i < s->n_uses; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "service", s->uses[i].service);
		jsonw_str(w, "node", s->uses[i].node);
		jsonw_str(w, "node_name", s->uses[i].node_name);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void put_api(struct json_writer *w, const struct sighting *s)
{
	jsonw_str(w, "id", s->id);
	jsonw_str(w, "name", s->name);
	put_uses(w, s);
	put_tristate(w, "has_private_key", s->has_private_key);
	put_tristate(w, "active", s->active);
	put_time(w, "created_at", s->has_created_at, s->created_at);
	jsonw_str(w, "category", s->category);
	jsonw_bool(w, "by_policy", s->by_policy);
	jsonw_bool(w, "by_principal", s->by_principal);
}

static void put_tls(struct json_writer *w, const struct sighting *s)
{
	jsonw_str(w, "endpoint", s->endpoint);
	put_uses(w, s);
	jsonw_i64(w, "position", (int64_t)s->position);
}

static void put_file(struct json_writer *w, const struct sighting *s)
{
	jsonw_str(w, "path", s->path);
	jsonw_i64(w, "index", (int64_t)s->position);
}

static void put_sighting(struct json_writer *w, const struct report *r, const struct sighting *s)
{
	static void (*const by_via[])(struct json_writer *w, const struct sighting *s) = {
		[VIA_API] = put_api, [VIA_TLS] = put_tls, [VIA_FILE] = put_file,
	};
	const struct source_status *source = &r->inv->sources[s->source];

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "source", source->name);
	jsonw_str(w, "kind", source_kind_name(source->kind));
	jsonw_str(w, "via", via_name(s->via));
	by_via[s->via](w, s);
	jsonw_str(w, "role", role_name(s->role));
	jsonw_close(w, '}');
}

/* --- certificates -------------------------------------------------------------------- */

static void put_name(void *ctx, const char *name)
{
	jsonw_str(ctx, NULL, name);
}

static void put_identity(struct json_writer *w, const struct cert *c)
{
	char hex[2 * CERT_SHA256_BYTES + 1];

	cert_sha256_hex(c, hex);
	jsonw_str(w, "sha256", c->form == CERT_PARSED ? hex : NULL);
	put_form(w, "subject", c, cert_subject_text);
	put_form(w, "issuer", c, cert_issuer_text);
	put_form(w, "serial", c, cert_serial_hex);
	jsonw_open(w, "names", '[');
	cert_each_name(c, put_name, w);
	jsonw_close(w, ']');
}

static void put_facts(struct json_writer *w, const struct cert *c, const struct item *it)
{
	put_time(w, "not_before", c->has_not_before, c->not_before_at);
	put_time(w, "not_after", c->has_not_after, c->not_after_at);
	put_i64(w, "seconds_left", it->has_left, it->seconds_left);
	put_i64(w, "days_left", it->has_left, it->days_left);
	put_tristate(w, "is_ca", c->form == CERT_UNREADABLE ? -1 : c->is_ca);
	put_form(w, "key", c, cert_key_text);
	put_form(w, "signature", c, cert_signature_text);
}

static void put_ignored(struct json_writer *w, const struct item *it)
{
	if (!it->ignored) {
		jsonw_null(w, "ignored");
		return;
	}
	jsonw_open(w, "ignored", '{');
	jsonw_str(w, "by", it->ignored_by);
	jsonw_str(w, "reason", it->ignored_reason);
	jsonw_close(w, '}');
}

static void put_item(struct json_writer *w, const struct report *r, const struct item *it)
{
	const struct cert *c = r->inv->certs[it->cert];

	jsonw_open(w, NULL, '{');
	put_identity(w, c);
	put_facts(w, c, it);
	jsonw_str(w, "state", state_name(it->state));
	put_findings(w, &it->findings);
	jsonw_open(w, "sightings", '[');
	for (size_t i = 0; i < it->n_sightings; i++)
		put_sighting(w, r, &r->inv->sightings[it->sightings[i]]);
	jsonw_close(w, ']');
	jsonw_open(w, "remedy", '{');
	jsonw_str(w, "procedure", it->remedy.procedure);
	jsonw_str(w, "by", actor_name(it->remedy.by));
	jsonw_str(w, "detail", it->remedy.detail);
	jsonw_close(w, '}');
	put_ignored(w, it);
	jsonw_close(w, '}');
}

/* --- the whole ----------------------------------------------------------------------- */

static void put_counts(struct json_writer *w, const struct counts *c)
{
	jsonw_open(w, "counts", '{');
	jsonw_i64(w, "total", (int64_t)c->total);
	jsonw_i64(w, "ok", (int64_t)c->ok);
	jsonw_i64(w, "warning", (int64_t)c->warning);
	jsonw_i64(w, "critical", (int64_t)c->critical);
	jsonw_i64(w, "unknown", (int64_t)c->unknown);
	jsonw_i64(w, "ignored", (int64_t)c->ignored);
	jsonw_close(w, '}');
}

static void put_head(struct json_writer *w, const struct report *r)
{
	struct buf summary;

	buf_init(&summary, TEXT_MAX_BYTES);
	render_summary(r, &summary);
	jsonw_str(w, "schema", "check_certs/1");
	jsonw_str(w, "state", state_name(r->state));
	put_time(w, "evaluated_at", true, r->evaluated_at);
	jsonw_str(w, "summary", buf_str(&summary));
	put_counts(w, &r->counts);
	buf_clear(&summary);
}

void render_json(const struct report *r, const struct render_options *o, struct buf *out)
{
	struct json_writer w;

	(void)o;
	jsonw_init(&w, out);
	jsonw_open(&w, NULL, '{');
	put_head(&w, r);
	jsonw_open(&w, "sources", '[');
	for (size_t i = 0; i < r->n_sources; i++)
		put_source(&w, &r->inv->sources[i], &r->sources[i]);
	jsonw_close(&w, ']');
	jsonw_open(&w, "certificates", '[');
	for (size_t i = 0; i < r->n_items; i++)
		put_item(&w, r, &r->items[i]);
	jsonw_close(&w, ']');
	put_findings(&w, &r->findings);
	jsonw_close(&w, '}');
	buf_addc(out, '\n');
}
