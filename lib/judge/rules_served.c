/* rules_served.c - the inventory says A, the listener serves B. */
#include "lib/judge/judging.h"

#include <string.h>
#include "lib/base/buf.h"

#define NAME_MAX_BYTES 100   /* of a name inside a message */

/* A name from outside, not cut inside a character. */
static void add_name(struct buf *out, const char *name)
{
	size_t n = strlen(name);

	if (n > NAME_MAX_BYTES)
		for (n = NAME_MAX_BYTES; n > 0 && ((unsigned char)name[n] & 0xC0) == 0x80;)
			n--;
	buf_add(out, name, n);
}

/* The first row that is not before (source, service, node). */
static size_t first_use(const struct judging *j, size_t source, const char *service,
    const char *node)
{
	size_t low = 0, high = j->n_uses;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct use_row *u = &j->uses[middle];
		int order = (u->source > source) - (u->source < source);

		if (order == 0)
			order = strcmp(u->service, service);
		if (order == 0)
			order = strcmp(u->node, node);
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_use(const struct use_row *u, size_t source, const char *service, const char *node)
{
	return u->source == source && strcmp(u->service, service) == 0 &&
	    (node == NULL || strcmp(u->node, node) == 0);
}

/* What the inventory has for a use: any row at all that could be read, and
 * whether one of them is this certificate. */
struct expected {
	const struct sighting *row;     /* NULL: none */
	bool is_served;
};

static struct expected look(const struct judging *j, size_t source, const char *service,
    const char *node, size_t cert)
{
	struct expected e = { NULL, false };
	size_t i = first_use(j, source, service, node != NULL ? node : "");

	for (; i < j->n_uses && is_use(&j->uses[i], source, service, node); i++) {
		const struct sighting *row = &j->inv->sightings[j->uses[i].sighting];

		if (j->inv->certs[row->cert]->form != CERT_PARSED)
			continue;
		if (e.row == NULL)
			e.row = row;
		e.is_served = e.is_served || row->cert == cert;
	}
	return e;
}

/* The node of the cluster's own certificate may be a cluster id in one place
 * and a node id in another; the service alone names it then. */
static struct expected expect(const struct judging *j, const struct sighting *served,
    const struct use *use)
{
	struct expected e = look(j, served->source, use->service,
	    use->node != NULL ? use->node : "", served->cert);

	if (e.row == NULL && strcmp(use->service, "MGMT_CLUSTER") == 0)
		e = look(j, served->source, use->service, NULL, served->cert);
	return e;
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
	add_name(out, s->name);
	buf_addf(out, "\" (%s)", hex);
}

static void tell(const struct judging *j, const struct sighting *served, const struct use *use,
    const struct sighting *expected, struct buf *out)
{
	const char *node = use->node_name != NULL ? use->node_name : use->node;

	add_name(out, served->endpoint != NULL ? served->endpoint : "a listener");
	buf_adds(out, " serves ");
	add_cert(j, served, out);
	buf_adds(out, ", but the inventory says that ");
	add_name(out, use->service);
	if (node != NULL) {
		buf_adds(out, " of ");
		add_name(out, node);
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
