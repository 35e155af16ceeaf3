/* opsman_certs.c - the CA list and the deployed certificates, in the shapes of
 * each version. */
#include "tests/sim/opsman_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define DAY_S 86400

void opsman_put_time(struct json_writer *w, const char *key, int64_t at, bool date_only)
{
	char text[TEXT_TIME_BYTES];

	text_from_time(at, text);
	if (date_only)
		text[strcspn(text, "T")] = '\0';
	jsonw_str(w, key, text);
}

void opsman_put_ca(const struct opsman_state *s, struct json_writer *w, const struct opsman_ca *ca,
    bool active)
{
	jsonw_str(w, "guid", ca->guid);
	jsonw_str(w, "issuer", ca->issuer);
	opsman_put_time(w, "created_on", ca->created_at, s->dates_only);
	if (ca->expires_on != NULL)
		jsonw_str(w, "expires_on", *ca->expires_on != '\0' ? ca->expires_on : NULL);
	else
		opsman_put_time(w, "expires_on", ca->cert->not_after_at, s->dates_only);
	jsonw_bool(w, "active", active);
	if (ca->pem != NULL)
		jsonw_str(w, "cert_pem", *ca->pem != '\0' ? ca->pem : NULL);
	else
		jsonw_str(w, "cert_pem", ca->cert->leaf_pem);
	if (ca->nats != NULL && opsman_at_least(s, 2, 3, 10))
		jsonw_str(w, "nats_cert_pem", ca->nats->leaf_pem);
	else if (ca->nats_is_null)
		jsonw_null(w, "nats_cert_pem");
}

static void put_ca(const struct opsman_state *s, struct json_writer *w, const struct opsman_ca *ca)
{
	if (ca->gone)
		return;
	jsonw_open(w, NULL, '{');
	opsman_put_ca(s, w, ca, ca->active);
	jsonw_close(w, '}');
}

void opsman_ca_list(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json_writer w;

	(void)rq;
	sim_reply_json(rp, 200, &w);
	rp->chunked = true;
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "certificate_authorities", '[');
	for (size_t i = 0; i < s->n_cas; i++)
		put_ca(s, &w, &s->cas[i]);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

void opsman_root_ca(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	struct json_writer w;

	(void)rq;
	sim_reply_json(rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	for (size_t i = 0; i < s->n_cas; i++)
		if (s->cas[i].active && !s->cas[i].gone)
			jsonw_str(&w, "root_ca_certificate_pem", s->cas[i].cert->leaf_pem);
	jsonw_close(&w, '}');
}

void opsman_copy(struct json_writer *w, const char *key, const struct json *parent, const struct json *value)
{
	int64_t number;
	int flag = -1;

	if (json_is_string(value)) {
		jsonw_str(w, key, json_str(value));
	} else if (json_i64(value, &number)) {
		jsonw_i64(w, key, number);
	} else if (json_is_object(value) || json_is_array(value)) {
		bool object = json_is_object(value);

		jsonw_open(w, key, object ? '{' : '[');
		for (const struct json *m = json_first(value); m != NULL; m = json_next(m))
			opsman_copy(w, object ? json_key(m) : NULL, value, m);
		jsonw_close(w, object ? '}' : ']');
	} else if (key != NULL && json_opt_bool(parent, "", key, &flag, NULL) == 0 && flag >= 0) {
		jsonw_bool(w, key, flag == 1);
	} else {
		jsonw_null(w, key);
	}
}

/* Defaults of a row's members by version; a member that the scenario names is sent as it stands there. */
static bool is_given(const struct opsman_row *row, const char *key)
{
	for (const struct json *m = json_first(row->given); m != NULL; m = json_next(m))
		if (strcmp(json_key(m), key) == 0)
			return true;
	return false;
}

static bool is_credhub(const struct opsman_row *row)
{
	const char *location = json_str(json_get(row->given, "location"));

	return location != NULL && strcmp(location, "credhub") == 0;
}

static void put_issuer(struct json_writer *w, const struct sim_cert *cert)
{
	const struct sim_cert *issuer = cert->issuer != NULL ? cert->issuer : cert;
	char *text = mem_printf("/CN=%s", issuer->cn != NULL ? issuer->cn : "");

	jsonw_str(w, "issuer", text);
	free(text);
}

/* What this row shows of its certificate: what is deployed, unless the scenario lets the
 * staged one be seen before. */
static const struct sim_cert *shown(const struct opsman_state *s, const struct opsman_row *row)
{
	return s->pace.rows_at_regenerate && row->staged != NULL ? row->staged : row->cert;
}

/* Issuer and valid_from of a CredHub row are null from 2.7 on. */
static void put_facts(const struct opsman_state *s, struct json_writer *w, const struct opsman_row *row)
{
	bool hidden = is_credhub(row) && opsman_at_least(s, 2, 7, 0);
	const struct sim_cert *cert = shown(s, row);

	if (!is_given(row, "issuer")) {
		if (hidden || cert == NULL)
			jsonw_null(w, "issuer");
		else
			put_issuer(w, cert);
	}
	if (!is_given(row, "valid_from")) {
		if (hidden || cert == NULL)
			jsonw_null(w, "valid_from");
		else
			opsman_put_time(w, "valid_from", cert->not_before_at, false);
	}
	if (!is_given(row, "valid_until") && cert != NULL)
		opsman_put_time(w, "valid_until", cert->not_after_at, false);
	if (!is_given(row, "is_ca") && opsman_at_least(s, 2, 7, 0))
		jsonw_bool(w, "is_ca", row->cert != NULL && row->cert->is_ca);
}

static void put_row(const struct opsman_state *s, struct json_writer *w, const struct opsman_row *row)
{
	static const char *const nullable[] = {
		"property_reference", "property_type", "product_guid", "variable_path", NULL
	};

	jsonw_open(w, NULL, '{');
	for (const struct json *m = json_first(row->given); m != NULL; m = json_next(m)) {
		if (strcmp(json_key(m), "is_ca") == 0 && !opsman_at_least(s, 2, 7, 0))
			continue;
		opsman_copy(w, json_key(m), row->given, m);
	}
	for (size_t i = 0; nullable[i] != NULL; i++)
		if (!is_given(row, nullable[i]))
			jsonw_null(w, nullable[i]);
	if (!is_given(row, "configurable"))
		jsonw_bool(w, "configurable", false);
	if (!is_given(row, "location"))
		jsonw_str(w, "location", "ops_manager");
	put_facts(s, w, row);
	if (!is_given(row, "rotation_procedure_name") && opsman_at_least(s, 2, 10, 33)) {
		jsonw_str(w, "rotation_procedure_name", row->cert != NULL && row->cert->is_ca ?
		    "Standard CA Procedure" : "Non-configurable Leaf Procedure");
		jsonw_str(w, "rotation_procedure_url", "https://docs.example/rotate");
	}
	jsonw_close(w, '}');
}

/* "3m" and the like; the number of seconds, -1 when it is none of them. */
static int64_t within_s(const char *text)
{
	static const struct { char letter; int64_t days; } units[] = {
		{ 'd', 1 }, { 'w', 7 }, { 'm', 30 }, { 'y', 365 }
	};
	int64_t n;
	char *digits;
	size_t len = strlen(text);
	int64_t result = -1;

	if (len < 2 || *text == '0' || *text == '-' || *text == '+')
		return -1;
	digits = mem_strndup(text, len - 1);
	for (size_t i = 0; i < 4; i++)
		if (text[len - 1] == units[i].letter && text_to_i64(digits, 1, 100000, &n) == 0)
			result = n * units[i].days * DAY_S;
	free(digits);
	return result;
}

static bool root_ca_has_expired(const struct opsman_state *s, int64_t now_s)
{
	for (size_t i = 0; i < s->n_cas; i++)
		if (s->cas[i].active && !s->cas[i].gone && s->cas[i].cert->not_after_at < now_s)
			return true;
	return false;
}

static bool is_wanted(const struct opsman_state *s, const struct opsman_row *row, int64_t now_s,
    int64_t limit_s)
{
	const struct sim_cert *cert = shown(s, row);

	return !row->comes && (limit_s < 0 || cert == NULL || cert->not_after_at < now_s + limit_s);
}

/* The list is empty once the root CA has expired: KB 298006. */
static void put_rows(const struct opsman_state *s, struct json_writer *w, int64_t now_s, int64_t limit_s)
{
	if (root_ca_has_expired(s, now_s))
		return;
	for (size_t i = 0; i < s->n_rows; i++)
		for (int k = 0; k < s->rows[i].n && is_wanted(s, &s->rows[i], now_s, limit_s); k++)
			put_row(s, w, &s->rows[i]);
}

static void answer_rows(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	const char *within = sim_request_query(rq, "expires_within");
	int64_t limit_s = within != NULL ? within_s(within) : -1;
	struct json_writer w;

	if (within != NULL && limit_s < 0) {
		opsman_error(rp, 422, "expires_within is not valid");
		return;
	}
	sim_reply_json(rp, 200, &w);
	rp->chunked = true;
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "certificates", '[');
	put_rows(s, &w, rq->now_ms / 1000, limit_s);
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

void opsman_deployed(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	answer_rows(s, rq, rp);
}

/* 3.0 and later.  The rows stand flat, each without "signs": a client must not
 * need the tree. */
void opsman_deployed_v1(struct opsman_state *s, const struct sim_request *rq, struct sim_reply *rp)
{
	if (!opsman_at_least(s, 3, 0, 0))
		sim_reply_set(rp, 404, "text/html");
	else
		answer_rows(s, rq, rp);
}
