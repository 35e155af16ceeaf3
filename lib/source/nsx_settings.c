/* nsx_settings.c - what an NSX Manager wants of certificates and does about
 * them: profiles, automatic renewal, its own validation. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/source/nsx_internal.h"

#define DAY_S INT64_C(86400)
#define CLASS_MAX_BYTES 64
#define REPLACEMENT_MAX_S INT64_C(86400)

/* --- profiles ----------------------------------------------------------------------- */

static void read_usages(const struct json *row, struct cluster_profile *p)
{
	const struct json *list = json_get(row, "extended_key_usage");

	if (!json_is_array(list))
		return;
	p->wants_server = p->wants_client = 0;
	for (const struct json *i = json_first(list); i != NULL; i = json_next(i)) {
		const char *word = json_str(i);

		if (word != NULL && strcmp(word, "SERVER") == 0)
			p->wants_server = 1;
		else if (word != NULL && strcmp(word, "CLIENT") == 0)
			p->wants_client = 1;
	}
}

/* Members that only inform: one of another type is as if it were not there. */
static void read_details(const struct json *row, struct cluster_profile *p)
{
	const char *name = json_str(json_get(row, "certificate_class"));
	int64_t duration_s;

	if (json_opt_bool(row, "", "requires_private_key", &p->requires_private_key, NULL) < 0)
		p->requires_private_key = -1;
	if (json_opt_bool(row, "", "unique_use", &p->unique_use, NULL) < 0)
		p->unique_use = -1;
	if (json_i64(json_get(row, "replacement_duration"), &duration_s) && duration_s >= 0 &&
	    duration_s <= REPLACEMENT_MAX_S)
		p->replacement_s = duration_s;
	if (name != NULL && strlen(name) <= CLASS_MAX_BYTES)
		p->certificate_class = mem_strdup(name);
	read_usages(row, p);
}

void nsx_read_profile(struct nsx_facts *f, const struct json *row, size_t index, const char *what)
{
	struct err e = { ERR_NONE, "" };
	struct cluster_profile *p;
	const char *service;
	int per_cluster = -1;
	char where[48];

	snprintf(where, sizeof where, "results[%zu]", index);
	if (json_want_str(row, where, "service_type", &service, &e) < 0 ||
	    json_opt_bool(row, where, "cluster_certificate", &per_cluster, &e) < 0) {
		source_remark(f->c, &f->remarks, ISSUE_PARTIAL, &e, what);
		return;
	}
	if (nsx_ids_find(&f->profile_ids, service) != SIZE_MAX)
		return;
	if (f->cluster->n_profiles >= NSX_PROFILES_MAX) {
		err_set(&e, ERR_ANSWER, "%s: more than %d profiles", where, NSX_PROFILES_MAX);
		source_remark(f->c, &f->remarks, ISSUE_PARTIAL, &e, what);
		return;
	}
	p = cluster_add_profile(f->cluster, service);
	p->per_cluster = per_cluster;
	read_details(row, p);
	nsx_ids_add(&f->profile_ids, p->service, f->cluster->n_profiles - 1);
}

/* --- automatic renewal ---------------------------------------------------------------- */

/* The reference and the guide print different names. */
static const struct { const char *enabled, *lead; } names[] = {
	{ "automatic_appliance_certificate_renewal_enabled",
	    "automatic_appliance_certificate_renewal_lead_time" },
	{ "automatic_appliance_certificate_replacement_enabled",
	    "automatic_appliance_certificate_replacement_lead_time" },
};

int nsx_read_renewal(struct nsx_facts *f, const struct json *doc, const char *what, struct err *e)
{
	struct cluster_facts *c = f->cluster;
	int64_t days;

	(void)what;
	if (!json_is_object(doc))
		return err_set(e, ERR_ANSWER, "want an object");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (c->renews_by_itself < 0 &&
		    json_opt_bool(doc, "", names[i].enabled, &c->renews_by_itself, e) < 0)
			return -1;
		if (json_get(doc, names[i].lead) == NULL || c->renewal_lead_s >= 0)
			continue;
		if (!json_i64(json_get(doc, names[i].lead), &days) || days < 0 ||
		    days > NSX_LEAD_DAYS_MAX)
			return err_set(e, ERR_ANSWER, "%s is no number of days", names[i].lead);
		c->renewal_lead_s = days * DAY_S;
	}
	return 0;
}

/* --- validation ------------------------------------------------------------------------ */

static const struct { const char *word; enum product_verdict verdict; } verdicts[] = {
	{ "OK", PRODUCT_OK },
	{ "CRL_NOT_READY", PRODUCT_CRL_NOT_READY },
	{ "REJECTED", PRODUCT_REJECTED },
	{ "ERROR", PRODUCT_ERROR },
};

int nsx_read_verdict(struct nsx_facts *f, size_t sighting, const struct json *doc, struct err *e)
{
	struct sighting *s = &f->c->inv->sightings[sighting];
	const char *status, *message;
	struct buf clean;

	if (json_want_str(doc, "", "status", &status, e) < 0 ||
	    json_opt_str(doc, "", "error_message", &message, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
		if (strcmp(verdicts[i].word, status) == 0)
			s->verdict = verdicts[i].verdict;
	if (s->verdict == PRODUCT_SILENT)
		return err_set(e, ERR_ANSWER, "status: \"%.40s\" is not known", status);
	if (message == NULL)
		return 0;
	buf_init(&clean, SIZE_MAX);
	text_clean(&clean, message, SIZE_MAX, NSX_CLAUSE_COLUMNS);
	free(s->verdict_message);
	s->verdict_message = buf_take(&clean);
	return 0;
}
