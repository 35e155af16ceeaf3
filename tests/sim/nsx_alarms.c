/* nsx_alarms.c - the certificate alarms, computed from the certificates. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/nsx_call.h"

#define DAY_S 86400

static const struct level {
	int days;                     /* the alarm is raised with at most so many left */
	const char *event;
	const char *display;
	const char *severity;
} levels[] = {
	{ 0, "certificate_expired", "Certificate Expired", "CRITICAL" },
	{ 7, "certificate_is_about_to_expire", "Certificate Is About To Expire", "HIGH" },
	{ 30, "certificate_expiration_approaching", "Certificate Expiration Approaching",
	    "MEDIUM" },
};

/* From 3.2 on a service certificate alarms while in use, an unused one never. */
static const struct level *level_of(const struct nsx *n, const struct nsx_row *row)
{
	int64_t left_s = row->cert->not_after_at - sim_now_ms(n->sim) / 1000;

	if (!row->in_store || row->n_uses == 0)
		return NULL;
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (left_s <= (int64_t)levels[i].days * DAY_S)
			return &levels[i];
	}
	return NULL;
}

static const char *alarm_id(const void *item)
{
	return ((const struct nsx_row *)item)->alarm_id;
}

static void write_alarm(struct nsx *n, struct nsx_call *c, const void *item, struct json_writer *w)
{
	const struct nsx_row *row = item;
	const struct level *level = level_of(n, row);
	const struct nsx_node *node = nsx_node_by_id(n, row->use[0].node_id);
	char *text = mem_printf("Certificate %s %s.", row->id, level->days == 0 ? "has expired" :
	    "is going to expire");

	jsonw_open(w, NULL, '{');
	jsonw_str(w, "id", row->alarm_id);
	jsonw_str(w, "feature_name", "certificates");
	jsonw_str(w, "event_type", level->event);
	jsonw_str(w, "feature_display_name", "Certificates");
	jsonw_str(w, "event_type_display_name", level->display);
	jsonw_str(w, "summary", text);
	jsonw_str(w, "description", text);
	jsonw_str(w, "recommended_action", "Replace the certificate.");
	jsonw_str(w, "node_id", row->use[0].node_id);
	jsonw_str(w, "node_display_name", node != NULL ? node->name : row->use[0].node_id);
	jsonw_str(w, "node_resource_type", "ClusterNodeConfig");
	jsonw_str(w, "entity_id", row->id);
	jsonw_str(w, "alarm_source_type", "ENTITY_ID");
	jsonw_open(w, "alarm_source", '[');
	jsonw_str(w, NULL, row->id);
	jsonw_close(w, ']');
	jsonw_str(w, "severity", level->severity);
	jsonw_str(w, "status", "OPEN");
	jsonw_i64(w, "last_reported_time", c->rq->now_ms);
	jsonw_i64(w, "_create_time", row->created_ms);
	jsonw_close(w, '}');
	free(text);
}

static bool fits(const struct nsx_call *c, const char *argument, const char *value)
{
	const char *wanted = sim_request_query(c->rq, argument);

	return wanted == NULL || strcmp(wanted, value) == 0;
}

void nsx_get_alarms(struct nsx *n, struct nsx_call *c)
{
	struct nsx_list list = { .id = alarm_id, .name = nsx_row_name, .write = write_alarm };

	for (size_t i = 0; i < n->n_rows; i++) {
		const struct level *level = level_of(n, n->row[i]);

		if (level != NULL && fits(c, "feature_name", "certificates") &&
		    fits(c, "status", "OPEN") && fits(c, "event_type", level->event) &&
		    fits(c, "severity", level->severity))
			nsx_list_add(&list, n->row[i]);
	}
	nsx_list_answer(n, c, &list);
}

void nsx_get_alarm(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	for (size_t i = 0; i < n->n_rows; i++) {
		if (strcmp(n->row[i]->alarm_id, c->arg[0]) != 0 || level_of(n, n->row[i]) == NULL)
			continue;
		sim_reply_json(c->rp, 200, &w);
		write_alarm(n, c, n->row[i], &w);
		return;
	}
	nsx_not_found(c->rp, c->arg[0]);
}
