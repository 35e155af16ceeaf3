/* ignore.c - exceptions: which certificates they mean, and until when. */
#include "lib/judge/judging.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>
#include "lib/base/buf.h"

#define NAMES_MAX_BYTES ((size_t)1024 * 1024)

/* What is compared, made when the first exception asks for it. */
struct names {
	struct buf text;     /* every name of the certificate, each with its NUL */
	struct buf issuer;
	bool has_text, has_issuer;
};

static void add_name(void *ctx, const char *name)
{
	buf_add(ctx, name, strlen(name) + 1);
}

static void collect_names(const struct judging *j, const struct subject *s, struct buf *out)
{
	cert_common_name(s->cert, out);
	buf_addc(out, '\0');
	cert_each_name(s->cert, add_name, out);
	for (size_t i = 0; i < s->item->n_sightings; i++)
		if (subject_sighting(j, s, i)->name != NULL)
			add_name(out, subject_sighting(j, s, i)->name);
}

static bool some_name_fits(const struct judging *j, const struct subject *s, struct names *n,
    const char *pattern)
{
	if (!n->has_text)
		collect_names(j, s, &n->text);
	n->has_text = true;
	for (size_t at = 0; at < n->text.len; at += strlen(n->text.data + at) + 1)
		if (n->text.data[at] != '\0' && fnmatch(pattern, n->text.data + at, 0) == 0)
			return true;
	return false;
}

static bool issuer_fits(const struct subject *s, struct names *n, const char *pattern)
{
	if (!n->has_issuer)
		cert_issuer_text(s->cert, &n->issuer);
	n->has_issuer = true;
	return n->issuer.len > 0 && fnmatch(pattern, buf_str(&n->issuer), 0) == 0;
}

static bool sha256_fits(const struct subject *s, const char *prefix)
{
	char hex[2 * CERT_SHA256_BYTES + 1];

	if (s->cert->form != CERT_PARSED)
		return false;
	cert_sha256_hex(s->cert, hex);
	return strncasecmp(hex, prefix, strlen(prefix)) == 0;
}

static bool some_id_fits(const struct judging *j, const struct subject *s, const char *id)
{
	for (size_t i = 0; i < s->item->n_sightings; i++) {
		const char *own = subject_sighting(j, s, i)->id;

		if (own != NULL && strcmp(own, id) == 0)
			return true;
	}
	return false;
}

/* A certificate that serves something else too is not hidden by half. */
static bool only_service_is(const struct judging *j, const struct subject *s, const char *service)
{
	size_t n_uses = 0;

	for (size_t i = 0; i < s->item->n_sightings; i++) {
		const struct sighting *at = subject_sighting(j, s, i);

		for (size_t k = 0; k < at->n_uses; k++, n_uses++)
			if (strcmp(at->uses[k].service, service) != 0)
				return false;
	}
	return n_uses > 0;
}

static bool fits(const struct judging *j, const struct subject *s, const struct ignore *g,
    struct names *n)
{
	switch (g->match) {
	case IGNORE_SHA256:
		return sha256_fits(s, g->pattern);
	case IGNORE_ID:
		return some_id_fits(j, s, g->pattern);
	case IGNORE_NAME:
		return some_name_fits(j, s, n, g->pattern);
	case IGNORE_ISSUER:
		return issuer_fits(s, n, g->pattern);
	case IGNORE_SERVICE:
		return only_service_is(j, s, g->pattern);
	}
	return false;
}

/* The exception that holds wins over one that is over. */
void ignore_apply(const struct judging *j, struct subject *s)
{
	struct names n = { .has_text = false };

	buf_init(&n.text, NAMES_MAX_BYTES);
	buf_init(&n.issuer, NAMES_MAX_BYTES);
	for (size_t i = 0; i < j->policy->n_ignores && !s->item->ignored; i++) {
		const struct ignore *g = &j->policy->ignores[i];

		if (!fits(j, s, g, &n))
			continue;
		if (j->now_at > g->until_at) {
			s->ended = g;
			continue;
		}
		s->item->ignored = true;
		s->item->ignored_by = g->label;
		s->item->ignored_reason = g->reason;
	}
	if (s->item->ignored)
		s->ended = NULL;
	buf_clear(&n.text);
	buf_clear(&n.issuer);
}
