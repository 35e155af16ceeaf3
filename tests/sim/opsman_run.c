/* opsman_run.c - an installation: what was staged when it began reaches one VM after
 * the other, the Director's first, evenly over its time. */
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "tests/sim/opsman_write.h"

void opsman_free_run(struct opsman_run *run)
{
	if (run == NULL)
		return;
	free(run->user);
	free(run->fresh);
	free(run);
}

struct opsman_run *opsman_running(const struct opsman_state *s)
{
	for (size_t i = 0; i < s->n_runs; i++) {
		if (s->runs[i]->status == OPSMAN_RUNNING && !s->runs[i]->stale)
			return s->runs[i];
	}
	return NULL;
}

/* Does this run reach the VM? */
static bool reaches(const struct opsman_run *run, const struct opsman_vm *vm)
{
	uint64_t mask = vm->of_service ? run->errands & run->products : run->products;

	return (mask & OPSMAN_BIT(vm->product)) != 0;
}

/* What is staged now; a change behind this is for the next run. */
static void take_staged(const struct opsman_state *s, struct opsman_run *run)
{
	run->trusts = opsman_listed(s);
	run->fresh = mem_array(s->n_rows + 1, sizeof *run->fresh);
	run->n_fresh = s->n_rows;
	for (size_t i = 0; i < s->n_rows; i++)
		run->fresh[i] = s->rows[i].staged;
	for (size_t p = 0; p < s->n_products; p++)
		run->signers[p] = opsman_signers(s, (int)p);
	for (size_t v = 0; v < s->n_vms; v++)
		run->n_moves += reaches(run, &s->vms[v]);
}

static bool ca_has_expired(const struct opsman_state *s)
{
	int active = opsman_active_ca(s);

	return active >= 0 && s->cas[active].cert->not_after_at < sim_now_ms(s->sim) / 1000;
}

struct opsman_run *opsman_begin_run(struct opsman_state *s, const struct opsman_order *order)
{
	struct opsman_run *run;

	if (s->n_runs == OPSMAN_RUNS_MAX || s->n_products == 0)
		return NULL;
	run = mem_alloc(sizeof *run);
	run->id = s->next_run_id++;
	run->user = mem_strdup(order->user);
	run->started_ms = sim_now_ms(s->sim);
	run->length_ms = order->length_ms;
	run->planned = order->planned;
	run->fails_at = order->fails_at;
	run->products = order->products | OPSMAN_BIT(s->director);
	run->errands = order->errands;
	run->with_director_only = order->director_only;
	run->recreate = order->recreate || s->recreate_next;
	run->latest = order->latest;
	run->why = "the update of an instance did not complete";
	if (ca_has_expired(s)) {
		run->planned = OPSMAN_FAILED;
		run->fails_at = 0;
		run->why = "x509: certificate has expired or is not yet valid";
	}
	take_staged(s, run);
	s->runs[s->n_runs++] = run;
	return run;
}

static bool is_sticky(const struct opsman_state *s, const struct opsman_run *run,
    const struct opsman_row *row)
{
	const char *location = json_str(json_get(row->given, "location"));

	return s->pace.sticky_credhub && !run->latest && location != NULL &&
	    strcmp(location, "credhub") == 0;
}

/* The rows of a product show what it has now. */
static void deploy_rows(struct opsman_state *s, const struct opsman_run *run, size_t product)
{
	for (size_t i = 0; i < run->n_fresh; i++) {
		struct opsman_row *row = &s->rows[i];

		if ((size_t)row->product != product || is_sticky(s, run, row))
			continue;
		if (run->fresh[i] != NULL)
			row->cert = run->fresh[i];
		if (row->staged == run->fresh[i])
			row->staged = NULL;
		row->comes = false;
		if (row->goes)
			row->n = 0;
	}
}

static void end_part(struct opsman_state *s, struct opsman_run *run, size_t p)
{
	struct opsman_product *product = &s->products[p];

	run->part[p] = OPSMAN_DEPLOYED;
	deploy_rows(s, run, p);
	product->deployed_order = run->id;
	s->n_deployments++;
	if (opsman_foreign_change(s, (int)p) != NULL)
		s->n_foreign++;
	product->foreign_deployed = true;
}

/* Whose VMs are left; then the run is through with that product. */
static bool has_left(const struct opsman_state *s, const struct opsman_run *run, size_t product,
    size_t first_vm)
{
	for (size_t v = first_vm; v < s->n_vms; v++) {
		if ((size_t)s->vms[v].product == product && reaches(run, &s->vms[v]))
			return true;
	}
	return false;
}

/* The products of a run one after the other: the Director, then as they are listed. */
static size_t nth_product(const struct opsman_state *s, size_t i)
{
	if (i == 0)
		return s->director;
	return i <= s->director ? i - 1 : i;
}

static int64_t due_ms(const struct opsman_run *run, size_t move)
{
	return run->started_ms + run->length_ms * (int64_t)(move + 1) / (int64_t)(run->n_moves + 1);
}

/* How many of its VMs a run reaches at all. */
static size_t moves_planned(const struct opsman_run *run)
{
	if (run->planned == OPSMAN_SUCCEEDED)
		return run->n_moves;
	return run->n_moves * (size_t)run->fails_at / 100;
}

/* One product as far as the time has come; false: there is something left. */
static bool move_product(struct opsman_state *s, struct opsman_run *run, size_t p, size_t *seen,
    int64_t now_ms)
{
	for (size_t v = 0; v < s->n_vms; v++) {
		if ((size_t)s->vms[v].product != p || !reaches(run, &s->vms[v]))
			continue;
		if ((*seen)++ < run->n_done)
			continue;
		if (run->part[p] == OPSMAN_PENDING && now_ms >= run->started_ms) {
			run->part[p] = OPSMAN_DEPLOYING;
			run->part_ms[p] = run->n_done > 0 ? due_ms(run, run->n_done - 1) :
			    run->started_ms;
		}
		if (run->n_done >= moves_planned(run) || now_ms < due_ms(run, run->n_done))
			return false;
		opsman_move_vm(s, run, &s->vms[v]);
		run->n_done++;
		if (!has_left(s, run, p, v + 1))
			end_part(s, run, p);
	}
	if (run->part[p] == OPSMAN_PENDING && !has_left(s, run, p, 0))
		end_part(s, run, p);
	return true;
}

static void drop_lost_changes(struct opsman_state *s, const struct opsman_run *run)
{
	if (strcmp(s->pace.during_apply, "lost") != 0)
		return;
	for (size_t i = 0; i < run->n_fresh; i++) {
		if (s->rows[i].staged != run->fresh[i])
			s->rows[i].staged = NULL;
	}
}

void opsman_end_run(struct opsman_state *s, struct opsman_run *run, enum opsman_status status,
    int64_t at_ms)
{
	run->status = status;
	run->finished_ms = at_ms;
	for (size_t p = 0; p < s->n_products; p++) {
		if (run->part[p] == OPSMAN_DEPLOYING)
			run->part[p] = OPSMAN_BROKEN;
		else if (run->part[p] == OPSMAN_PENDING)
			run->part[p] = OPSMAN_SKIPPED;
	}
	drop_lost_changes(s, run);
	if (status != OPSMAN_SUCCEEDED)
		return;
	s->recreate_next = s->recreate_director_next = false;
	if (s->services_rotated && !run->with_director_only)
		opsman_outage(s, "the Services TLS CA was rotated with the others");
	s->services_rotated = s->services_rotated && run->with_director_only;
}

static void move_run(struct opsman_state *s, struct opsman_run *run, int64_t now_ms)
{
	size_t seen = 0;
	int64_t end_ms = run->started_ms + run->length_ms;

	if (run->planned == OPSMAN_FAILED)
		end_ms = run->started_ms + run->length_ms * run->fails_at / 100;
	for (size_t i = 0; i < s->n_products; i++) {
		size_t p = nth_product(s, i);

		if ((run->products & OPSMAN_BIT(p)) != 0 && !move_product(s, run, p, &seen, now_ms))
			break;
	}
	if (now_ms >= end_ms)
		opsman_end_run(s, run, run->planned, end_ms);
}

void opsman_tick(struct opsman_state *s)
{
	int64_t now_ms = sim_now_ms(s->sim);
	struct opsman_run *run;

	if (s->phase == OPSMAN_BOOTING && s->locks_at_ms > 0 && now_ms >= s->locks_at_ms) {
		s->phase = OPSMAN_LOCKED;
		s->locks_at_ms = 0;
	}
	if (s->others_run != NULL && now_ms >= s->others_at_ms &&
	    opsman_others_run(s, s->others_run, NULL) == 0)
		s->others_run = NULL;   /* while one is under way that operator waits */
	run = opsman_running(s);
	if (run != NULL)
		move_run(s, run, now_ms);
	if (s->pace.version_after_ms >= 0 && now_ms >= s->pace.version_after_ms) {
		s->pace.version_after_ms = -1;
		if (opsman_read_version(s, s->pace.version_then) != 0)
			s->pace.version_then = NULL;
	}
}

/* "all", "none", or guids. */
static int read_products(const struct opsman_state *s, const struct json *value,
    struct opsman_order *order, struct err *e)
{
	const char *word = json_str(value);

	order->director_only = word != NULL && strcmp(word, "none") == 0;
	if (value == NULL || (word != NULL && strcmp(word, "all") == 0))
		order->products = UINT64_MAX;
	else if (!json_is_array(value) && !order->director_only)
		return err_set(e, ERR_CONFIG, "products: want all, none or guids");
	for (const struct json *m = json_first(value); m != NULL; m = json_next(m)) {
		int p = opsman_product_by_guid(s, json_str(m));

		if (p < 0)
			return err_set(e, ERR_CONFIG, "products: no such product");
		order->products |= OPSMAN_BIT(p);
	}
	return 0;
}

int opsman_read_others(const struct opsman_state *s, const struct json *value,
    struct opsman_order *order, struct err *e)
{
	static const char *const keys[] = {
		"user", "products", "apply_s", "result", "fails_at", "after_s", NULL
	};
	int64_t apply_s = -1, fails_at = s->pace.fails_at;
	const char *result = NULL;

	*order = (struct opsman_order){ .user = "operator", .errands = UINT64_MAX };
	if (sim_known_keys(value, "apply", keys, NULL, e) != 0 ||
	    json_opt_str(value, "apply", "user", &order->user, e) != 0 ||
	    json_opt_i64(value, "apply", "apply_s", &apply_s, e) != 0 ||
	    json_opt_i64(value, "apply", "fails_at", &fails_at, e) != 0 ||
	    json_opt_str(value, "apply", "result", &result, e) != 0 ||
	    read_products(s, json_get(value, "products"), order, e) != 0)
		return -1;
	order->length_ms = apply_s >= 0 ? apply_s * 1000 : s->pace.apply_ms;
	order->fails_at = (int)fails_at;
	order->planned = result != NULL && strcmp(result, "failed") == 0 ? OPSMAN_FAILED :
	    OPSMAN_SUCCEEDED;
	return 0;
}

int opsman_others_run(struct opsman_state *s, const struct json *value, struct err *e)
{
	struct opsman_order order;

	if (opsman_read_others(s, value, &order, e) != 0)
		return -1;
	if (opsman_running(s) != NULL || opsman_begin_run(s, &order) == NULL)
		return err_set(e, ERR_CONFIG, "an installation is running");
	return 0;
}
