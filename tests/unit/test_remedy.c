/* test_remedy.c - which procedure would mend a certificate, and who runs it. */
#include "tests/unit/unit.h"

#include <string.h>
#include "lib/base/mem.h"
#include "tests/unit/samples.h"

#define NOW SAMPLE_NOW

static void check(const struct sample *s, size_t cert, const char *procedure, const char *by,
    const char *words, const char *what)
{
	const struct remedy *m = &sample_item(s, cert)->remedy;

	ck_assert_msg(m->procedure != NULL, "%s: no remedy", what);
	ck_assert_msg(strcmp(m->procedure, procedure) == 0, "%s: %s", what, m->procedure);
	ck_assert_msg(strcmp(actor_name(m->by), by) == 0, "%s: %s", what, actor_name(m->by));
	ck_assert_msg(strstr(m->detail, words) != NULL, "%s: %s", what, m->detail);
}

/* services: blank separated; NULL: not in use */
static const struct {
	const char *version, *services, *procedure, *by, *words;
} services[] = {
	{ "3.1.2", "API", "nsx-apply", "remediate_certs", "apply" },
	{ "3.1.1", "API", "manual", "person", "3.1.2" },
	{ "3.0", "MGMT_CLUSTER", "manual", "person", "3.1.2" },
	{ NULL, "API", "manual", "person", "3.1.2" },
	{ "odd", "API", "manual", "person", "3.1.2" },
	{ "4.1.2.3", "API MGMT_CLUSTER", "nsx-apply", "remediate_certs", "apply" },
	{ "4.2.0.0", "API MGMT_CLUSTER", "nsx-batch-replace", "remediate_certs", "VIP" },
	{ "4.2", "API", "nsx-apply", "remediate_certs", "apply" },
	{ "4.2", "MGMT_CLUSTER", "nsx-apply", "remediate_certs", "apply" },
	{ "4.2", "APH", "nsx-apply", "remediate_certs", "apply" },
	{ "4.2", "APH CCP", "nsx-batch-replace", "remediate_certs", "internal" },
	{ "4.2", "APH APH_TN CCP", "nsx-batch-replace", "remediate_certs", "internal" },
	{ "4.1", "APH APH_TN CCP", "nsx-apply", "remediate_certs", "apply" },
	{ "4.1", "APH_TN", "nsx-apply", "remediate_certs", "apply" },
	{ "4.2", "LOCAL_MANAGER", "nsx-apply", "remediate_certs", "apply" },
	{ "4.2", "GLOBAL_MANAGER", "nsx-apply", "remediate_certs", "apply" },
	{ "9.0.0.0", "API", "manual", "vcf", "SDDC Manager" },
	{ "9.1", "MGMT_CLUSTER", "manual", "vcf", "SDDC Manager" },
	{ "9.0", "APH", "nsx-apply", "remediate_certs", "apply" },
	{ "10.0", "API", "manual", "vcf", "SDDC Manager" },
	{ "4.2", "CBM_CORFU", "manual", "person", "internal service" },
	{ "4.2", "CLIENT_AUTH", "manual", "person", "principal identity" },
	{ "4.2", "API CLIENT_AUTH", "manual", "person", "principal identity" },
	{ "4.2", "COMPUTE_MANAGER", "manual", "person", "vCenter" },
	{ "4.2", "SYSLOG_SERVER", "manual", "person", "logging" },
	{ "4.2", "RMQ", "manual", "person", "documentation" },
	{ "4.2", "K8S_MSG_CLIENT", "manual", "person", "documentation" },
	{ "4.2", "SOMETHING_NEW", "manual", "person", "documentation" },
	{ "4.2", NULL, "manual", "person", "delete it from the trust store" },
};

START_TEST(test_services)
{
	const char *words = services[_i].services;
	char *copy = mem_strdup(words), *save = NULL;
	struct sighting *at;
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	sample_source(&s.inv, "prod", SOURCE_NSX, services[_i].version);
	cert = sample_fake(&s.inv, NOW - 1);
	s.inv.certs[cert]->key_bits = 1024;      /* a fault that an unused one has too */
	at = sample_row(&s.inv, cert, 0, "x", NULL, NULL);
	for (char *w = copy ? strtok_r(copy, " ", &save) : NULL; w; w = strtok_r(NULL, " ", &save))
		sighting_add_use(at, w, "node", NULL);
	sample_judge(&s, NOW);
	check(&s, cert, services[_i].procedure, services[_i].by, services[_i].words,
	    words != NULL ? words : "unused");
	free(copy);
	sample_close(&s);
}
END_TEST

enum trait { SITE, FOREIGN_LM, PRINCIPAL, PI_CATEGORY, POLICY, POLICY_ROLE, CA, CHAIN, SERVED,
    UNREADABLE };
static const struct { enum trait trait; const char *words; } traits[] = {
	{ SITE, "site" }, { FOREIGN_LM, "site" }, { PRINCIPAL, "principal identity" },
	{ PI_CATEGORY, "principal identity" }, { POLICY, "load balancer" },
	{ POLICY_ROLE, "load balancer" }, { CA, "new CA" }, { CHAIN, "issuer" },
	{ SERVED, "listener" }, { UNREADABLE, "cannot be watched" },
};

static void set_trait(struct sample *s, struct sighting *at, enum trait trait)
{
	static const char *const categories[] = { [SITE] = "SITE_CERTIFICATE",
		[PI_CATEGORY] = "PRINCIPAL_IDENTITY_CERTIFICATE", [UNREADABLE] = NULL };

	at->category = mem_strdup(categories[trait]);
	at->by_policy = trait == POLICY;
	at->by_principal = trait == PRINCIPAL;
	at->role = trait == POLICY_ROLE ? ROLE_NSX_SERVICE : trait == CHAIN ? ROLE_CHAIN : at->role;
	at->position = trait == CHAIN;
	s->inv.certs[at->cert]->is_ca = trait == CA;
	s->inv.certs[at->cert]->key_bits = 1024;      /* a fault that an unused one has too */
	if (trait == FOREIGN_LM) {
		at->has_private_key = 0;
		sighting_add_use(at, "LOCAL_MANAGER", NULL, NULL);
	}
	if (trait == SERVED)
		sample_served(&s->inv, at->cert, 0, "nsx-01:443", "API", "nsx-01");
}

START_TEST(test_traits)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	cert = traits[_i].trait == UNREADABLE ? inventory_add_cert(&s.inv, cert_unreadable("bad")) :
	    sample_fake(&s.inv, NOW - 1);
	set_trait(&s, sample_row(&s.inv, cert, 0, "x", NULL, NULL), traits[_i].trait);
	sample_judge(&s, NOW);
	check(&s, cert, "manual", "person", traits[_i].words, traits[_i].words);
	sample_close(&s);
}
END_TEST

static const struct { enum role role; const char *version, *procedure, *by, *words; } roles[] = {
	{ ROLE_OM_ROOT_CA, "2.5", "opsman-ca-rotation", "remediate_certs", "generate" },
	{ ROLE_OM_NATS_CA, NULL, "opsman-ca-rotation", "remediate_certs", "generate" },
	{ ROLE_OM_CREDHUB_CA, "2.9.0", "opsman-ca-rotation", "remediate_certs", "CredHub" },
	{ ROLE_OM_CREDHUB_CA, "2.10.75", "opsman-ca-rotation", "remediate_certs", "CredHub" },
	{ ROLE_OM_CREDHUB_CA, "2.8.16", "manual", "person", "Maestro" },
	{ ROLE_OM_CREDHUB_CA, NULL, "manual", "person", "Maestro" },
	{ ROLE_OM_LEAF, "3.0.17+LTS-T", "opsman-regenerate", "remediate_certs", "regenerate" },
	{ ROLE_OM_CONFIGURABLE, "3.0", "manual", "person", "tile" },
	{ ROLE_OM_SERVICES_CA, "3.0", "manual", "person", "Maestro" },
	{ ROLE_OM_SAML, "3.0", "manual", "person", "SAML" },
	{ ROLE_OM_UI, "3.0", "manual", "person", "settings" },
	{ ROLE_OM_OTHER, "3.0", "manual", "person", "product" },
};

START_TEST(test_roles)
{
	struct sighting *at;
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	sample_source(&s.inv, "tas", SOURCE_OPSMAN, roles[_i].version);
	cert = sample_fake(&s.inv, NOW - 1);
	at = sample_row(&s.inv, cert, 0, "x", "WORD", NULL);
	at->role = roles[_i].role;
	sample_judge(&s, NOW);
	check(&s, cert, roles[_i].procedure, roles[_i].by, roles[_i].words,
	    role_name(roles[_i].role));
	s.inv.sightings[0].procedure = mem_strdup("Standard CA Procedure");
	sample_judge(&s, NOW);
	check(&s, cert, roles[_i].procedure, roles[_i].by, "names it \"Standard CA Procedure\"",
	    "named");
	sample_close(&s);
}
END_TEST

/* Where an API says what it is for decides, though a listener or file shows
 * it too; and without an API, where it was seen. */
START_TEST(test_place)
{
	struct sample s;
	size_t both, tls, file;

	sample_open(&s, NULL);
	sample_source(&s.inv, "portal", SOURCE_TLS, NULL);
	sample_source(&s.inv, "local", SOURCE_FILES, NULL);
	sample_source(&s.inv, "prod", SOURCE_NSX, "4.1.0.0");
	both = sample_fake(&s.inv, NOW - 1);
	tls = sample_fake(&s.inv, NOW - 1);
	file = sample_fake(&s.inv, NOW - 1);
	sample_served(&s.inv, both, 0, "nsx:443", NULL, NULL);
	sample_row(&s.inv, both, 2, "x", "API", "nsx-01");
	sample_served(&s.inv, tls, 0, "portal:443", NULL, NULL);
	inventory_add_sighting(&s.inv, tls, 1, VIA_FILE)->path = mem_strdup("/x.pem");
	inventory_add_sighting(&s.inv, file, 1, VIA_FILE)->path = mem_strdup("/x.pem");
	sample_judge(&s, NOW);
	check(&s, both, "nsx-apply", "remediate_certs", "apply", "both");
	check(&s, tls, "manual", "person", "listener", "tls");
	check(&s, file, "manual", "person", "file", "file");
	sample_close(&s);
}
END_TEST

/* NSX 9 that no SDDC Manager looks after. */
START_TEST(test_without_vcf)
{
	struct target_policy own = { .source = mem_strdup("prod"), .not_by_vcf = true };
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	own.limits = s.policy.limits;
	s.policy.targets = mem_dup(&own, sizeof own);
	s.policy.n_targets = 1;
	sample_source(&s.inv, "prod", SOURCE_NSX, "9.0.0.0");
	cert = sample_fake(&s.inv, NOW - 1);
	sample_row(&s.inv, cert, 0, "x", "API", "nsx-01");
	sample_judge(&s, NOW);
	check(&s, cert, "nsx-apply", "remediate_certs", "apply", "managed_by = none");
	s.policy.targets[0].not_by_vcf = false;
	sample_judge(&s, NOW);
	check(&s, cert, "manual", "vcf", "SDDC Manager", "managed_by = vcf");
	sample_close(&s);
}
END_TEST

START_TEST(test_nothing_to_mend)
{
	struct sample s;
	size_t cert;

	sample_open(&s, NULL);
	sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.0.0");
	cert = sample_fake(&s.inv, NOW + 400 * SAMPLE_DAY);
	sample_row(&s.inv, cert, 0, "x", "API", "nsx-01");
	sample_judge(&s, NOW);
	ck_assert_ptr_null(sample_item(&s, cert)->remedy.procedure);
	ck_assert_ptr_null(sample_item(&s, cert)->remedy.detail);
	ck_assert_ptr_null(actor_name(sample_item(&s, cert)->remedy.by));
	sample_close(&s);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("remedy");
	TCase *t = tcase_create("remedy");

	tcase_add_loop_test(t, test_services, 0, UNIT_ROWS(services));
	tcase_add_loop_test(t, test_traits, 0, UNIT_ROWS(traits));
	tcase_add_loop_test(t, test_roles, 0, UNIT_ROWS(roles));
	tcase_add_test(t, test_place);
	tcase_add_test(t, test_without_vcf);
	tcase_add_test(t, test_nothing_to_mend);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
