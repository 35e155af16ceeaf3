/* test_opsman_lists.c - Ops Manager's answers as they are recorded, and as
 * they should never be, to an inventory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/source/opsman_internal.h"
#include "tests/unit/opsman_world.h"
#include "tests/unit/unit.h"

static struct world w;
static struct opsman_lists lists;

static void setup(void)
{
	world_open(&w, "https://opsman.example", NULL, NULL);
	opsman_lists_init(&lists, &w.c);
}

static void teardown(void)
{
	opsman_lists_clear(&lists);
	world_close(&w);
}

typedef int read_fn(struct opsman_lists *l, struct buf *body, struct err *e);

static int read_text(read_fn *read, const char *text, struct err *e)
{
	struct buf body;
	int r;

	err_clear(e);
	buf_init(&body, (size_t)64 * 1024 * 1024);
	buf_adds(&body, text);
	r = read(&lists, &body, e);
	buf_clear(&body);
	ck_assert_int_eq(r == 0, e->code == ERR_NONE);
	return r;
}

static void read_recorded(read_fn *read, const char *version, const char *name)
{
	char *text = world_fixture(version, name);
	struct err e;

	ck_assert_msg(read_text(read, text, &e) == 0, "%s: %s", version, e.text);
	free(text);
}

/* --- recorded answers -------------------------------------------------------------- */

/* What each version's two lists must give. */
static const struct {
	const char *version, *id, *name, *word, *until;
	size_t nth;
	enum role role;
	int is_ca;
} recorded[] = {
	{ "1.10", "f7bc18f34f2a7a9403c3", "Pivotal", "ROOT_CA", "2021-01-19T21:42:25Z", 0,
	    ROLE_OM_ROOT_CA, 1 },
	{ "1.10", ".properties.director_ssl", "p-bosh-0f5ab3b1e2ad9a1c7c3e", "LEAF",
	    "2019-01-19T21:50:00Z", 0, ROLE_OM_LEAF, 0 },
	{ "1.10", ".properties.networking_point_of_entry.external_ssl.ssl_rsa_certificate",
	    "cf-36d2a1e29ba1f8f3a7bc", "CONFIGURABLE_LEAF", "2019-01-20T08:00:00Z", 0,
	    ROLE_OM_CONFIGURABLE, 0 },
	{ "1.10", "/opsmgr/bosh_dns/tls_ca", "p-bosh-0f5ab3b1e2ad9a1c7c3e", "CREDHUB_CA",
	    "2021-01-19T22:00:00Z", 0, ROLE_OM_CREDHUB_CA, 1 },
	{ "1.10", "/opsmgr/bosh_dns/health_server_tls", "p-bosh-0f5ab3b1e2ad9a1c7c3e", "LEAF",
	    "2018-01-19T22:00:00Z", 0, ROLE_OM_LEAF, 0 },
	{ "2.5", "f7bc18f34f2a7a9403c3", "Pivotal", "ROOT_CA", "2023-04-24T04:17:05Z", 0,
	    ROLE_OM_ROOT_CA, 1 },
	{ "2.5", "f7bc18f34f2a7a9403c3", "Pivotal", "NATS_CA", "2023-03-01T00:00:00Z", 1,
	    ROLE_OM_NATS_CA, 1 },
	{ "2.5", "0c1d3e8a5b7f92d64e10", "Pivotal", "ROOT_CA", "2026-12-01T10:00:00Z", 0,
	    ROLE_OM_ROOT_CA, 1 },
	{ "2.5", ".uaa.service_provider_key_credentials", "cf-36d2a1e29ba1f8f3a7bc",
	    "CONFIGURABLE_LEAF", "2023-04-24T05:00:00Z", 0, ROLE_OM_CONFIGURABLE, 0 },
	{ "2.5", ".properties.saml_service_provider_cert", "ops_manager", "SAML",
	    "2023-04-24T05:00:00Z", 0, ROLE_OM_SAML, 0 },
	{ "2.5", "/cf/diego-instance-identity-root-ca", "cf-36d2a1e29ba1f8f3a7bc", "CREDHUB_CA",
	    "2023-04-24T06:00:00Z", 0, ROLE_OM_CREDHUB_CA, 1 },
	{ "2.10", ".properties.root_ca.fb10484dd5541a273c9d", "ops_manager", "ROOT_CA",
	    "2027-02-10T08:00:00Z", 0, ROLE_OM_ROOT_CA, 1 },
	{ "2.10", "/services/tls_ca", NULL, "SERVICES_CA", "2026-04-02T10:00:00Z", 0,
	    ROLE_OM_SERVICES_CA, 1 },
	{ "2.10", "/services/tls_leaf", NULL, "SERVICES_LEAF", "2026-04-02T10:00:00Z", 0,
	    ROLE_OM_OTHER, 0 },
	{ "2.10", "/opsmgr/bosh_dns/tls_ca", "p-bosh-0f5ab3b1e2ad9a1c7c3e", "CREDHUB_CA",
	    "2027-02-10T08:10:00Z", 0, ROLE_OM_CREDHUB_CA, 1 },
	{ "2.10", "/cf/shared_tls", "cf-36d2a1e29ba1f8f3a7bc", "LEAF", "2025-02-10T08:10:00Z", 0,
	    ROLE_OM_LEAF, 0 },
	{ "2.10", "/cf/shared_tls", "p-isolation-0b1c2d3e4f5a6b7c8d9e", "LEAF",
	    "2025-02-10T08:10:00Z", 1, ROLE_OM_LEAF, 0 },
	{ "3.0", ".properties.root_ca.2b7e151628aed2a6abf7", "ops_manager", "ROOT_CA",
	    "2029-06-01T12:00:00Z", 0, ROLE_OM_ROOT_CA, 1 },
	{ "3.0", ".properties.nats_ca.2b7e151628aed2a6abf7", "ops_manager", "NATS_CA",
	    "2029-06-01T12:00:00Z", 0, ROLE_OM_NATS_CA, 1 },
	{ "3.0", "/customer/partner-ca", NULL, "CONFIGURABLE_CA", "2030-01-01T00:00:00Z", 0,
	    ROLE_OM_CONFIGURABLE, 1 },
	{ "3.0", "/p-bosh/service-instance_5f1c0f4e-0d2f-4c9e-8f35-1a2b3c4d5e6f/pxc_galera_agent",
	    NULL, "TILE", "2027-06-01T12:30:00Z", 0, ROLE_OM_OTHER, 0 },
	{ "3.0", ".properties.networking_poe_ssl_certs[0]", "cf-36d2a1e29ba1f8f3a7bc",
	    "CONFIGURABLE_LEAF", "2027-01-01T00:00:00Z", 0, ROLE_OM_CONFIGURABLE, 0 },
	{ "3.0", "/p-bosh/cf-36d2a1e29ba1f8f3a7bc/nats_client_cert", "p-bosh-0f5ab3b1e2ad9a1c7c3e",
	    "LEAF", "2027-06-01T12:30:00Z", 0, ROLE_OM_LEAF, 0 },
};

START_TEST(recorded_rows_are_what_they_are)
{
	const struct sighting *s;

	read_recorded(opsman_read_cas, recorded[_i].version, "certificate_authorities.json");
	read_recorded(opsman_read_rows, recorded[_i].version, "deployed_certificates.json");
	s = world_sighting(&w, recorded[_i].id, recorded[_i].nth);
	ck_assert_msg(s != NULL, "no sighting of %s", recorded[_i].id);
	ck_assert_int_eq(s->role, recorded[_i].role);
	ck_assert_int_eq(s->via, VIA_API);
	ck_assert_pstr_eq(s->name, recorded[_i].name);
	ck_assert_uint_eq(s->n_uses, 1);
	ck_assert_str_eq(s->uses[0].service, recorded[_i].word);
	ck_assert_ptr_null(s->uses[0].node);
	ck_assert(world_cert(&w, s)->has_not_after);
	ck_assert_int_eq(world_cert(&w, s)->not_after_at, world_time(recorded[_i].until));
	ck_assert_int_eq(world_cert(&w, s)->is_ca, recorded[_i].is_ca);
	ck_assert_uint_eq(lists.remarks.n_gaps, 0);
}
END_TEST

/* Certificates and sightings of each version: what is the same stays one. */
static const struct { const char *version; size_t n_certs, n_sightings; } sizes[] = {
	{ "1.10", 1 + 4, 1 + 4 },
	{ "2.5", 4 + 4, 4 + 4 },
	{ "2.10", 2 + 6, 2 + 7 },    /* one row is a CA of the list, one comes twice */
	{ "3.0", 2 + 5, 2 + 6 },
};

START_TEST(recorded_lists_have_their_size)
{
	read_recorded(opsman_read_cas, sizes[_i].version, "certificate_authorities.json");
	read_recorded(opsman_read_rows, sizes[_i].version, "deployed_certificates.json");
	ck_assert_uint_eq(w.inv.n_certs, sizes[_i].n_certs);
	ck_assert_uint_eq(w.inv.n_sightings, sizes[_i].n_sightings);
	ck_assert_uint_eq(world_count_all_issues(&w), 0);
}
END_TEST

START_TEST(cas_carry_activity_and_age)
{
	const struct sighting *s;

	read_recorded(opsman_read_cas, "2.5", "certificate_authorities.json");
	s = world_sighting(&w, "0c1d3e8a5b7f92d64e10", 0);
	ck_assert_int_eq(s->active, 0);
	ck_assert(s->has_created_at);
	ck_assert_int_eq(s->created_at, world_time("2022-12-01T10:00:00Z"));
	s = world_sighting(&w, "f7bc18f34f2a7a9403c3", 1);
	ck_assert_int_eq(s->active, 1);
	ck_assert_int_eq(world_cert(&w, s)->form, CERT_PARSED);
}
END_TEST

START_TEST(date_alone_is_its_midnight)
{
	const struct sighting *s;

	read_recorded(opsman_read_cas, "1.10", "certificate_authorities.json");
	s = world_sighting(&w, "f7bc18f34f2a7a9403c3", 0);
	ck_assert(s->has_created_at);
	ck_assert_int_eq(s->created_at, world_time("2017-01-19T00:00:00Z"));
}
END_TEST

START_TEST(root_row_is_the_certificate_of_the_list)
{
	const struct sighting *ca, *row;

	read_recorded(opsman_read_cas, "2.10", "certificate_authorities.json");
	read_recorded(opsman_read_rows, "2.10", "deployed_certificates.json");
	ca = world_sighting(&w, "fb10484dd5541a273c9d", 0);
	row = world_sighting(&w, ".properties.root_ca.fb10484dd5541a273c9d", 0);
	ck_assert_uint_eq(ca->cert, row->cert);
	ck_assert_int_eq(world_cert(&w, row)->form, CERT_PARSED);
	ck_assert_str_eq(row->procedure, "Standard CA Procedure");
	ck_assert_int_eq(row->active, -1);
}
END_TEST

START_TEST(reported_rows_make_nothing_up)
{
	const struct cert *c;

	read_recorded(opsman_read_rows, "2.10", "deployed_certificates.json");
	c = world_cert(&w, world_sighting(&w, "/services/tls_ca", 0));
	ck_assert_int_eq(c->form, CERT_REPORTED);
	ck_assert(!c->has_not_before);
	ck_assert_ptr_null(c->reported_issuer);
	ck_assert_ptr_null(world_sighting(&w, "/services/tls_ca", 0)->uses[0].node_name);
	c = world_cert(&w, world_sighting(&w, ".properties.director_agent_ssl", 0));
	ck_assert(c->has_not_before);
	ck_assert_str_eq(c->reported_issuer, "/C=US/O=Pivotal");
	ck_assert_str_eq(world_sighting(&w, ".properties.director_agent_ssl", 0)->uses[0].node_name,
	    "p-bosh-0f5ab3b1e2ad9a1c7c3e");
}
END_TEST

/* Without the list of CAs the row still stands for itself. */
START_TEST(root_row_without_its_ca_is_reported)
{
	const struct sighting *row;

	read_recorded(opsman_read_rows, "2.10", "deployed_certificates.json");
	row = world_sighting(&w, ".properties.root_ca.fb10484dd5541a273c9d", 0);
	ck_assert_int_eq(row->role, ROLE_OM_ROOT_CA);
	ck_assert_int_eq(world_cert(&w, row)->form, CERT_REPORTED);
	ck_assert(world_cert(&w, row)->is_ca);
}
END_TEST

/* --- mutations of the CA list --------------------------------------------------------- */

/* Replace the first place of old in text, which is freed. */
static char *change(char *text, const char *old, const char *with)
{
	char *at = strstr(text, old);
	char *changed;

	ck_assert_msg(at != NULL, "the fixture has no %s", old);
	changed = mem_printf("%.*s%s%s", (int)(at - text), text, with, at + strlen(old));
	free(text);
	return changed;
}

/* One change to the list of 2.5, whose first CA 0c1d... is inactive and whose
 * second f7bc... is active. */
static const struct {
	const char *old, *with;
	enum issue_kind kind;
	enum err_code code;
	const char *part;            /* NULL: no issue at all */
	size_t n_unreadable, n_reported;
} ca_mutations[] = {
	{ "{\"cert", "{\"more\":[1],\"cert", ISSUE_NOTE, ERR_NONE, NULL, 0, 0 },
	{ "\"nats_cert_pem\"", "\"nats_cert_pem\":null,\"x\"", ISSUE_NOTE, ERR_NONE, NULL, 0, 0 },
	{ "\"nats_cert_pem\"", "\"y\"", ISSUE_NOTE, ERR_NONE, NULL, 0, 0 },
	{ "\"nats_cert_pem\":\"-----BEGIN", "\"nats_cert_pem\":\"-----BEGUN", ISSUE_NOTE, ERR_NONE,
	    NULL, 1, 0 },
	{ "\"nats_cert_pem\":\"-----BEGIN CERTIFICATE-----\\nMII",
	    "\"nats_cert_pem\":\"-----BEGIN CERTIFICATE-----\\nXII", ISSUE_NOTE, ERR_NONE, NULL, 1,
	    0 },
	{ "\"nats_cert_pem\":", "\"nats_cert_pem\":7,\"x\":", ISSUE_PARTIAL, ERR_ANSWER,
	    "nats_cert_pem: want a string", 0, 0 },
	{ "\"cert_pem\":", "\"x\":", ISSUE_PARTIAL, ERR_ANSWER,
	    "cert_pem is missing: judged by expires_on", 0, 1 },
	{ "\"cert_pem\":\"-----BEGIN", "\"cert_pem\":\"-----BEGIN EXAMPLE", ISSUE_PARTIAL,
	    ERR_ANSWER, "cert_pem holds no certificate", 0, 1 },
	{ "\"cert_pem\":\"-----BEGIN CERTIFICATE-----\\nMII",
	    "\"cert_pem\":\"-----BEGIN CERTIFICATE-----\\nXII", ISSUE_PARTIAL, ERR_ANSWER,
	    "entry 0 (0c1d3e8a5b7f92d64e10): cert_pem: ", 0, 1 },
	{ "\"expires_on\":\"2026-12-01T10:00:00Z\",\"active\":false,\n  \"cert_pem\":",
	    "\"active\":false,\"x\":", ISSUE_NOTE, ERR_NONE, NULL, 1, 0 },
	{ "2026-12-01T10:00:00Z", "2026-12-01", ISSUE_NOTE, ERR_NONE, NULL, 0, 0 },
	{ "2026-12-01T10:00:00Z", "2026-12-02", ISSUE_NOTE, ERR_ANSWER,
	    "expires_on says 2026-12-02T00:00:00Z, the certificate 2026-12-01T10:00:00Z", 0, 0 },
	{ "2026-12-01T10:00:00Z", "soon", ISSUE_PARTIAL, ERR_ANSWER,
	    "expires_on is not a date: soon", 0, 0 },
	{ "\"2022-12-01T10:00:00Z\"", "\"2022-02-30\"", ISSUE_PARTIAL, ERR_ANSWER,
	    "created_on is not a date", 0, 0 },
	{ "\"2022-12-01T10:00:00Z\"", "\"2019-04-24T04:17:05Z\"", ISSUE_NOTE, ERR_NONE, NULL, 0,
	    0 },
	{ "\"2022-12-01T10:00:00Z\"", "null", ISSUE_NOTE, ERR_NONE, NULL, 0, 0 },
	{ "\"2022-12-01T10:00:00Z\"", "1670000000", ISSUE_PARTIAL, ERR_ANSWER,
	    "created_on: want a string", 0, 0 },
	{ "\"0c1d3e8a5b7f92d64e10\"", "null", ISSUE_PARTIAL, ERR_ANSWER, "entry 0: guid is missing",
	    0, 0 },
	{ "\"0c1d3e8a5b7f92d64e10\"", "[]", ISSUE_PARTIAL, ERR_ANSWER,
	    "entry 0.guid: want a string", 0, 0 },
	{ "\"active\":false", "\"active\":\"false\"", ISSUE_NOTE, ERR_NONE, NULL, 0, 0 },
	{ "\"active\":false", "\"active\":null", ISSUE_PARTIAL, ERR_ANSWER, "active is missing", 0,
	    0 },
	{ "\"active\":false", "\"active\":2", ISSUE_PARTIAL, ERR_ANSWER,
	    "active: want true or false", 0, 0 },
	{ "\"active\":false", "\"active\":true", ISSUE_PARTIAL, ERR_AMBIGUOUS, "2 of 2 are active",
	    0, 0 },
	{ "\"active\":true", "\"active\":false", ISSUE_PARTIAL, ERR_AMBIGUOUS, "0 of 2 are active",
	    0, 0 },
	{ "[", "[null,", ISSUE_NOTE, ERR_NONE, NULL, 1, 0 },
	{ "[", "[\"Pivotal\",", ISSUE_NOTE, ERR_NONE, NULL, 1, 0 },
};

static size_t count_form(enum cert_form form)
{
	size_t n = 0;

	for (size_t i = 0; i < w.inv.n_certs; i++)
		n += w.inv.certs[i]->form == form;
	return n;
}

START_TEST(a_wrong_ca_hides_no_other)
{
	char *text = change(world_fixture("2.5", "certificate_authorities.json"),
	    ca_mutations[_i].old, ca_mutations[_i].with);
	struct err e;

	ck_assert_msg(read_text(opsman_read_cas, text, &e) == 0, "%s", e.text);
	free(text);
	if (ca_mutations[_i].part == NULL)
		ck_assert_uint_eq(world_count_all_issues(&w), 0);
	else
		ck_assert_uint_eq(world_count_issues(&w, ca_mutations[_i].kind,
		                      ca_mutations[_i].code, ca_mutations[_i].part),
		    1);
	ck_assert_int_eq(lists.remarks.n_gaps > 0,
	    ca_mutations[_i].part != NULL && ca_mutations[_i].kind != ISSUE_NOTE);
	ck_assert_uint_eq(count_form(CERT_UNREADABLE), ca_mutations[_i].n_unreadable);
	ck_assert_uint_eq(count_form(CERT_REPORTED), ca_mutations[_i].n_reported);
	ck_assert_ptr_nonnull(world_sighting(&w, "f7bc18f34f2a7a9403c3", 1));
}
END_TEST

START_TEST(reported_ca_keeps_only_what_was_told)
{
	char *text = change(
	    world_fixture("1.10", "certificate_authorities.json"), "\"cert_pem\":", "\"x\":");
	const struct cert *c;
	struct err e;

	ck_assert_int_eq(read_text(opsman_read_cas, text, &e), 0);
	free(text);
	c = world_cert(&w, world_sighting(&w, "f7bc18f34f2a7a9403c3", 0));
	ck_assert_int_eq(c->form, CERT_REPORTED);
	ck_assert_int_eq(c->not_after_at, world_time("2021-01-19T00:00:00Z"));
	ck_assert(!c->has_not_before);
	ck_assert(c->is_ca);
}
END_TEST

/* From 2.5 on an active CA without its NATS twin is a remark. */
START_TEST(nats_ca_is_missed_where_it_must_be)
{
	static const struct { const char *version; size_t n_notes;
	} rows[] = {
		{ NULL, 0 },
		{ "1.10.3.0", 0 },
		{ "2.4-build.152", 0 },
		{ "2.5-build.1", 1 },
		{ "2.10.40-build.1", 1 },
		{ "3.0.17+LTS-T", 1 },
		{ "x", 0 },
		{ "3", 0 },
		{ "", 0 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t n_before =
		    world_count_issues(&w, ISSUE_NOTE, ERR_ANSWER, "no nats_cert_pem");

		free(w.inv.sources[0].version);
		w.inv.sources[0].version = mem_strdup(rows[i].version);
		read_recorded(opsman_read_cas, "1.10", "certificate_authorities.json");
		ck_assert_uint_eq(
		    world_count_issues(&w, ISSUE_NOTE, ERR_ANSWER, "no nats_cert_pem") - n_before,
		    rows[i].n_notes);
	}
	ck_assert_uint_eq(lists.remarks.n_gaps, 0);
}
END_TEST

/* A CA of the operator's own with its issuer behind it. */
START_TEST(issuers_behind_a_ca_are_a_chain)
{
	char *text = world_fixture("2.5", "certificate_authorities.json");
	const struct sighting *s;
	struct err e;

	text = change(text, "-----END CERTIFICATE-----\\n\",\"nats_cert_pem\":\"",
	    "-----END CERTIFICATE-----\\n");
	ck_assert_int_eq(read_text(opsman_read_cas, text, &e), 0);
	free(text);
	s = world_sighting(&w, "0c1d3e8a5b7f92d64e10", 1);
	ck_assert_int_eq(s->role, ROLE_CHAIN);
	ck_assert_uint_eq(s->position, 1);
	ck_assert_uint_eq(s->n_uses, 0);
	ck_assert_int_eq(s->active, -1);
	ck_assert_int_eq(world_sighting(&w, "0c1d3e8a5b7f92d64e10", 0)->role, ROLE_OM_ROOT_CA);
}
END_TEST

START_TEST(a_broken_issuer_is_counted)
{
	char *text = world_fixture("2.5", "certificate_authorities.json");
	const struct sighting *s;
	struct err e;

	text = change(text, "-----END CERTIFICATE-----\\n\",\"nats_cert_pem\":\""
	    "-----BEGIN CERTIFICATE-----\\nMII", "-----END CERTIFICATE-----\\n"
	    "-----BEGIN CERTIFICATE-----\\nXII");
	ck_assert_int_eq(read_text(opsman_read_cas, text, &e), 0);
	free(text);
	s = world_sighting(&w, "0c1d3e8a5b7f92d64e10", 1);
	ck_assert_int_eq(s->role, ROLE_CHAIN);
	ck_assert_int_eq(world_cert(&w, s)->form, CERT_UNREADABLE);
	s = world_sighting(&w, "0c1d3e8a5b7f92d64e10", 0);
	ck_assert_int_eq(world_cert(&w, s)->form, CERT_PARSED);
}
END_TEST

/* --- mutations of the deployed list ------------------------------------------------------- */

/* One row on its own. */
static const struct {
	const char *row;
	enum cert_form form;
	enum role role;
	const char *word, *problem;
} rows[] = {
	{ "{\"location\":\"credhub\",\"variable_path\":\"/"
	  "a\",\"configurable\":false,\"is_ca\":false,"
	  "\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    CERT_REPORTED, ROLE_OM_LEAF, "LEAF", NULL },
	{ "{\"location\":\"credhub\",\"variable_path\":\"/"
	  "a\",\"configurable\":false,\"is_ca\":false,"
	  "\"valid_until\":\"2027-01-01\"}",
	    CERT_REPORTED, ROLE_OM_LEAF, "LEAF", NULL },
	{ "{\"location\":\"credhub\",\"variable_path\":\"/a\",\"configurable\":false}",
	    CERT_UNREADABLE, ROLE_OM_LEAF, "LEAF", "no valid_until" },
	{ "{\"location\":\"credhub\",\"variable_path\":\"/"
	  "a\",\"configurable\":false,\"valid_until\":null}",
	    CERT_UNREADABLE, ROLE_OM_LEAF, "LEAF", "no valid_until" },
	{ "{\"location\":\"credhub\",\"variable_path\":\"/"
	  "a\",\"configurable\":false,\"valid_until\":\"never\"}",
	    CERT_UNREADABLE, ROLE_OM_LEAF, "LEAF", "valid_until is not a date: never" },
	{ "{\"location\":\"credhub\",\"variable_path\":\"/"
	  "a\",\"configurable\":false,\"valid_until\":5}",
	    CERT_UNREADABLE, ROLE_OM_OTHER, "OTHER", "row 0.valid_until: want a string" },
	{ "{\"location\":\"credhub\",\"variable_path\":\"/a\",\"configurable\":7,"
	  "\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    CERT_UNREADABLE, ROLE_OM_OTHER, "OTHER", "row 0.configurable" },
	{ "{\"location\":\"credhub\",\"variable_path\":\"/"
	  "a\",\"configurable\":false,\"valid_from\":\"x\","
	  "\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    CERT_UNREADABLE, ROLE_OM_LEAF, "LEAF", "valid_from is not a date" },
	{ "{\"location\":\"nsx_manager\",\"variable_path\":\"/"
	  "a\",\"configurable\":false,\"is_ca\":true,"
	  "\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    CERT_REPORTED, ROLE_OM_OTHER, "nsx_manager", NULL },
	{ "{\"variable_path\":\"/services/"
	  "tls_ca\",\"configurable\":false,\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    CERT_REPORTED, ROLE_OM_OTHER, "OTHER", NULL },
	{ "{\"location\":\"credhub\",\"variable_path\":\"/"
	  "a\",\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    CERT_REPORTED, ROLE_OM_OTHER, "OTHER", NULL },
	{ "{\"location\":\"ops_manager\",\"property_reference\":\".properties.trusted\",\"is_ca\":"
	  "true,"
	  "\"configurable\":false,\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    CERT_REPORTED, ROLE_OM_OTHER, "CA", NULL },
	{ "{\"location\":\"ops_manager\",\"property_reference\":\".properties.old\",\"property_"
	  "type\":"
	  "\"ca_certificate\",\"configurable\":true,\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    CERT_REPORTED, ROLE_OM_CONFIGURABLE, "CONFIGURABLE_CA", NULL },
	{ "{\"location\":\"credhub\",\"variable_path\":\"/p-bosh/service-instance_1/"
	  "tls_certificate\","
	  "\"configurable\":false,\"is_ca\":false,\"valid_until\":\"2027-01-01T00:00:00Z\"}",
	    CERT_REPORTED, ROLE_OM_OTHER, "TILE", NULL },
	{ "{}", CERT_UNREADABLE, ROLE_OM_OTHER, "OTHER", "no valid_until" },
	{ "[]", CERT_UNREADABLE, ROLE_OM_OTHER, "OTHER", "row 0 is not an object" },
	{ "null", CERT_UNREADABLE, ROLE_OM_OTHER, "OTHER", "row 0 is not an object" },
	{ "\"/CN=x\"", CERT_UNREADABLE, ROLE_OM_OTHER, "OTHER", "row 0 is not an object" },
};

START_TEST(a_row_is_judged_for_itself)
{
	char *text = mem_printf(
	    "{\"certificates\":[%s,{\"location\":\"ops_manager\",\"property_reference\":"
	    "\".good\",\"configurable\":false,\"valid_until\":\"2027-01-01T00:00:00Z\"}]}",
	    rows[_i].row);
	struct err e;

	ck_assert_msg(read_text(opsman_read_rows, text, &e) == 0, "%s", e.text);
	free(text);
	ck_assert_uint_eq(w.inv.n_sightings, 2);
	ck_assert_int_eq(w.inv.certs[0]->form, rows[_i].form);
	ck_assert_int_eq(w.inv.sightings[0].role, rows[_i].role);
	ck_assert_str_eq(w.inv.sightings[0].uses[0].service, rows[_i].word);
	if (rows[_i].problem != NULL)
		ck_assert_msg(strstr(w.inv.certs[0]->problem, rows[_i].problem) != NULL, "%s",
		    w.inv.certs[0]->problem);
	ck_assert_int_eq(world_cert(&w, world_sighting(&w, ".good", 0))->form, CERT_REPORTED);
}
END_TEST

/* The flag came late and is not always right. */
START_TEST(names_settle_who_is_a_ca)
{
	static const struct { const char *name, *flag; bool is_ca; } names[] = {
		{ ".properties.root_ca.1", "", true },
		{ "/services/tls_leaf", ",\"is_ca\":true", false },
		{ "/opsmgr/bosh_dns/tls_ca", "", true },
		{ "/cf/diego-instance-identity-root-ca", "", true },
		{ "/opsmgr/bosh_dns/tls_ca", ",\"is_ca\":false", false },
		{ "/a", ",\"is_ca\":true", true },
		{ "/a", ",\"is_ca\":\"true\"", true },
		{ "/a", ",\"is_ca\":null", false },
		{ "/alpaca", "", false },
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char *text =
		    mem_printf("{\"certificates\":[{\"location\":\"credhub\",\"variable_path\":"
		               "\"%s\",\"valid_until\":\"2027-01-01\"%s}]}",
		        names[i].name, names[i].flag);
		struct err e;

		ck_assert_int_eq(read_text(opsman_read_rows, text, &e), 0);
		free(text);
		ck_assert_msg(
		    w.inv.certs[i]->is_ca == names[i].is_ca, "%s%s", names[i].name, names[i].flag);
	}
}
END_TEST

/* The same certificate twice is one; a difference anywhere makes two. */
static const struct { const char *first, *second; size_t n;
} pairs[] = {
	{ "\"location\":\"credhub\",\"variable_path\":\"/a\",\"product_guid\":\"p\"",
	    "\"location\":\"credhub\",\"variable_path\":\"/a\",\"product_guid\":\"p\"", 1 },
	{ "\"location\":\"credhub\",\"variable_path\":\"/a\",\"product_guid\":\"\"",
	    "\"location\":\"credhub\",\"variable_path\":\"/a\",\"product_guid\":null", 1 },
	{ "\"location\":\"credhub\",\"variable_path\":\"/a\",\"product_guid\":\"p\"",
	    "\"location\":\"credhub\",\"variable_path\":\"/a\",\"product_guid\":\"q\"", 2 },
	{ "\"location\":\"credhub\",\"variable_path\":\"/a\"",
	    "\"location\":\"credhub\",\"variable_path\":\"/b\"", 2 },
	{ "\"location\":\"credhub\",\"variable_path\":\"/a\"",
	    "\"location\":\"ops_manager\",\"property_reference\":\"/a\"", 2 },
	{ "\"location\":\"credhub\",\"variable_path\":\"/"
	  "a\",\"valid_until\":\"2027-01-01T00:00:00Z\"",
	    "\"location\":\"credhub\",\"variable_path\":\"/"
	    "a\",\"valid_until\":\"2027-01-01T00:00:01Z\"",
	    2 },
	{ "\"location\":\"credhub\",\"variable_path\":\"/"
	  "a\",\"valid_until\":\"2027-01-01T00:00:00Z\"",
	    "\"location\":\"credhub\",\"variable_path\":\"/"
	    "a\",\"valid_until\":\"2027-01-01T01:00:00+01:00\"",
	    1 },
	{ "\"location\":\"credhub\",\"valid_until\":\"2027-01-01T00:00:00Z\"",
	    "\"location\":\"credhub\",\"valid_until\":\"2027-01-01T00:00:00Z\"", 2 },
};

START_TEST(rows_that_come_twice)
{
	char *text = mem_printf("{\"certificates\":[{%s},{\"location\":\"credhub\",\"variable_"
	                        "path\":\"/between\"},{%s}]}",
	    pairs[_i].first, pairs[_i].second);
	struct err e;

	ck_assert_int_eq(read_text(opsman_read_rows, text, &e), 0);
	free(text);
	ck_assert_uint_eq(w.inv.n_sightings, 1 + pairs[_i].n);
	ck_assert_pstr_eq(w.inv.sightings[1].id, "/between");
}
END_TEST

/* The PEM wins over a row that says something else, and that is told. */
START_TEST(row_that_contradicts_its_certificate)
{
	char *text = change(world_fixture("2.10", "deployed_certificates.json"),
	    "\"valid_until\":\"2027-02-10T08:00:00Z\"", "\"valid_until\":\"2035-01-01T00:00:00Z\"");
	struct err e;

	read_recorded(opsman_read_cas, "2.10", "certificate_authorities.json");
	ck_assert_int_eq(read_text(opsman_read_rows, text, &e), 0);
	free(text);
	ck_assert_uint_eq(
	    world_count_issues(&w, ISSUE_NOTE, ERR_ANSWER, "2035-01-01T00:00:00Z"), 1);
	ck_assert_uint_eq(count_form(CERT_PARSED), 2);
	ck_assert_int_eq(
	    world_cert(&w, world_sighting(&w, ".properties.root_ca.fb10484dd5541a273c9d", 0))
	        ->not_after_at,
	    world_time("2027-02-10T08:00:00Z"));
}
END_TEST

/* A row that cannot be read is counted, whatever its CA may be. */
START_TEST(broken_row_does_not_hide_behind_its_ca)
{
	char *text = change(
	    world_fixture("2.10", "deployed_certificates.json"), "\"is_ca\":true", "\"is_ca\":[]");
	struct err e;

	read_recorded(opsman_read_cas, "2.10", "certificate_authorities.json");
	ck_assert_int_eq(read_text(opsman_read_rows, text, &e), 0);
	free(text);
	ck_assert_uint_eq(count_form(CERT_UNREADABLE), 1);
}
END_TEST

/* --- whole answers that are no list ------------------------------------------------------------
 */

static const struct { const char *text, *part; } no_lists[] = {
	{ "", "empty" },
	{ "   ", "JSON" },
	{ "<html><body>502 Bad Gateway</body></html>", "HTML" },
	{ "[]", "want an array" },
	{ "{}", "want an array" },
	{ "null", "want an array" },
	{ "7", "want an array" },
	{ "{\"errands\":[{\"guid\":\"a\"}]}", "want an array" },
	{ "{\"certificates\":{},\"certificate_authorities\":{}}", "want an array" },
	{ "{\"certificates\":[],\"certificate_authorities\":[]}", "the list is empty" },
	{ "{\"certificates\":[{\"loc", "" },
};

START_TEST(what_is_no_list_is_an_error)
{
	struct err e;

	ck_assert_int_eq(read_text(opsman_read_cas, no_lists[_i].text, &e), -1);
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_msg(strstr(e.text, no_lists[_i].part) != NULL, "%s", e.text);
	ck_assert_int_eq(read_text(opsman_read_rows, no_lists[_i].text, &e), -1);
	ck_assert_int_eq(e.code, ERR_ANSWER);
	ck_assert_msg(strstr(e.text, no_lists[_i].part) != NULL, "%s", e.text);
	ck_assert_uint_eq(w.inv.n_sightings, 0);
}
END_TEST

/* n times the same element. */
static char *many(const char *key, const char *element, size_t n)
{
	struct buf b;

	buf_init(&b, (size_t)64 * 1024 * 1024);
	buf_addf(&b, "{\"%s\":[", key);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i > 0 ? "," : "", element);
	buf_adds(&b, "]}");
	ck_assert(!b.overflow);
	return buf_take(&b);
}

START_TEST(too_many_are_cut_and_told)
{
	char *rows_text = many("certificates", "0", OPSMAN_ROWS_MAX + 1);
	char *cas_text = many("certificate_authorities", "0", OPSMAN_CAS_MAX + 1);
	struct err e;

	ck_assert_int_eq(read_text(opsman_read_rows, rows_text, &e), 0);
	ck_assert_uint_eq(w.inv.n_certs, OPSMAN_ROWS_MAX);
	ck_assert_uint_eq(
	    world_count_issues(&w, ISSUE_PARTIAL, ERR_ANSWER, "only the first 20000 were read"), 1);
	ck_assert_int_eq(read_text(opsman_read_cas, cas_text, &e), 0);
	ck_assert_uint_eq(w.inv.n_certs, OPSMAN_ROWS_MAX + OPSMAN_CAS_MAX);
	ck_assert_uint_eq(
	    world_count_issues(&w, ISSUE_PARTIAL, ERR_ANSWER, "only the first 1000 were read"), 1);
	free(rows_text);
	free(cas_text);
}
END_TEST

START_TEST(remarks_have_a_ceiling)
{
	char *text = many("certificate_authorities", "{\"expires_on\":\"2027-01-01\"}", 100);
	struct err e;

	ck_assert_int_eq(read_text(opsman_read_cas, text, &e), 0);
	free(text);
	ck_assert_uint_eq(world_count_all_issues(&w), SOURCE_REMARKS_MAX + 1);
	ck_assert_uint_eq(
	    world_count_issues(&w, ISSUE_PARTIAL, ERR_ANSWER, "the rest is left out"), 1);
	ck_assert_uint_gt(lists.remarks.n_gaps, 200);
}
END_TEST

/* --- version -------------------------------------------------------------------------------------
 */

static const struct { const char *text, *version;
} infos[] = {
	{ "{\"info\":{\"version\":\"2.10.40-build.1\"}}", "2.10.40-build.1" },
	{ "{\"info\":{\"version\":\"2.4-build.152\",\"more\":{}}}", "2.4-build.152" },
	{ "{\"info\":{\"version\":\"\"}}", NULL },
	{ "{\"info\":{\"version\":2.4}}", NULL },
	{ "{\"info\":{}}", NULL },
	{ "{\"info\":null}", NULL },
	{ "{\"version\":\"2.4\"}", NULL },
	{ "{\"info\":{\"version\":"
	  "\"0123456789012345678901234567890123456789012345678901234567890123456789\"}}",
	    NULL },
	{ "", NULL },
	{ "[]", NULL },
};

START_TEST(version_is_read)
{
	char *version = NULL;
	struct err e = { ERR_NONE, "" };
	struct buf body;

	buf_init(&body, 4096);
	buf_adds(&body, infos[_i].text);
	ck_assert_int_eq(opsman_read_info(&body, &version, &e), infos[_i].version != NULL ? 0 : -1);
	ck_assert_pstr_eq(version, infos[_i].version);
	ck_assert_int_eq(e.code, infos[_i].version != NULL ? ERR_NONE : ERR_ANSWER);
	free(version);
	buf_clear(&body);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("opsman_lists");
	TCase *t = tcase_create("lists");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, recorded_rows_are_what_they_are, 0, UNIT_ROWS(recorded));
	tcase_add_loop_test(t, recorded_lists_have_their_size, 0, UNIT_ROWS(sizes));
	tcase_add_test(t, cas_carry_activity_and_age);
	tcase_add_test(t, date_alone_is_its_midnight);
	tcase_add_test(t, root_row_is_the_certificate_of_the_list);
	tcase_add_test(t, reported_rows_make_nothing_up);
	tcase_add_test(t, root_row_without_its_ca_is_reported);
	tcase_add_loop_test(t, a_wrong_ca_hides_no_other, 0, UNIT_ROWS(ca_mutations));
	tcase_add_test(t, reported_ca_keeps_only_what_was_told);
	tcase_add_test(t, nats_ca_is_missed_where_it_must_be);
	tcase_add_test(t, issuers_behind_a_ca_are_a_chain);
	tcase_add_test(t, a_broken_issuer_is_counted);
	tcase_add_test(t, names_settle_who_is_a_ca);
	tcase_add_loop_test(t, a_row_is_judged_for_itself, 0, UNIT_ROWS(rows));
	tcase_add_loop_test(t, rows_that_come_twice, 0, UNIT_ROWS(pairs));
	tcase_add_test(t, row_that_contradicts_its_certificate);
	tcase_add_test(t, broken_row_does_not_hide_behind_its_ca);
	tcase_add_loop_test(t, what_is_no_list_is_an_error, 0, UNIT_ROWS(no_lists));
	tcase_add_test(t, too_many_are_cut_and_told);
	tcase_add_test(t, remarks_have_a_ceiling);
	tcase_add_loop_test(t, version_is_read, 0, UNIT_ROWS(infos));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
