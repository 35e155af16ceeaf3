/* nsx_activity.c - other work on the appliance: upgrade, backup, restore, as the scenario says. */
#include <string.h>
#include "tests/sim/nsx_write.h"

void nsx_get_upgrade_status(struct nsx *n, struct nsx_call *c)
{
	static const char *const components[] = { "HOST", "EDGE", "MP", "FINALIZE_UPGRADE" };
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "overall_upgrade_status", n->pace.upgrade);
	jsonw_open(&w, "component_status", '[');
	for (size_t i = 0; i < sizeof components / sizeof components[0]; i++) {
		jsonw_open(&w, NULL, '{');
		jsonw_str(&w, "component_type", components[i]);
		jsonw_str(&w, "status", n->pace.upgrade);
		jsonw_i64(&w, "percent_complete",
		    strcmp(n->pace.upgrade, "SUCCESS") == 0 ? 100 : 0);
		jsonw_bool(&w, "can_skip", false);
		jsonw_close(&w, '}');
	}
	jsonw_close(&w, ']');
	jsonw_close(&w, '}');
}

void nsx_get_backup_status(struct nsx *n, struct nsx_call *c)
{
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "operation_type", n->pace.backup);
	/* No operation: none of the other fields is set. */
	if (strcmp(n->pace.backup, "NONE") != 0) {
		jsonw_str(&w, "backup_id", n->cluster_id);
		jsonw_str(&w, "current_step", "BACKUP_CREATING_CLUSTER_BACKUP");
		jsonw_i64(&w, "start_time", c->rq->now_ms - 60000);
		jsonw_i64(&w, "end_time", c->rq->now_ms + 60000);
	}
	jsonw_close(&w, '}');
}

void nsx_get_restore_status(struct nsx *n, struct nsx_call *c)
{
	bool initial = strcmp(n->pace.restore, "INITIAL") == 0;
	struct json_writer w;

	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_str(&w, "id", n->cluster_id);
	jsonw_open(&w, "status", '{');
	jsonw_str(&w, "value", n->pace.restore);
	jsonw_str(&w, "description", initial ? "The restore process has not started." :
	    "The restore process has started.");
	jsonw_close(&w, '}');
	jsonw_i64(&w, "total_steps", initial ? 0 : 9);
	jsonw_close(&w, '}');
}
