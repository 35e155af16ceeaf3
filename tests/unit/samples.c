/* samples.c - inventories to judge and to print, always the same bytes. */
#include "tests/unit/samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/judge/evaluate.h"

#define DAYS(n) (SAMPLE_NOW + (n) * SAMPLE_DAY)
#define HOUR INT64_C(3600)

size_t sample_source(struct inventory *inv, const char *name, enum source_kind kind,
    const char *version)
{
	size_t source = inventory_add_source(inv, name, kind);
	struct source_status *s = &inv->sources[source];

	s->version = mem_strdup(version);
	s->n_requests = version != NULL ? 5 : 0;
	s->elapsed_ms = version != NULL ? 410 : 0;
	s->complete = true;
	return source;
}

static void add_use(struct sighting *s, const char *service, const char *node_name)
{
	char *node = node_name != NULL ? mem_printf("id-of-%s", node_name) : NULL;

	sighting_add_use(s, service, node, node_name);
	free(node);
}

struct sighting *sample_row(struct inventory *inv, size_t cert, size_t source, const char *name,
    const char *service, const char *node_name)
{
	struct sighting *s = inventory_add_sighting(inv, cert, source, VIA_API);

	s->role = inv->sources[source].kind == SOURCE_NSX ? ROLE_NSX_PLATFORM : ROLE_OM_OTHER;
	s->name = mem_strdup(name);
	s->id = mem_printf("id-%zu", inv->n_sightings);
	if (service != NULL)
		add_use(s, service, node_name);
	return s;
}

struct sighting *sample_served(struct inventory *inv, size_t cert, size_t source,
    const char *endpoint, const char *service, const char *node)
{
	struct sighting *s = inventory_add_sighting(inv, cert, source, VIA_TLS);

	s->role = ROLE_LISTENER;
	s->endpoint = mem_strdup(endpoint);
	if (service != NULL)
		add_use(s, service, node);
	return s;
}

void sample_ignore(struct policy *p, enum ignore_match match, const char *pattern, int64_t until_at)
{
	p->ignores = mem_resize(p->ignores, (p->n_ignores + 1) * sizeof *p->ignores);
	p->ignores[p->n_ignores++] = (struct ignore){ .label = mem_strdup("old-lb"), .match = match,
		.pattern = mem_strdup(pattern),
		.reason = mem_strdup("decommissioned with CHG-1234"),
		.until_at = until_at };
}

/* A fine certificate of its own for a service. */
static void add_fine(struct inventory *inv, size_t source, const char *name, const char *service,
    const char *node_name, int64_t days)
{
	struct sample_cert c = { .cn = name, .issuer = "Example Issuing CA",
		.not_after_at = DAYS(days) };

	sample_row(inv, sample_add(inv, &c), source, name, service, node_name);
}

/* --- the samples ------------------------------------------------------------------------ */

static void build_empty(struct sample *s)
{
	(void)s;
}

static void build_one(struct sample *s)
{
	size_t prod = sample_source(&s->inv, "prod", SOURCE_NSX, "4.1.0.0");
	struct sample_cert c = { .cn = "nsx-02", .issuer = "Example Issuing CA",
		.san = "DNS:nsx-02.example,IP:192.0.2.12", .not_after_at = DAYS(3) + 4 * HOUR };

	sample_row(&s->inv, sample_add(&s->inv, &c), prod, "api-nsx-02", "API", "nsx-02");
}

static void build_fine(struct sample *s)
{
	size_t prod = sample_source(&s->inv, "prod", SOURCE_NSX, "4.1.0.0");

	add_fine(&s->inv, prod, "api-nsx-01", "API", "nsx-01", 74);
	add_fine(&s->inv, prod, "api-nsx-02", "API", "nsx-02", 300);
	s->run_ms = 512;
}

static void mix_nsx(struct inventory *inv, size_t prod)
{
	struct sample_cert expiring = { .cn = "nsx-02", .san = "DNS:nsx-02.example",
		.not_after_at = DAYS(3) + 4 * HOUR };
	struct sample_cert root = { .cn = "Example Root CA", .not_after_at = DAYS(2000),
	    .is_ca = true };
	struct sample_cert old = { .cn = "replaced", .not_after_at = DAYS(-30) };
	struct sample_cert lb = { .cn = "lb.example", .not_after_at = DAYS(-3) - 2 * HOUR };
	struct sighting *s;
	size_t cert;
	char name[40];

	cert = sample_add(inv, &expiring);
	sample_row(inv, cert, prod, "api-nsx-02", "API", "nsx-02");
	sample_served(inv, cert, prod, "nsx-02.example:443", "API", "nsx-02");
	sample_row(inv, sample_add(inv, &root), prod, "corporate root", NULL, NULL);
	sample_row(inv, sample_add(inv, &old), prod, "api-nsx-02-old", NULL, NULL);
	s = sample_row(inv, sample_add(inv, &lb), prod, "old-lb", NULL, NULL);
	s->role = ROLE_NSX_SERVICE;
	s->by_policy = true;
	for (int i = 0; i < 33; i++) {
		snprintf(name, sizeof name, "cbm-%02d", i);
		add_fine(inv, prod, name, "CBM_CORFU", i % 2 ? "nsx-01" : "nsx-03", 600 + i);
	}
	inv->sources[prod].unreadable_by_design = 12;
}

static void mix_opsman(struct inventory *inv, size_t tas)
{
	struct sample_cert ca = { .cn = "Example Foundation CA", .not_after_at = DAYS(700),
	    .is_ca = true };
	int64_t end = DAYS(300);
	struct sighting *s = sample_row(inv, sample_add(inv, &ca), tas, "Example", "ROOT_CA", NULL);

	s->role = ROLE_OM_ROOT_CA;
	s->active = 1;
	s->has_created_at = true;
	s->created_at = DAYS(-365);
	for (int i = 0; i < 4; i++, end += SAMPLE_DAY) {
		size_t cert = inventory_add_cert(inv, cert_reported("/CN=Example", NULL, &end, 0));

		s = sample_row(inv, cert, tas, "cf-0123456789abcdef0123", "LEAF",
		    "cf-0123456789abcdef0123");
		s->role = ROLE_OM_LEAF;
	}
}

static void mix_others(struct inventory *inv, size_t portal, size_t local)
{
	struct sample_cert leaf = { .cn = "portal.example", .issuer = "Example Issuing CA",
		.not_after_at = DAYS(20) };
	struct sample_cert weak = { .cn = "weak.example", .rsa_bits = 1024,
	    .not_after_at = DAYS(500) };
	struct sample_cert fine = { .cn = "fine.example", .rsa_bits = -1,
	    .not_after_at = DAYS(501) };
	struct sighting *s;
	struct err e;

	sample_served(inv, sample_add(inv, &leaf), portal, "portal.example:443", NULL, NULL);
	err_set(&e, ERR_TLS, "portal.example:443 speaks TLS 1.2 at most");
	inventory_add_issue(inv, portal, ISSUE_NOTE, &e);
	s = inventory_add_sighting(inv, sample_add(inv, &weak), local, VIA_FILE);
	s->path = mem_strdup("/etc/ssl/private/weak.pem");
	s = inventory_add_sighting(inv, sample_add(inv, &fine), local, VIA_FILE);
	s->path = mem_strdup("/etc/ssl/private/bundle.pem");
	s->position = 3;
}

/* Of every kind something; 45 certificates. */
static void build_mixed(struct sample *s)
{
	size_t prod = sample_source(&s->inv, "prod", SOURCE_NSX, "4.2.0.0");
	size_t tas = sample_source(&s->inv, "tas", SOURCE_OPSMAN, "3.0.17");
	size_t portal = sample_source(&s->inv, "portal", SOURCE_TLS, NULL);
	size_t local = sample_source(&s->inv, "local", SOURCE_FILES, NULL);

	mix_nsx(&s->inv, prod);
	mix_opsman(&s->inv, tas);
	mix_others(&s->inv, portal, local);
	sample_ignore(&s->policy, IGNORE_NAME, "old-*", DAYS(70) - 1);
	s->run_ms = 1234;
}

/* Names that try to be syntax, to reorder, to hide, or to be too long. */
static void build_hostile(struct sample *s)
{
	static const char *const names[] = {
		"pipe|expired=0;0;0", "quote\"s' and `ticks` $(reboot)", "line\nOK - fine\r\n| a=1",
		"CN=a;b;c", "<b>bold</b> [OK] (OK)", "esc\x1b[2J\x07 tab\tbell",
		"right\xE2\x80\xAEtfel\xE2\x80\xAC zero\xE2\x80\x8Bwidth",
		"bad\xFF\xC3(\xED\xA0\x80",
		"\xF0\x9F\x94\x92 emoji \xC3\xBC\xC3\xB1", "a::b=c 'd e'", "",
	};
	static char huge[10241];
	size_t prod = sample_source(&s->inv, "prod", SOURCE_NSX, "4.2.0.0");
	struct sample_cert c = { .rsa_bits = -1, .not_after_at = DAYS(2) };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++, c.not_after_at += HOUR) {
		c.cn = names[i][0] != '\0' ? names[i] : "empty";
		sample_row(&s->inv, sample_add(&s->inv, &c), prod, names[i], names[i], names[i]);
	}
	memset(huge, 'x', sizeof huge - 1);
	memcpy(huge + 57, "\xE2\x82\xAC\xE2\x82\xAC", 6);
	c.cn = huge;
	sample_row(&s->inv, sample_add(&s->inv, &c), prod, huge, "API", huge);
}

static void build_failed(struct sample *s)
{
	size_t prod = sample_source(&s->inv, "prod", SOURCE_NSX, NULL);
	size_t lab = sample_source(&s->inv, "lab", SOURCE_NSX, "4.1.0.0");
	struct err e;

	err_set(&e, ERR_UNREACHABLE, "cannot connect to nsx.example:443: connection refused; look "
	    "whether the manager runs and a firewall lets this host in");
	inventory_add_issue(&s->inv, prod, ISSUE_FAILED, &e);
	s->inv.sources[prod].complete = false;
	s->inv.sources[prod].n_requests = 1;
	add_fine(&s->inv, lab, "api-lab-01", "API", "lab-01", 20);
	add_fine(&s->inv, lab, "api-lab-02", "API", "lab-02", 200);
}

/* A sentence longer than the first line; its characters have two bytes each,
 * and begin at an odd place. */
static void build_long(struct sample *s)
{
	size_t prod = sample_source(&s->inv, "prod", SOURCE_NSX, NULL);
	char text[402] = "x";
	struct err e;

	for (size_t i = 1; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xC3\xBC", 3);
	err_set(&e, ERR_ANSWER, "%s", text);
	inventory_add_issue(&s->inv, prod, ISSUE_FAILED, &e);
}

static void build_unknown(struct sample *s)
{
	size_t tas = sample_source(&s->inv, "tas", SOURCE_OPSMAN, "2.10.5");
	size_t local = sample_source(&s->inv, "local", SOURCE_FILES, NULL);
	struct sighting *at;
	struct err e;
	size_t cert = inventory_add_cert(&s->inv, cert_unreadable("the row has no valid_until"));

	at = sample_row(&s->inv, cert, tas, "p-bosh-00112233445566778899", "LEAF", NULL);
	at->role = ROLE_OM_LEAF;
	cert = inventory_add_cert(&s->inv, cert_reported("/CN=Example", NULL, NULL, 1));
	sample_row(&s->inv, cert, tas, NULL, "CA", NULL);
	cert = inventory_add_cert(&s->inv, cert_unreadable("notAfter is not a date: \"never\""));
	at = inventory_add_sighting(&s->inv, cert, local, VIA_FILE);
	at->path = mem_strdup("/etc/ssl/private/odd.pem");
	err_set(&e, ERR_TIMEOUT, "certificates, page 2: no answer within 25 s");
	inventory_add_issue(&s->inv, tas, ISSUE_PARTIAL, &e);
}

/* Far more than there is room for. */
static void build_thousands(struct sample *s)
{
	size_t prod = sample_source(&s->inv, "prod", SOURCE_NSX, "4.2.0.0");
	char name[40], node[40];

	for (int i = 0; i < 5000; i++) {
		size_t cert = sample_fake(&s->inv, DAYS(i % 100 - 10) + i);

		snprintf(name, sizeof name, "certificate %04d", i);
		snprintf(node, sizeof node, "nsx-%02d", i % 7);
		sample_row(&s->inv, cert, prod, name, "API", node);
	}
}

const struct sample_kind sample_kinds[] = {
	{ "empty", build_empty }, { "one", build_one }, { "fine", build_fine },
	{ "mixed", build_mixed }, { "hostile", build_hostile }, { "failed", build_failed },
	{ "long", build_long }, { "unknown", build_unknown }, { "thousands", build_thousands },
};
const size_t sample_n_kinds = sizeof sample_kinds / sizeof sample_kinds[0];

void sample_open(struct sample *s, const struct sample_kind *k)
{
	*s = (struct sample){ .run_ms = 0 };
	inventory_init(&s->inv);
	policy_init(&s->policy);
	if (k == NULL)
		return;
	k->build(s);
	sample_judge(s, SAMPLE_NOW);
}

void sample_judge(struct sample *s, int64_t now_at)
{
	report_clear(&s->report);
	evaluate(&s->inv, &s->policy, now_at, &s->report);
	s->report.run_ms = s->run_ms;
}

void sample_close(struct sample *s)
{
	report_clear(&s->report);
	policy_clear(&s->policy);
	inventory_clear(&s->inv);
}

const struct item *sample_item(const struct sample *s, size_t cert)
{
	for (size_t i = 0; i < s->report.n_items; i++)
		if (s->report.items[i].cert == cert)
			return &s->report.items[i];
	abort();
}

const struct finding *sample_finding(const struct findings *f, const char *id)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->v[i].id, id) == 0)
			return &f->v[i];
	return NULL;
}
