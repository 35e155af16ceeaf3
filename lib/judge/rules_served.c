/* rules_served.c - the inventory says A, the listener serves B. */
#include "lib/judge/judging.h"

#include <string.h>
#include "lib/base/buf.h"

/* What the inventory has for a use, and whether this certificate is that, or
 * one of them. */
struct expected {
	const struct sighting *row;     /* NULL: nothing */
	bool is_served;
};

static bool is_use(const struct judging *j, size_t at, const struct use_row *key)
{
	const struct use_row *u;

	if (at >= j->n_uses)
		return false;
	u = &j->uses[at];
	if (u->source != key->source || strcmp(u->service, key->service) != 0)
		return false;
	if (u->node == NULL || key->node == NULL)
		return u->node == key->node;
	return strcmp(u->node, key->node) == 0;
}

static struct expected look(const struct judging *j, const struct sighting *served,
    const char *service, const char *node)
{
	struct use_row key = { .source = served->source, .service = service, .node = node };
	struct expected e = { NULL, false };
	size_t at = judging_first_use(j, &key);

	if (!is_use(j, at, &key))
		return e;
	e.row = &j->inv->sightings[j->uses[at].sighting];
	key.cert = served->cert;
	at = judging_first_use(j, &key);
	e.is_served = is_use(j, at, &key) && j->uses[at].cert == served->cert;
	return e;
}

static struct expected expect(const struct judging *j, const struct sighting *served,
    const struct use *use)
{
	struct expected e = look(j, served, use->service, use->node != NULL ? use->node : "");

	return e.row != NULL ? e : look(j, served, use->service, NULL);
}

static void add_cert(const struct judging *j, const struct sighting *s, struct buf *out)
{
	char hex[2 * CERT_SHA256_BYTES + 1];

	cert_sha256_hex(j->inv->certs[s->cert], hex);
	hex[8] = '\0';
	if (s->name == NULL) {
		buf_adds(out, hex);
		return;
	}
	buf_addc(out, '"');
	message_add_name(out, s->name);
	buf_addf(out, "\" (%s)", hex);
}

static void tell(const struct judging *j, const struct sighting *served, const struct use *use,
    const struct sighting *expected, struct buf *out)
{
	const char *node = use->node_name != NULL ? use->node_name : use->node;

	message_add_name(out, served->endpoint != NULL ? served->endpoint : "a listener");
	buf_adds(out, " serves ");
	add_cert(j, served, out);
	buf_adds(out, ", but the inventory says that ");
	message_add_name(out, use->service);
	if (node != NULL) {
		buf_adds(out, " of ");
		message_add_name(out, node);
	}
	buf_adds(out, " is ");
	add_cert(j, expected, out);
}

static void add_finding(const struct rule *r, const struct judging *j, struct subject *s,
    const struct sighting *served, const struct use *use, const struct sighting *expected)
{
	bool ends_soon = s->by_limits != STATE_OK ||
	    (s->item->has_left && s->item->seconds_left < 0);
	struct buf text;

	buf_init(&text, 1024);
	tell(j, served, use, expected, &text);
	findings_add(&s->item->findings, r->id, ends_soon ? STATE_CRITICAL : STATE_WARNING, "%s",
	    buf_str(&text));
	buf_clear(&text);
}

static bool is_probe(const struct judging *j, const struct sighting *s)
{
	return s->via == VIA_TLS && s->position == 0 && s->role != ROLE_CHAIN &&
	    j->inv->sources[s->source].kind == SOURCE_NSX;
}

void rule_served_differs(const struct rule *r, const struct judging *j, struct subject *s)
{
	for (size_t i = 0; i < s->item->n_sightings; i++) {
		const struct sighting *served = subject_sighting(j, s, i);

		for (size_t k = 0; is_probe(j, served) && k < served->n_uses; k++) {
			struct expected e = expect(j, served, &served->uses[k]);

			if (e.row != NULL && !e.is_served)
				add_finding(r, j, s, served, &served->uses[k], e.row);
		}
	}
}
