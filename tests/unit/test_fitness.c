/* test_fitness.c - the rules about chains: each both ways, for certificates
 * in use and for replacements. */
#include "tests/unit/unit.h"

#include <string.h>
#include <time.h>
#include "lib/base/mem.h"
#include "lib/judge/fitness.h"
#include "tests/unit/pki_chain.h"
#include "tests/unit/samples.h"

#define DAY_S INT64_C(86400)
#define QUIET (-1)            /* expected: no such finding */
#define NODE_NAMES "DNS:nsx-01.example,IP:192.0.2.11"
#define NODE "node-1"

static struct pki_chain p;
static struct sample s;

/* One NSX manager cluster: a node, a VIP that is asked by its name. */
static void open_world(void)
{
	struct cluster_facts *c = cluster_new();
	struct cluster_node *n;

	pki_chain_open(&p);
	sample_open(&s, NULL);
	sample_source(&s.inv, "prod", SOURCE_NSX, "4.2.1.0");
	n = cluster_add_node(c, NODE, "nsx-01");
	n->fqdn = mem_strdup("nsx-01.example");
	n->addresses[n->n_addresses++] = mem_strdup("192.0.2.11");
	c->cluster_id = mem_strdup("cluster-1");
	c->vips[c->n_vips++] = mem_strdup("192.0.2.10");
	c->url_name = mem_strdup("nsx.example");
	s.inv.sources[0].cluster = c;
}

static void close_world(void)
{
	sample_close(&s);
	pki_chain_close(&p);
}

static void expect_in(const struct findings *f, const char *id, int state, const char *what)
{
	const struct finding *found = sample_finding(f, id);

	if (state == QUIET) {
		ck_assert_msg(found == NULL, "%s: \"%s\" is found: %s", what, id,
		    found != NULL ? found->message : "");
		return;
	}
	ck_assert_msg(found != NULL, "%s: no \"%s\"", what, id);
	ck_assert_msg((int)found->state == state, "%s: \"%s\" is %s: %s", what, id,
	    state_name(found->state), found->message);
}

/* --- a chain by itself ----------------------------------------------------------------- */

/* Judge a chain that shall serve, or serves, the API of the node. */
static enum state judge(const struct cert *const *chain, size_t n, bool is_new,
    struct findings *out)
{
	struct fitness_input in;
	enum state state;

	fitness_init(&in);
	in.chain = chain;
	in.n_chain = n;
	in.is_replacement = is_new;
	in.has_private_key = 1;
	in.now_at = (int64_t)time(NULL);
	fitness_add_use(&in, s.inv.sources[0].cluster, "API", NODE);
	state = fitness_judge(&in, out);
	fitness_clear(&in);
	return state;
}

/* A leaf with its chain; what is left out is as it should be. */
static const struct {
	const char *what, *id;
	struct pki_options o;
	int in_use, new;
} leafs[] = {
	{ "fine", "leaf-is-ca", { .names = NODE_NAMES }, QUIET, QUIET },
	{ "by address", "name-mismatch", { .names = "IP:192.0.2.11" }, QUIET, QUIET },
	{ "by name", "name-mismatch", { .names = "DNS:nsx-01.example" }, QUIET, QUIET },
	{ "by CN", "name-mismatch", { .common_name = "nsx-01.example" }, QUIET, QUIET },
	{ "other", "name-mismatch", { .names = "DNS:nsx-02.example" }, STATE_WARNING,
	    STATE_WARNING },
	{ "no name", "name-mismatch", { .common_name = "x" }, STATE_WARNING, STATE_WARNING },
	{ "a CA", "leaf-is-ca", { .names = NODE_NAMES, .is_ca = true }, STATE_WARNING,
	    STATE_WARNING },
	{ "no constraints", "leaf-is-ca", { .names = NODE_NAMES, .constraints = "" }, STATE_OK,
	    STATE_WARNING },
	{ "no EKU", "usage-unfit", { .names = NODE_NAMES }, QUIET, QUIET },
	{ "server", "usage-unfit", { .names = NODE_NAMES, .eku = "serverAuth" }, QUIET, QUIET },
	{ "any", "usage-unfit", { .names = NODE_NAMES, .eku = "anyExtendedKeyUsage" }, QUIET,
	    QUIET },
	{ "client", "usage-unfit", { .names = NODE_NAMES, .eku = "clientAuth" }, STATE_WARNING,
	    STATE_WARNING },
	{ "encipherment", "usage-unfit", { .names = NODE_NAMES, .ku = "keyEncipherment" }, QUIET,
	    QUIET },
	{ "signature", "usage-unfit", { .names = NODE_NAMES, .ku = "digitalSignature" }, QUIET,
	    STATE_WARNING },
	{ "CRLs", "usage-unfit", { .names = NODE_NAMES, .ku = "cRLSign" }, STATE_WARNING,
	    STATE_WARNING },
	/* of those in use, the report tells these in its own way */
	{ "ended", "expired", { .names = NODE_NAMES, .from_s = -2 * DAY_S, .until_s = -DAY_S },
	    QUIET, STATE_CRITICAL },
	{ "early", "not-yet-valid", { .names = NODE_NAMES, .from_s = DAY_S,
	    .until_s = 2 * DAY_S }, QUIET, STATE_CRITICAL },
};

START_TEST(test_leaf)
{
	struct pki_options o = leafs[_i].o;
	struct findings in_use = { 0 }, new = { 0 };
	struct cert *leaf;
	enum state state;

	o.common_name = o.common_name != NULL ? o.common_name : "nsx-01";
	leaf = pki_chain_leaf(&p, o);
	const struct cert *chain[] = { leaf, p.cert[PKI_INTER], p.cert[PKI_ROOT] };

	judge(chain, 3, false, &in_use);
	expect_in(&in_use, leafs[_i].id, leafs[_i].in_use, leafs[_i].what);
	state = judge(chain, 3, true, &new);
	expect_in(&new, leafs[_i].id, leafs[_i].new, leafs[_i].what);
	/* nothing else is found: each fault is one finding */
	ck_assert_uint_eq(new.n, leafs[_i].new == QUIET ? 0 : 1);
	ck_assert_int_eq(state, leafs[_i].new == QUIET ? STATE_OK : leafs[_i].new);
	findings_clear(&in_use);
	findings_clear(&new);
	cert_free(leaf);
}
END_TEST

#define END (-1)
static const struct {
	const char *id;
	int members[5], in_use, new;
	const char *words;
} chains[] = {
	{ "chain-order", { PKI_LEAF, PKI_INTER, PKI_ROOT, END }, QUIET, QUIET, NULL },
	{ "chain-order", { PKI_SELF, END }, QUIET, QUIET, NULL },
	{ "chain-order", { PKI_LEAF, PKI_INTER, END }, QUIET, STATE_WARNING, "lacks \"CN=Root\"" },
	{ "chain-order", { PKI_LEAF, END }, QUIET, STATE_WARNING, "lacks \"CN=Inter\"" },
	{ "chain-order", { PKI_LEAF, PKI_ROOT, PKI_INTER, END }, STATE_WARNING, STATE_WARNING,
	    "number 2 is \"CN=Root\"" },
	{ "chain-order", { PKI_ROOT, PKI_INTER, PKI_LEAF, END }, STATE_WARNING, STATE_WARNING,
	    "certificate 1, \"CN=Root\"" },
	{ "chain-broken", { PKI_LEAF, PKI_INTER, PKI_ROOT, END }, QUIET, QUIET, NULL },
	{ "chain-broken", { PKI_LEAF, PKI_TWIN, PKI_ROOT, END }, STATE_WARNING, STATE_WARNING,
	    "does not verify" },
	{ "chain-broken", { PKI_SELF, END }, QUIET, QUIET, NULL },
	{ "expired", { PKI_LEAF, PKI_OLD_INTER, PKI_ROOT, END }, QUIET, STATE_CRITICAL,
	    "certificate 2 of its chain" },
};

START_TEST(test_chain)
{
	const struct cert *chain[5];
	struct findings f[2] = { { 0 }, { 0 } };
	size_t n = 0;

	for (; chains[_i].members[n] != END; n++)
		chain[n] = p.cert[chains[_i].members[n]];
	for (int is_new = 0; is_new < 2; is_new++) {
		judge(chain, n, is_new, &f[is_new]);
		expect_in(&f[is_new], chains[_i].id, is_new ? chains[_i].new : chains[_i].in_use,
		    is_new ? "new" : "in use");
	}
	if (chains[_i].words != NULL)
		ck_assert_ptr_nonnull(strstr(sample_finding(&f[1], chains[_i].id)->message,
		    chains[_i].words));
	findings_clear(&f[0]);
	findings_clear(&f[1]);
}
END_TEST

/* A chain of which OpenSSL cannot read every part is never fit. */
START_TEST(test_unreadable_chain)
{
	struct cert *odd = cert_unreadable("odd");
	const struct cert *const chain[] = { p.cert[PKI_LEAF], odd };
	const struct cert *const first[] = { odd };
	struct findings f = { 0 };

	judge(chain, 2, false, &f);
	expect_in(&f, "chain-broken", STATE_UNKNOWN, "in use");
	findings_clear(&f);
	ck_assert_int_eq(judge(chain, 2, true, &f), STATE_UNKNOWN);
	expect_in(&f, "unreadable", STATE_UNKNOWN, "new");
	findings_clear(&f);
	ck_assert_int_eq(judge(first, 1, true, &f), STATE_UNKNOWN);
	findings_clear(&f);
	ck_assert_int_eq(judge(NULL, 0, true, &f), STATE_UNKNOWN);
	findings_clear(&f);
	cert_free(odd);
}
END_TEST

/* What services need that NSX has, or has not, a profile of. */
static const struct {
	const char *service;
	int server, client;          /* of the profile; -1: it does not tell; -2: no profile */
	unsigned in_use, new;
} needs[] = {
	{ "API", -2, 0, FITNESS_SERVER, FITNESS_SERVER },
	{ "APH", -2, 0, FITNESS_SERVER, FITNESS_SERVER | FITNESS_CLIENT },
	{ "CBM_CORFU", -2, 0, FITNESS_SERVER, FITNESS_SERVER | FITNESS_CLIENT },
	{ "LOCAL_MANAGER", -2, 0, 0, FITNESS_SERVER | FITNESS_CLIENT },
	{ "COMPUTE_MANAGER", -2, 0, 0, 0 },
	{ "CLIENT_AUTH", -2, 0, 0, 0 },
	{ "SOMETHING_NEW", -2, 0, 0, 0 },
	{ "API", -1, -1, FITNESS_SERVER, FITNESS_SERVER },
	{ "API", 1, 1, FITNESS_SERVER | FITNESS_CLIENT, FITNESS_SERVER | FITNESS_CLIENT },
	{ "APH", 1, 0, FITNESS_SERVER, FITNESS_SERVER },
	{ "SOMETHING_NEW", 0, 1, FITNESS_CLIENT, FITNESS_CLIENT },
};

START_TEST(test_needs)
{
	for (int is_new = 0; is_new < 2; is_new++) {
		struct cluster_facts *facts = cluster_new();
		struct fitness_input in;
		struct cluster_profile *profile;

		if (needs[_i].server > -2) {
			profile = cluster_add_profile(facts, needs[_i].service);
			profile->wants_server = needs[_i].server;
			profile->wants_client = needs[_i].client;
		}
		fitness_init(&in);
		in.is_replacement = is_new;
		fitness_add_use(&in, facts, needs[_i].service, NODE);
		ck_assert_uint_eq(in.needs, is_new ? needs[_i].new : needs[_i].in_use);
		ck_assert_uint_eq(in.services, service_bit(needs[_i].service));
		fitness_clear(&in);
		cluster_free(facts);
	}
}
END_TEST

/* --- in the report ------------------------------------------------------------------------ */

static size_t add_to_inventory(const struct cert *c)
{
	struct err e;

	return inventory_add_cert(&s.inv, cert_from_der(c->der, c->der_len, &e));
}

/* A row of the trust store with what is behind its leaf. */
static size_t add_row(const int *members, const char *service, const char *node)
{
	size_t at = s.inv.n_sightings, leaf = add_to_inventory(p.cert[members[0]]);
	char *id = mem_printf("id-%zu", at);
	struct sighting *row = inventory_add_sighting(&s.inv, leaf, 0, VIA_API);

	row->role = ROLE_NSX_PLATFORM;
	row->id = mem_strdup(id);
	if (service != NULL)
		sighting_add_use(row, service, node, NULL);
	for (size_t i = 1; members[i] != END; i++) {
		row = inventory_add_sighting(&s.inv, add_to_inventory(p.cert[members[i]]), 0,
		    VIA_API);
		row->role = ROLE_CHAIN;
		row->position = i;
		row->id = mem_strdup(id);
	}
	free(id);
	return leaf;
}

static const struct finding *find(size_t cert, const char *id)
{
	sample_judge(&s, (int64_t)time(NULL));
	return sample_finding(&sample_item(&s, cert)->findings, id);
}

static void expect(size_t cert, const char *id, int state, const char *what)
{
	(void)find(cert, id);
	expect_in(&sample_item(&s, cert)->findings, id, state, what);
}

static const struct {
	const char *what;
	int members[5];
	const char *service, *node, *id;
	int state;
} rows[] = {
	{ "ordered", { PKI_LEAF, PKI_INTER, PKI_ROOT, END }, "API", NODE, "chain-order", QUIET },
	{ "mixed", { PKI_LEAF, PKI_ROOT, PKI_INTER, END }, "API", NODE, "chain-order",
	    STATE_WARNING },
	{ "mixed, an internal one", { PKI_LEAF, PKI_ROOT, PKI_INTER, END }, "CBM_CORFU", NODE,
	    "chain-order", STATE_WARNING },
	{ "mixed, nobody uses it", { PKI_LEAF, PKI_ROOT, PKI_INTER, END }, NULL, NULL,
	    "chain-order", QUIET },
	{ "twin", { PKI_LEAF, PKI_TWIN, PKI_ROOT, END }, "API", NODE, "chain-broken",
	    STATE_WARNING },
	{ "no root", { PKI_LEAF, PKI_INTER, END }, "API", NODE, "chain-order", QUIET },
	{ "leaf alone", { PKI_LEAF, END }, "API", NODE, "chain-broken", QUIET },
	{ "covered", { PKI_LEAF, END }, "API", NODE, "name-mismatch", QUIET },
	{ "not covered", { PKI_LEAF, END }, "MGMT_CLUSTER", NULL, "name-mismatch",
	    STATE_WARNING },
	{ "self-signed VIP", { PKI_SELF, END }, "MGMT_CLUSTER", NULL, "name-mismatch", STATE_OK },
	{ "other node", { PKI_LEAF, END }, "API", "elsewhere", "name-mismatch", QUIET },
	{ "no such rule for it", { PKI_LEAF, END }, "CBM_CORFU", NODE, "name-mismatch", QUIET },
};

START_TEST(test_row)
{
	size_t cert = add_row(rows[_i].members, rows[_i].service, rows[_i].node);

	expect(cert, rows[_i].id, rows[_i].state, rows[_i].what);
}
END_TEST

/* The API and the listener show it: the same fault is told once. */
START_TEST(test_told_once)
{
	const int members[] = { PKI_LEAF, PKI_ROOT, PKI_INTER, END };
	size_t cert = add_row(members, "MGMT_CLUSTER", NULL), n = 0;
	const struct item *it;

	sample_served(&s.inv, cert, 0, "nsx.example:443", "MGMT_CLUSTER", NULL);
	expect(cert, "name-mismatch", STATE_WARNING, "twice");
	it = sample_item(&s, cert);
	for (size_t i = 0; i < it->findings.n; i++)
		n += strcmp(it->findings.v[i].id, "name-mismatch") == 0;
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(s.report.n_invalid, 2);   /* chain-order and this */
}
END_TEST

/* Names of the VIP: by the URL's name, by its address when that is the URL,
 * and not at all where a node is asked. */
static const struct { const char *name; bool by_address, has_vip; int state; } vips[] = {
	{ "nsx.example", false, true, STATE_WARNING },
	{ NULL, true, true, STATE_WARNING },
	{ NULL, false, true, QUIET },
	{ NULL, false, false, QUIET },
};

START_TEST(test_vip)
{
	struct cluster_facts *c = s.inv.sources[0].cluster;
	const int members[] = { PKI_LEAF, END };
	size_t cert;

	free(c->url_name);
	c->url_name = mem_strdup(vips[_i].name);
	c->url_is_vip = vips[_i].by_address;
	if (!vips[_i].has_vip)
		free(c->vips[--c->n_vips]);
	cert = add_row(members, "MGMT_CLUSTER", "cluster-1");
	expect(cert, "name-mismatch", vips[_i].state, "row");
}
END_TEST

/* A node whose name is not told is not judged by its address alone, unless
 * the certificate is new. */
START_TEST(test_nameless_node)
{
	struct cluster_node *n = &s.inv.sources[0].cluster->nodes[0];
	struct cert *leaf = pki_chain_leaf(&p, (struct pki_options){ .common_name = "x" });
	const struct cert *chain[] = { leaf, p.cert[PKI_INTER], p.cert[PKI_ROOT] };
	struct findings f = { 0 };

	free(n->fqdn);
	n->fqdn = NULL;
	judge(chain, 3, false, &f);
	expect_in(&f, "name-mismatch", QUIET, "in use");
	judge(chain, 3, true, &f);
	expect_in(&f, "name-mismatch", STATE_WARNING, "new");
	findings_clear(&f);
	cert_free(leaf);
}
END_TEST

static const struct {
	const char *what;
	enum pki_member leaf, anchor;   /* PKI_N_MEMBERS: no CA file */
	const char *service;
	int state;
} trusts[] = {
	{ "its CA", PKI_LEAF, PKI_ROOT, "API", QUIET },
	{ "another CA", PKI_LEAF, PKI_OTHER_ROOT, "API", STATE_WARNING },
	{ "no CA file", PKI_LEAF, PKI_N_MEMBERS, "API", QUIET },
	{ "the VIP's", PKI_LEAF, PKI_OTHER_ROOT, "MGMT_CLUSTER", STATE_WARNING },
	{ "an internal service", PKI_LEAF, PKI_OTHER_ROOT, "APH", QUIET },
	{ "self-signed", PKI_SELF, PKI_OTHER_ROOT, "API", QUIET },
};

START_TEST(test_untrusted)
{
	const int members[] = { (int)trusts[_i].leaf,
		trusts[_i].leaf == PKI_SELF ? END : PKI_INTER, END };
	struct err e = { ERR_NONE, "" };
	size_t cert;
	char *pem;

	if (trusts[_i].anchor != PKI_N_MEMBERS) {
		pem = pki_pem(p.pki[trusts[_i].anchor], false);
		s.inv.sources[0].anchors = anchors_read(pem, strlen(pem), &e);
		ck_assert_ptr_nonnull(s.inv.sources[0].anchors);
		free(pem);
	}
	cert = add_row(members, trusts[_i].service, NODE);
	expect(cert, "chain-untrusted", trusts[_i].state, trusts[_i].what);
}
END_TEST

/* Ops Manager's own listener: the name in its URL, and its CA file. */
static const struct { const char *host; enum pki_member anchor; int name, trust; } listeners[] = {
	{ "nsx-01.example", PKI_ROOT, QUIET, QUIET },
	{ "192.0.2.11", PKI_ROOT, QUIET, QUIET },
	{ "opsman.example", PKI_ROOT, STATE_WARNING, QUIET },
	{ "nsx-01.example", PKI_OTHER_ROOT, QUIET, STATE_WARNING },
	{ NULL, PKI_ROOT, QUIET, QUIET },
};

START_TEST(test_opsman_listener)
{
	size_t tas = sample_source(&s.inv, "tas", SOURCE_OPSMAN, "3.0.17"), cert;
	char *pem = pki_pem(p.pki[listeners[_i].anchor], false);
	struct err e = { ERR_NONE, "" };
	struct sighting *behind;

	s.inv.sources[tas].host = mem_strdup(listeners[_i].host);
	s.inv.sources[tas].anchors = anchors_read(pem, strlen(pem), &e);
	free(pem);
	cert = add_to_inventory(p.cert[PKI_LEAF]);
	sample_served(&s.inv, cert, tas, "opsman:443", NULL, NULL)->role = ROLE_OM_UI;
	behind = inventory_add_sighting(&s.inv, add_to_inventory(p.cert[PKI_INTER]), tas, VIA_TLS);
	behind->role = ROLE_CHAIN;
	behind->position = 1;
	behind->endpoint = mem_strdup("opsman:443");
	expect(cert, "name-mismatch", listeners[_i].name, "name");
	expect(cert, "chain-untrusted", listeners[_i].trust, "trust");
}
END_TEST

static const struct {
	const char *what, *service, *node, *category;
	int has_key, wants_key;      /* of the profile; -1: not told */
	int state;
} keys[] = {
	{ "there", "API", NODE, NULL, 1, -1, QUIET },
	{ "not told", "API", NODE, NULL, -1, -1, QUIET },
	{ "missing", "API", NODE, NULL, 0, -1, STATE_WARNING },
	{ "missing in the database", "CBM_CORFU", NODE, NULL, 0, -1, STATE_WARNING },
	{ "missing for the cluster", "MGMT_CLUSTER", "cluster-1", NULL, 0, -1, STATE_WARNING },
	{ "another site's node", "APH", "elsewhere", NULL, 0, -1, QUIET },
	{ "another site's", "APH", NODE, "SITE_CERTIFICATE", 0, -1, QUIET },
	{ "another site's identity", "LOCAL_MANAGER", NODE, NULL, 0, -1, QUIET },
	{ "a client's", "CLIENT_AUTH", NODE, NULL, 0, -1, QUIET },
	{ "a client's by category", "API", NODE, "PRINCIPAL_IDENTITY_CERTIFICATE", 0, -1, QUIET },
	{ "a vCenter's", "COMPUTE_MANAGER", NODE, NULL, 0, -1, QUIET },
	{ "not wanted", "API", NODE, NULL, 0, 0, QUIET },
	{ "wanted", "SOMETHING_NEW", NODE, NULL, 0, 1, STATE_WARNING },
};

START_TEST(test_private_key)
{
	const int members[] = { PKI_SELF, END };
	size_t cert = add_row(members, keys[_i].service, keys[_i].node);

	s.inv.sightings[0].has_private_key = keys[_i].has_key;
	s.inv.sightings[0].category = mem_strdup(keys[_i].category);
	if (keys[_i].wants_key >= 0)
		cluster_add_profile(s.inv.sources[0].cluster,
		    keys[_i].service)->requires_private_key = keys[_i].wants_key;
	expect(cert, "no-private-key", keys[_i].state, keys[_i].what);
}
END_TEST

static const struct { enum product_verdict verdict; int state; const char *words; } verdicts[] = {
	{ PRODUCT_SILENT, QUIET, NULL }, { PRODUCT_OK, QUIET, NULL },
	{ PRODUCT_CRL_NOT_READY, STATE_OK, "revocation" },
	{ PRODUCT_REJECTED, STATE_CRITICAL, "rejects it: because" },
	{ PRODUCT_ERROR, STATE_UNKNOWN, "could not validate" },
};

START_TEST(test_rejected)
{
	const int members[] = { PKI_SELF, END };
	size_t cert = add_row(members, "API", NODE);

	s.inv.sightings[0].verdict = verdicts[_i].verdict;
	s.inv.sightings[0].verdict_message = mem_strdup("because");
	expect(cert, "rejected", verdicts[_i].state, "verdict");
	if (verdicts[_i].words != NULL)
		ck_assert_ptr_nonnull(strstr(find(cert, "rejected")->message, verdicts[_i].words));
}
END_TEST

/* --- renewal ----------------------------------------------------------------------------------- */

static const struct {
	const char *what, *services, *category;
	enum pki_member member;
	int renews, lead_days, left_h;
	int state;
	const char *by;              /* of the remedy, when it only ends soon; NULL: not looked at */
} renewals[] = {
	/* every one has 24 hours left, of which left_h remain */
	{ "overdue", "APH", NULL, PKI_SELF, 1, 31, 20, STATE_WARNING, "remediate_certs" },
	{ "the database", "CBM_CORFU", NULL, PKI_SELF, 1, 31, 20, STATE_WARNING, "person" },
	{ "another kind", "K8S_MSG_CLIENT", "APPLIANCE_CERTIFICATE", PKI_SELF, 1, 31, 20,
	    STATE_WARNING, "person" },
	{ "of no category", "K8S_MSG_CLIENT", NULL, PKI_SELF, 1, 31, 20, QUIET, "person" },
	{ "due today", "APH", NULL, PKI_SELF, 1, 1, 20, QUIET, "nsx" },
	{ "off", "APH", NULL, PKI_SELF, 0, 31, 20, QUIET, "remediate_certs" },
	{ "not told", "APH", NULL, PKI_SELF, -1, 31, 20, QUIET, "remediate_certs" },
	{ "no lead time", "APH", NULL, PKI_SELF, 1, -1, 20, QUIET, "remediate_certs" },
	{ "signed by a CA", "APH", NULL, PKI_LEAF, 1, 31, 20, QUIET, "remediate_certs" },
	{ "shared with the hosts", "APH APH_TN", NULL, PKI_SELF, 1, 31, 20, QUIET,
	    "remediate_certs" },
	{ "control plane", "CCP", NULL, PKI_SELF, 1, 31, 20, QUIET, "remediate_certs" },
	{ "API", "API", "APPLIANCE_CERTIFICATE", PKI_SELF, 1, 31, 20, QUIET, "remediate_certs" },
	{ "another site's", "APH", "SITE_CERTIFICATE", PKI_SELF, 1, 31, 20, QUIET, "person" },
};

START_TEST(test_renewal)
{
	const int members[] = { (int)renewals[_i].member, END };
	struct cluster_facts *c = s.inv.sources[0].cluster;
	char *copy = mem_strdup(renewals[_i].services), *save = NULL;
	size_t cert = add_row(members, NULL, NULL);
	const struct item *it;

	c->renews_by_itself = renewals[_i].renews;
	c->renewal_lead_s = renewals[_i].lead_days < 0 ? -1 : renewals[_i].lead_days * DAY_S;
	s.inv.sightings[0].category = mem_strdup(renewals[_i].category);
	for (char *w = strtok_r(copy, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		sighting_add_use(&s.inv.sightings[0], w, NODE, NULL);
	free(copy);
	sample_judge(&s, s.inv.certs[cert]->not_after_at - renewals[_i].left_h * INT64_C(3600));
	it = sample_item(&s, cert);
	expect_in(&it->findings, "renewal-overdue", renewals[_i].state, renewals[_i].what);
	ck_assert_msg(strcmp(actor_name(it->remedy.by), renewals[_i].by) == 0, "%s: %s",
	    renewals[_i].what, actor_name(it->remedy.by));
}
END_TEST

/* The day of grace, to the second. */
START_TEST(test_grace)
{
	const int members[] = { PKI_SELF, END };
	size_t cert = add_row(members, "APH", NODE);
	int64_t end_at = s.inv.certs[cert]->not_after_at;

	s.inv.sources[0].cluster->renews_by_itself = 1;
	s.inv.sources[0].cluster->renewal_lead_s = 31 * DAY_S;
	sample_judge(&s, end_at - 30 * DAY_S);
	expect_in(&sample_item(&s, cert)->findings, "renewal-overdue", QUIET, "in its grace");
	sample_judge(&s, end_at - 30 * DAY_S + 1);
	expect_in(&sample_item(&s, cert)->findings, "renewal-overdue", STATE_WARNING, "after it");
}
END_TEST

/* What NSX would renew for its end alone is not left to it for a fault that a
 * renewal keeps. */
START_TEST(test_renewal_mends_ends_only)
{
	const int members[] = { PKI_SELF, END };
	size_t cert = add_row(members, "APH", NODE);

	s.inv.sources[0].cluster->renews_by_itself = 1;
	s.inv.sources[0].cluster->renewal_lead_s = DAY_S;
	s.inv.sightings[0].has_private_key = 0;
	expect(cert, "no-private-key", STATE_WARNING, "no key");
	ck_assert_str_eq(actor_name(sample_item(&s, cert)->remedy.by), "remediate_certs");
}
END_TEST

/* --- more certificates hide nothing ---------------------------------------------------------------- */

struct seen { size_t cert; const char *id; enum state state; };

static size_t note(struct seen *seen, size_t max)
{
	size_t n = 0;

	sample_judge(&s, (int64_t)time(NULL));
	for (size_t i = 0; i < s.report.n_items; i++) {
		const struct item *it = &s.report.items[i];

		for (size_t k = 0; k < it->findings.n && n < max; k++)
			seen[n++] = (struct seen){ it->cert, it->findings.v[k].id,
				it->findings.v[k].state };
	}
	return n;
}

START_TEST(test_more_hide_nothing)
{
	static const char *const services[] = { "API", "MGMT_CLUSTER", "CBM_CORFU", NULL };
	struct seen seen[256];
	size_t n = 0;

	for (size_t i = 0; i < (size_t)UNIT_ROWS(rows) * UNIT_ROWS(services); i++) {
		const char *service = services[i / (size_t)UNIT_ROWS(rows)];
		struct seen before[256];
		size_t n_before = n;

		memcpy(before, seen, n * sizeof seen[0]);
		add_row(rows[i % (size_t)UNIT_ROWS(rows)].members, service, NODE);
		n = note(seen, 256);
		for (size_t k = 0; k < n_before; k++)
			if (strcmp(before[k].id, "unused") != 0)
				ck_assert_msg(sample_finding(&sample_item(&s,
				    before[k].cert)->findings, before[k].id) != NULL,
				    "row %zu hides %s", i, before[k].id);
	}
	ck_assert_uint_gt(n, 5);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *suite = suite_create("fitness");
	TCase *t = tcase_create("fitness");

	tcase_add_checked_fixture(t, open_world, close_world);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, test_leaf, 0, UNIT_ROWS(leafs));
	tcase_add_loop_test(t, test_chain, 0, UNIT_ROWS(chains));
	tcase_add_test(t, test_unreadable_chain);
	tcase_add_loop_test(t, test_needs, 0, UNIT_ROWS(needs));
	tcase_add_loop_test(t, test_row, 0, UNIT_ROWS(rows));
	tcase_add_test(t, test_told_once);
	tcase_add_loop_test(t, test_vip, 0, UNIT_ROWS(vips));
	tcase_add_test(t, test_nameless_node);
	tcase_add_loop_test(t, test_untrusted, 0, UNIT_ROWS(trusts));
	tcase_add_loop_test(t, test_opsman_listener, 0, UNIT_ROWS(listeners));
	tcase_add_loop_test(t, test_private_key, 0, UNIT_ROWS(keys));
	tcase_add_loop_test(t, test_rejected, 0, UNIT_ROWS(verdicts));
	tcase_add_loop_test(t, test_renewal, 0, UNIT_ROWS(renewals));
	tcase_add_test(t, test_grace);
	tcase_add_test(t, test_renewal_mends_ends_only);
	tcase_add_test(t, test_more_hide_nothing);
	suite_add_tcase(suite, t);
	return suite;
}

int main(void)
{
	return unit_run(make_suite());
}
