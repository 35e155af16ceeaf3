/* conf_keys.c - the table of sections and keys. */
#include "lib/conf_keys.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

const struct conf_section_kind conf_sections[CONF_N_SECTIONS] = {
	[CONF_THRESHOLDS] = { .word = "thresholds" },
	[CONF_NSX] = { "nsx", true, true, SOURCE_NSX, { "url" } },
	[CONF_OPSMAN] = { "opsman", true, true, SOURCE_OPSMAN, { "url" } },
	[CONF_TLS] = { "tls", true, true, SOURCE_TLS, { "endpoint" } },
	[CONF_FILES] = { "files", true, true, SOURCE_FILES, { "path" } },
	[CONF_IGNORE] = { .word = "ignore", .is_named = true,
	    .required = { "match", "reason", "until" } },
	[CONF_REMEDIATE] = { .word = "remediate", .is_named = true },
};

static void *at_offset(void *base, size_t offset)
{
	return (char *)base + offset;
}

static char *take_text(struct conf_value *v)
{
	char *text = v->text;

	v->text = NULL;
	return text;
}

static void store_limit(const struct conf_dest *d, const struct conf_key *k, struct conf_value *v)
{
	struct limit *l = at_offset(d->limits, k->offset);

	*l = v->limit;
}

static void store_target_text(const struct conf_dest *d, const struct conf_key *k,
    struct conf_value *v)
{
	char **text = at_offset(d->target, k->offset);

	free(*text);
	*text = take_text(v);
}

static void append_text(char ***list, size_t *n, struct conf_value *v)
{
	size_t cap = *n;

	*list = mem_grow(*list, &cap, *n + 1, sizeof **list);
	(*list)[(*n)++] = take_text(v);
}

static void store_endpoint(const struct conf_dest *d, const struct conf_key *k,
    struct conf_value *v)
{
	(void)k;
	append_text(&d->target->endpoints, &d->target->n_endpoints, v);
}

static void store_path(const struct conf_dest *d, const struct conf_key *k, struct conf_value *v)
{
	(void)k;
	append_text(&d->target->paths, &d->target->n_paths, v);
}

static void store_pin(const struct conf_dest *d, const struct conf_key *k, struct conf_value *v)
{
	(void)k;
	trust_add_pin(&d->target->trust, v->sha256);
}

static void store_probe(const struct conf_dest *d, const struct conf_key *k, struct conf_value *v)
{
	/* in the order of the row */
	static const enum probe words[] = { PROBE_YES, PROBE_NO, PROBE_REQUIRED };

	(void)k;
	d->target->probe = words[v->number];
}

static void store_auth_retry(const struct conf_dest *d, const struct conf_key *k,
    struct conf_value *v)
{
	(void)k;
	d->target->auth_retry_s = v->number;
}

static void store_unused(const struct conf_dest *d, const struct conf_key *k, struct conf_value *v)
{
	(void)k;
	d->policy->unused_same = v->number == 1;
}

static void store_validate(const struct conf_dest *d, const struct conf_key *k,
    struct conf_value *v)
{
	(void)k;
	d->target->validate = v->number == 1;
}

static void store_match(const struct conf_dest *d, const struct conf_key *k, struct conf_value *v)
{
	(void)k;
	d->ignore->match = v->match;
	d->ignore->pattern = take_text(v);
}

static void store_reason(const struct conf_dest *d, const struct conf_key *k, struct conf_value *v)
{
	(void)k;
	d->ignore->reason = take_text(v);
}

static void store_until(const struct conf_dest *d, const struct conf_key *k, struct conf_value *v)
{
	(void)k;
	d->ignore->until_at = v->number;
}

static void store_pair(const struct conf_dest *d, const struct conf_key *k, struct conf_value *v)
{
	struct remediate_conf *r = d->remediate;

	r->pairs = mem_grow(r->pairs, &r->cap_pairs, r->n_pairs + 1, sizeof *r->pairs);
	r->pairs[r->n_pairs].key = mem_strdup(k->name);
	r->pairs[r->n_pairs++].value = take_text(v);
}


#define IN(section) (1u << CONF_##section)
#define APIS (IN(NSX) | IN(OPSMAN))
#define TARGETS (APIS | IN(TLS) | IN(FILES))
#define LIMIT(key, text, what) { .sections = IN(THRESHOLDS) | TARGETS, .name = #key, \
	.type = &conf_type_limit, .store = store_limit, .offset = offsetof(struct limits, key), \
	.fallback = text, .help = what }
#define REMEDIATE(key, kind) .sections = IN(REMEDIATE), .name = key, \
	.type = &conf_type_##kind, .store = store_pair

static const struct conf_key keys[] = {
	LIMIT(warning, "30", "time left below which a certificate is WARNING"),
	LIMIT(critical, "7", "time left below which a certificate is CRITICAL"),
	LIMIT(ca_warning, "90", "the same for CA certificates"),
	LIMIT(ca_critical, "30", "the same for CA certificates"),

	{ .sections = APIS, .name = "url", .type = &conf_type_url, .store = store_target_text,
	  .offset = offsetof(struct target, url),
	  .help = "https://HOST[:PORT] of the manager or its VIP" },
	{ .sections = APIS, .name = "credentials", .type = &conf_type_path,
	  .store = store_target_text,
	  .offset = offsetof(struct target, credentials_path),
	  .help = "file with the read-only account" },
	{ .sections = APIS, .name = "ca_file", .type = &conf_type_path, .store = store_target_text,
	  .offset = offsetof(struct target, trust.ca_file),
	  .help = "PEM file with the CA that signed the API's certificate" },
	{ .sections = APIS, .name = "pin_sha256", .type = &conf_type_fingerprint,
	  .store = store_pin,
	  .is_repeatable = true,
	  .help = "fingerprint of the API's certificate, trusted instead of CA, name and date" },
	{ .sections = APIS, .name = "auth_retry", .type = &conf_type_duration,
	  .store = store_auth_retry,
	  .fallback = "1h", .help = "how long a refused login is not tried again" },
	{ .sections = IN(NSX), .name = "probe", .type = &conf_type_probe,
	  .words = "yes|no|required|via-nsx",
	  .store = store_probe, .fallback = "yes",
	  .help = "handshake with the listeners that the API names" },
	{ .sections = IN(NSX), .name = "validate", .type = &conf_type_choice, .words = "no|yes",
	  .store = store_validate, .fallback = "no",
	  .help = "ask NSX for its own verdict on certificates in use, at most 20 in a run" },
	{ .sections = IN(NSX), .name = "unused", .type = &conf_type_choice, .words = "note|same",
	  .store = store_unused, .fallback = "note",
	  .help = "how certificates that nothing uses are judged" },

	{ .sections = IN(TLS), .name = "endpoint", .type = &conf_type_endpoint,
	  .store = store_endpoint,
	  .is_repeatable = true, .help = "a listener" },
	{ .sections = IN(FILES), .name = "path", .type = &conf_type_path, .store = store_path,
	  .is_repeatable = true, .help = "PEM or DER file, or a glob of them" },

	{ .sections = IN(IGNORE), .name = "match", .type = &conf_type_match, .store = store_match,
	  .help = "which certificates" },
	{ .sections = IN(IGNORE), .name = "reason", .type = &conf_type_text, .store = store_reason,
	  .help = "why they may be ignored" },
	{ .sections = IN(IGNORE), .name = "until", .type = &conf_type_day, .store = store_until,
	  .help = "last day of the exception, UTC" },

	{ REMEDIATE("mode", choice), .words = "plan|approve|auto", .fallback = "plan",
	  .help = "only plan, act after approval, or act" },
	{ REMEDIATE("worker_host", host), .help = "the one host that may act" },
	{ REMEDIATE("procedures", procedures), .is_empty_allowed = true,
	  .help = "what may be done here" },
	{ REMEDIATE("credentials", path), .help = "file with the account that may change things" },
	{ REMEDIATE("replacement", replacement), .help = "where the new certificate comes from" },
	{ REMEDIATE("act_on", choice), .words = "warning|critical", .fallback = "warning",
	  .help = "state from which a problem is acted on" },
	{ REMEDIATE("window", window), .help = "when a change may start; none: at any time" },
	{ REMEDIATE("timezone", timezone), .fallback = "UTC", .help = "zone of the window" },
	{ REMEDIATE("approvers", group), .help = "group whose members may approve" },
	{ REMEDIATE("approval_valid", duration), .fallback = "14d",
	  .help = "how long an approval holds" },
	{ REMEDIATE("max_per_day", number), .min = 0, .max = 1000, .fallback = "2",
	  .help = "changes in 24 hours" },
	{ REMEDIATE("cool_down", duration), .fallback = "1h", .help = "pause between two changes" },
	{ REMEDIATE("breaker_after", number), .min = 1, .max = 100, .fallback = "2",
	  .help = "failures in a row after which nothing is tried any more" },
	{ REMEDIATE("rollback", choice), .words = "ask|auto|off", .fallback = "ask",
	  .help = "what to do when the new certificate does not work" },
	{ REMEDIATE("keep_old", duration), .fallback = "7d",
	  .help = "how long a replaced certificate is kept" },
	{ REMEDIATE("downtime_hold", duration), .fallback = "24h",
	  .help = "how long a downtime holds a request back" },
	{ REMEDIATE("poll_interval", duration), .fallback = "30s",
	  .help = "pause between two looks while waiting" },
	{ REMEDIATE("start", choice), .words = "detached|systemd|none", .fallback = "detached",
	  .help = "how an event starts the worker" },
	{ REMEDIATE("key_type", choice),
	  .words = "rsa:2048|rsa:3072|rsa:4096|ec:P-256|ec:P-384|ec:P-521",
	  .fallback = "rsa:3072", .help = "key of a certificate that is made for the target" },
	{ REMEDIATE("subject", subject),
	  .help = "subject of such a certificate; none: as the current one" },
	{ REMEDIATE("days", number), .min = 1, .max = 3650, .fallback = "825",
	  .help = "life of a self-signed certificate" },

	{ REMEDIATE("managed_by", choice), .words = "vcf|none", .only_for = "nsx",
	  .help = "who replaces API and cluster certificates from NSX 9 on; none given: vcf" },
	{ REMEDIATE("global_manager", target), .only_for = "nsx",
	  .help = "[nsx] section of the active Global Manager" },
	{ REMEDIATE("site", text), .only_for = "nsx",
	  .help = "id of this site on the Global Manager" },
	{ REMEDIATE("site_credentials", path), .only_for = "nsx",
	  .help = "file with the site's account for the Global Manager" },

	{ REMEDIATE("approval", choice), .words = "run|unit", .only_for = "opsman",
	  .fallback = "run",
	  .help = "approve a rotation once, or each of its three units" },
	{ REMEDIATE("apply_pending", choice), .words = "no|yes", .only_for = "opsman",
	  .fallback = "no",
	  .help = "apply other people's pending changes along" },
	{ REMEDIATE("errands", text), .only_for = "opsman",
	  .help = "errands to run with Apply Changes" },
	{ REMEDIATE("recreate_vms", choice), .words = "yes|no", .only_for = "opsman",
	  .help = "recreate every VM in Apply Changes; auto refuses without an answer" },
	{ REMEDIATE("leafs_handled", choice), .words = "no|yes", .only_for = "opsman",
	  .fallback = "no",
	  .help = "configurable leaf certificates were renewed by a person" },
	{ REMEDIATE("rotation_needs", duration), .only_for = "opsman", .fallback = "7d",
	  .help = "time that a whole rotation takes here" },
	{ REMEDIATE("rotation_stale", duration), .only_for = "opsman", .fallback = "14d",
	  .help = "a rotation that stands still for longer is a finding" },
};
_Static_assert(COUNT(keys) <= CONF_KEYS_MAX, "raise CONF_KEYS_MAX");

size_t conf_n_keys(void)
{
	return COUNT(keys);
}

const struct conf_key *conf_key_at(size_t i)
{
	return &keys[i];
}

size_t conf_key_find(enum conf_section s, const char *name)
{
	for (size_t i = 0; i < COUNT(keys); i++)
		if ((keys[i].sections & 1u << s) && strcmp(keys[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

bool conf_key_fits(const struct conf_key *k, const struct conf_dest *d)
{
	if (k->store == store_limit)
		return d->limits != NULL;
	return k->store != store_unused || d->policy != NULL;
}

int conf_key_take(const struct conf_key *k, const char *value, const struct conf_dest *d,
    struct err *e)
{
	struct conf_value v = { 0 };
	int failed;

	if (*value == '\0' && !k->is_empty_allowed)
		return err_set(e, ERR_CONFIG, "%s has no value", k->name);
	v.text = mem_strdup(value);
	failed = k->type->parse(k, value, &v, e);
	if (!failed)
		k->store(d, k, &v);
	else if (k->type != &conf_type_limit)   /* whose parser has named it */
		err_prefix(e, "%s", k->name);
	conf_value_clear(&v);
	return failed;
}

void conf_each_key(void (*each)(void *ctx, const char *section, const char *key,
    const char *type, const char *fallback, const char *help), void *ctx)
{
	for (size_t s = 0; s < CONF_N_SECTIONS; s++)
		for (size_t i = 0; i < COUNT(keys); i++)
			if (keys[i].sections & 1u << s)
				each(ctx, conf_sections[s].word, keys[i].name,
				    keys[i].type->name != NULL ? keys[i].type->name : keys[i].words,
				    keys[i].fallback, keys[i].help);
}
