/* opsman_dump.c - what opsman_sim believes, for /_sim/state. */
#include "tests/sim/opsman_write.h"

static const char *guid_of(const struct opsman_state *s, int ca)
{
	return ca >= 0 ? s->cas[ca].guid : NULL;
}

static void dump_cas(const struct opsman_state *s, struct json_writer *w)
{
	jsonw_open(w, "cas", '[');
	for (size_t i = 0; i < s->n_cas; i++) {
		const struct opsman_ca *ca = &s->cas[i];

		if (ca->gone)
			continue;
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "guid", ca->guid);
		jsonw_str(w, "sha256", ca->cert->sha256);
		jsonw_str(w, "nats_sha256", ca->nats != NULL ? ca->nats->sha256 : NULL);
		jsonw_bool(w, "active", ca->active);
		opsman_put_time(w, "created_on", ca->created_at, false);
		opsman_put_time(w, "not_after", ca->cert->not_after_at, false);
		jsonw_bool(w, "trusted_by_all", opsman_all_trust(s, (int)i));
		jsonw_bool(w, "has_leafs", opsman_any_leaf_of(s, (int)i));
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void dump_mask(const struct opsman_state *s, struct json_writer *w, const char *key,
    uint64_t mask)
{
	jsonw_open(w, key, '[');
	for (size_t i = 0; i < s->n_cas; i++) {
		if ((mask & OPSMAN_BIT(i)) != 0)
			jsonw_str(w, NULL, s->cas[i].guid);
	}
	jsonw_close(w, ']');
}

static void dump_vms(const struct opsman_state *s, struct json_writer *w)
{
	jsonw_open(w, "vms", '[');
	for (size_t i = 0; i < s->n_vms; i++) {
		const struct opsman_vm *vm = &s->vms[i];

		jsonw_open(w, NULL, '{');
		jsonw_str(w, "product", s->products[vm->product].guid);
		jsonw_bool(w, "service_instance", vm->of_service);
		dump_mask(s, w, "trusts", vm->trusts);
		dump_mask(s, w, "signers", vm->signers);
		jsonw_bool(w, "cut_off", vm->cut_off);
		jsonw_i64(w, "moved", vm->n_moved);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void dump_leafs(const struct opsman_state *s, struct json_writer *w)
{
	jsonw_open(w, "leafs", '[');
	for (size_t i = 0; i < s->n_rows; i++) {
		const struct opsman_row *row = &s->rows[i];
		const char *path = json_str(json_get(row->given, "variable_path"));

		if (row->cert == NULL || row->cert->is_ca || row->n == 0)
			continue;
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "name", path != NULL ? path :
		    json_str(json_get(row->given, "property_reference")));
		jsonw_str(w, "product", s->products[row->product].guid);
		jsonw_str(w, "signer", guid_of(s, opsman_ca_of(s, row->cert->issuer)));
		jsonw_str(w, "sha256", row->cert->sha256);
		opsman_put_time(w, "valid_from", row->cert->not_before_at, false);
		opsman_put_time(w, "valid_until", row->cert->not_after_at, false);
		jsonw_bool(w, "staged", row->staged != NULL);
		jsonw_bool(w, "regenerates", opsman_regenerates(s, row));
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void dump_runs(const struct opsman_state *s, struct json_writer *w)
{
	static const char *const words[] = {
		[OPSMAN_RUNNING] = "running", [OPSMAN_SUCCEEDED] = "succeeded",
		[OPSMAN_FAILED] = "failed",
	};
	uint64_t every = s->n_products < 64 ? OPSMAN_BIT(s->n_products) - 1 : UINT64_MAX;

	jsonw_open(w, "installations", '[');
	for (size_t i = s->n_runs; i-- > 0;) {
		const struct opsman_run *run = s->runs[i];

		jsonw_open(w, NULL, '{');
		jsonw_i64(w, "id", run->id);
		jsonw_str(w, "user", run->user);
		jsonw_str(w, "status", words[run->status]);
		jsonw_bool(w, "stale", run->stale);
		jsonw_bool(w, "all_products", (run->products & every) == every);
		jsonw_bool(w, "recreate", run->recreate);
		jsonw_bool(w, "force_latest_variables", run->latest);
		jsonw_i64(w, "vms", (int64_t)run->n_moves);
		jsonw_i64(w, "vms_done", (int64_t)run->n_done);
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void dump_products(const struct opsman_state *s, struct json_writer *w)
{
	jsonw_open(w, "products", '[');
	for (size_t i = 0; i < s->n_products; i++) {
		jsonw_open(w, NULL, '{');
		jsonw_str(w, "guid", s->products[i].guid);
		jsonw_bool(w, "all_applied", !opsman_is_dirty(s, (int)i));
		jsonw_close(w, '}');
	}
	jsonw_close(w, ']');
}

static void dump_acts(const struct opsman_acts *a, struct json_writer *w)
{
	const struct {
		const char *name;
		int64_t n;
	} acts[] = {
		{ "generate", a->generate }, { "create", a->create }, { "activate", a->activate },
		{ "regenerate", a->regenerate }, { "delete", a->delete }, { "apply", a->apply },
		{ "recreate", a->recreate }, { "unlock", a->unlock }
	};
	int64_t all = 0;

	jsonw_open(w, "acts", '{');
	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
		jsonw_i64(w, acts[i].name, acts[i].n);
		all += acts[i].n;
	}
	jsonw_close(w, '}');
	jsonw_i64(w, "changes", all);
}

/* Rows that are in the list now. */
static int64_t count_rows(const struct opsman_state *s)
{
	int64_t n = 0;

	for (size_t i = 0; i < s->n_rows; i++)
		n += s->rows[i].n > 0 && !s->rows[i].comes;
	return n;
}

void opsman_dump(void *state, struct json_writer *w)
{
	struct opsman_state *s = state;

	opsman_tick(s);
	jsonw_str(w, "version", s->version);
	jsonw_str(w, "phase", opsman_phase_name(opsman_phase(s, sim_now_ms(s->sim))));
	jsonw_i64(w, "overlapping_calls", s->n_overlaps);
	jsonw_i64(w, "overlaps", s->n_overlaps);
	jsonw_i64(w, "lost_calls", s->n_lost);
	jsonw_i64(w, "refused_logins", s->n_refused_logins);
	jsonw_i64(w, "tokens", (int64_t)s->n_tokens);
	jsonw_i64(w, "rows", count_rows(s));
	jsonw_str(w, "listener_sha256", s->listener->sha256);
	jsonw_i64(w, "outages", s->n_outages);
	jsonw_str(w, "first_outage", s->n_outages > 0 ? s->first_outage : NULL);
	jsonw_i64(w, "skipped_safety_checks", s->n_unsafe);
	jsonw_i64(w, "foreign_changes_deployed", s->n_foreign);
	jsonw_bool(w, "recreate_next", s->recreate_next);
	jsonw_bool(w, "busy", opsman_running(s) != NULL);
	jsonw_str(w, "signer", guid_of(s, s->signer));
	dump_cas(s, w);
	dump_products(s, w);
	dump_vms(s, w);
	dump_leafs(s, w);
	dump_runs(s, w);
	dump_acts(&s->acts, w);
}
