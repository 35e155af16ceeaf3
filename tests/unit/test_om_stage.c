/* test_om_stage.c - how far a rotation is, from every combination of lists. */
#include "tests/unit/unit.h"

#include <string.h>
#include "remediate/om_leafs.h"
#include "remediate/om_stage.h"
#include "tests/unit/view_om.h"

#define HOUR INT64_C(3600)
#define DAY SAMPLE_DAY

/* A world in which the new CA was made four hours ago. */
static void generated(struct view_world *w)
{
	vom_open(w);
	vom_add_ca(w, &(struct vom_ca){ .guid = VOM_NEW, .made_s = -4 * HOUR,
		.begins_s = -5 * HOUR });
}
static void distributed(struct view_world *w)
{
	generated(w);
	vom_install(w, 11, OM_SUCCEEDED, -3 * HOUR);
}
static void activated(struct view_world *w)
{
	distributed(w);
	vom_activate(w, VOM_NEW);
}
static void regenerated(struct view_world *w)
{
	activated(w);
	vom_renew_leafs(w, -2 * HOUR, true);
}
static void live(struct view_world *w)
{
	regenerated(w);
	vom_install(w, 12, OM_SUCCEEDED, -HOUR / 2);
}

typedef void build_fn(struct view_world *w);
typedef void change_fn(struct view_world *w);

static void as_it_is(struct view_world *w) { (void)w; }
static void selective(struct view_world *w) { w->view.om.installations[0].all_products = 0; }
static void not_told_which(struct view_world *w) { w->view.om.installations[0].all_products = -1; }
static void failed(struct view_world *w) { w->view.om.installations[0].status = OM_FAILED; }
static void running(struct view_world *w) { w->view.om.installations[0].status = OM_RUNNING; }
static void before_it(struct view_world *w)
{
	w->view.om.installations[0].started_at = SAMPLE_NOW - 4 * HOUR;   /* not after: at it */
}
static void no_start(struct view_world *w) { w->view.om.installations[0].has_started_at = false; }
static void away(struct view_world *w) { err_set(&w->view.om.err, ERR_AUTH, "no token"); }
static void none_active(struct view_world *w) { vom_activate(w, "none"); }
static void both_active(struct view_world *w)
{
	vom_ca(w, VOM_NEW)->active = vom_ca(w, VOM_OLD)->active = 1;
}
static void not_told_active(struct view_world *w) { vom_ca(w, VOM_NEW)->active = -1; }
static void third_newer(struct view_world *w)
{
	vom_add_ca(w, &(struct vom_ca){ .guid = VOM_THIRD, .made_s = -HOUR });
}
static void third_older(struct view_world *w)
{
	vom_add_ca(w, &(struct vom_ca){ .guid = VOM_THIRD, .made_s = -2000 * DAY });
}
static void own_newer(struct view_world *w) { strcpy(vom_ca(w, VOM_NEW)->issuer, "acme"); }
static void own_older(struct view_world *w) { strcpy(vom_ca(w, VOM_OLD)->issuer, "acme"); }

static void same_time(struct view_world *w, bool is_day)
{
	struct om_ca *a = vom_ca(w, VOM_OLD), *b = vom_ca(w, VOM_NEW);

	a->created_at = b->created_at = SAMPLE_NOW - DAY;
	a->created_is_day = b->created_is_day = is_day;
}
static void same_day(struct view_world *w) { same_time(w, true); }
static void same_second(struct view_world *w) { same_time(w, false); }
static void same_day_no_pem(struct view_world *w)
{
	same_day(w);
	vom_ca(w, VOM_NEW)->sha256[0] = '\0';
}
static void same_day_same_begin(struct view_world *w)
{
	same_day(w);
	vom_ca(w, VOM_NEW)->not_before_at = vom_ca(w, VOM_OLD)->not_before_at;
}
static void one_by_day(struct view_world *w)
{
	same_day(w);
	vom_ca(w, VOM_NEW)->created_at += 5 * HOUR;      /* the same day still */
	vom_ca(w, VOM_NEW)->created_is_day = false;
}
static void no_created(struct view_world *w) { vom_ca(w, VOM_NEW)->has_created_at = false; }
/* An Apply of the day on which it was made may have begun before. */
static void day_of_apply(struct view_world *w)
{
	vom_ca(w, VOM_NEW)->created_is_day = true;
	vom_ca(w, VOM_NEW)->created_at = SAMPLE_NOW - DAY;
}
static void day_before_apply(struct view_world *w)
{
	day_of_apply(w);
	vom_ca(w, VOM_NEW)->created_at -= DAY;
}
static void never_applied(struct view_world *w)
{
	for (size_t i = 0; i < w->view.om.n_installations; i++)
		w->view.om.installations[i].status = OM_FAILED;
}
static void one_old_leaf(struct view_world *w)
{
	vom_add_leaf(w, ".properties.uaa_ssl", ROLE_OM_LEAF, -300 * DAY, 400 * DAY);
}
static void one_leaf_of_between(struct view_world *w)     /* made before the Apply had ended */
{
	vom_add_leaf(w, ".properties.uaa_ssl", ROLE_OM_LEAF, -4 * HOUR - 300, 400 * DAY);
}
static void one_leaf_without_date(struct view_world *w)
{
	vom_add_leaf(w, "/cf/other", ROLE_OM_LEAF, 0, 400 * DAY);
}
static void old_exempt_leafs(struct view_world *w)
{
	vom_add_leaf(w, "/services/tls_leaf", ROLE_OM_LEAF, 0, 400 * DAY);
	vom_add_leaf(w, ".properties.poe", ROLE_OM_CONFIGURABLE, -300 * DAY, 400 * DAY);
	vom_add_leaf(w, ".saml_service_provider", ROLE_OM_SAML, -300 * DAY, 400 * DAY);
}
static void no_leafs(struct view_world *w)
{
	vworld_remove(w, VOM_LEAF);
	vworld_remove(w, VOM_CREDHUB_LEAF);
}
static void server_ahead(struct view_world *w) { w->view.om.server_at += 400 * DAY; }
static void stale_running_below(struct view_world *w)
{
	w->view.om.installations[w->view.om.n_installations - 1].status = OM_RUNNING;
}

static const struct {
	const char *comment;
	build_fn *build;
	change_fn *change;
	enum om_stage stage;
	const char *why;
} rows[] = {
	{ "one CA", vom_open, as_it_is, OM_IDLE, "" },
	{ "one own CA", vom_open, own_older, OM_IDLE, "" },
	{ "not read", vom_open, away, OM_UNCLEAR, "no token" },
	{ "none active", vom_open, none_active, OM_UNCLEAR, "0 of 1" },
	{ "a newer one", generated, as_it_is, OM_GENERATED, "" },
	{ "applied", distributed, as_it_is, OM_DISTRIBUTED, "" },
	{ "applied, an old row below still runs", distributed, stale_running_below, OM_DISTRIBUTED,
	  "" },
	{ "applied to some", distributed, selective, OM_GENERATED, "" },
	{ "applied to what is not told", distributed, not_told_which, OM_GENERATED, "" },
	{ "failed", distributed, failed, OM_GENERATED, "" },
	{ "being applied", distributed, running, OM_GENERATED, "" },
	{ "applied too early", distributed, before_it, OM_GENERATED, "" },
	{ "applied at no time", distributed, no_start, OM_GENERATED, "" },
	{ "our clock is not asked", distributed, server_ahead, OM_DISTRIBUTED, "" },
	{ "both active", distributed, both_active, OM_UNCLEAR, "2 of 2" },
	{ "one not told", distributed, not_told_active, OM_UNCLEAR, VOM_NEW },
	{ "two newer", distributed, third_newer, OM_UNCLEAR, VOM_THIRD },
	{ "newer and older", distributed, third_older, OM_UNCLEAR, "not finished" },
	{ "an own newer one", distributed, own_newer, OM_UNCLEAR, "not generated here" },
	{ "beside an own active one", distributed, own_older, OM_UNCLEAR, "not generated here" },
	{ "the same day: by notBefore", generated, same_day, OM_GENERATED, "" },
	{ "the same second: by notBefore", generated, same_second, OM_GENERATED, "" },
	{ "a day and a moment of it", generated, one_by_day, OM_GENERATED, "" },
	{ "the same day, no PEM", generated, same_day_no_pem, OM_UNCLEAR, "cannot be told" },
	{ "the same day and begin", generated, same_day_same_begin, OM_UNCLEAR, "cannot be told" },
	{ "made at no time told", distributed, no_created, OM_GENERATED, "" },
	{ "applied on the day that it was made", distributed, day_of_apply, OM_GENERATED, "" },
	{ "applied the day after", distributed, day_before_apply, OM_DISTRIBUTED, "" },
	{ "activated", activated, as_it_is, OM_ACTIVATED, "" },
	{ "activated, never applied", activated, never_applied, OM_UNCLEAR, "may not trust" },
	{ "activated, applied to what is not told", activated, not_told_which, OM_ACTIVATED, "" },
	{ "activated, an own old one", activated, own_older, OM_UNCLEAR, "not generated here" },
	{ "two older", activated, third_older, OM_UNCLEAR, "both older" },
	{ "leafs anew", regenerated, as_it_is, OM_REGENERATED, "" },
	{ "but one", regenerated, one_old_leaf, OM_ACTIVATED, "" },
	{ "but one from before the end of the Apply", regenerated, one_leaf_of_between,
	  OM_ACTIVATED, "" },
	{ "but one of which it is not told", regenerated, one_leaf_without_date, OM_ACTIVATED, "" },
	{ "but what is not made anew", regenerated, old_exempt_leafs, OM_REGENERATED, "" },
	{ "no leafs", regenerated, no_leafs, OM_ACTIVATED, "" },
	{ "live", live, as_it_is, OM_LIVE, "" },
	{ "live for some", live, selective, OM_REGENERATED, "" },
	{ "not live: failed", live, failed, OM_REGENERATED, "" },
	{ "live, not told for which", live, not_told_which, OM_REGENERATED, "" },
};

START_TEST(test_stage)
{
	struct om_position p;
	struct view_world w;

	rows[_i].build(&w);
	rows[_i].change(&w);
	om_position_of(&w.view, &p);
	ck_assert_msg(p.stage == rows[_i].stage, "%s: %s, not %s (%s)", rows[_i].comment,
	    om_stage_name(p.stage), om_stage_name(rows[_i].stage), p.why);
	ck_assert_msg(strstr(p.why, rows[_i].why) != NULL, "%s: %s", rows[_i].comment, p.why);
	ck_assert((p.stage == OM_UNCLEAR) == (p.why[0] != '\0'));
	if (p.stage == OM_UNCLEAR)
		ck_assert(p.active == NULL && p.newer == NULL && p.older == NULL);
	else
		ck_assert_int_eq(p.active->active, 1);
	vworld_close(&w);
}
END_TEST

/* The order of the list says nothing. */
START_TEST(test_order_of_the_list)
{
	struct om_position p;
	struct view_world w;
	struct om_ca first;

	distributed(&w);
	first = w.view.om.cas[0];
	w.view.om.cas[0] = w.view.om.cas[1];
	w.view.om.cas[1] = first;
	om_position_of(&w.view, &p);
	ck_assert_int_eq(p.stage, OM_DISTRIBUTED);
	ck_assert_str_eq(p.active->guid, VOM_OLD);
	ck_assert_str_eq(p.newer->guid, VOM_NEW);
	vworld_close(&w);
}
END_TEST

static const struct {
	const char *comment;
	int64_t begins_s;
	bool old_only;
	size_t n;
} by_hand[] = {
	{ "of the old CA", -300 * DAY, false, 1 },
	{ "made under the new one", -2 * HOUR, false, 0 },
	{ "no new one yet", -2 * HOUR, true, 1 },
	{ "issuer and start not told", 0, false, 1 },
};

START_TEST(test_leafs_by_hand)
{
	struct view_world w;
	struct buf names;

	activated(&w);
	vom_add_leaf(&w, ".properties.poe", ROLE_OM_CONFIGURABLE, by_hand[_i].begins_s, 400 * DAY);
	buf_init(&names, 1000);
	ck_assert_uint_eq(om_leafs_by_hand(&w.view, vom_ca(&w, VOM_OLD),
	    by_hand[_i].old_only ? NULL : vom_ca(&w, VOM_NEW), &names), by_hand[_i].n);
	ck_assert((strstr(buf_str(&names), ".properties.poe of cf-0123") != NULL) ==
	    (by_hand[_i].n == 1));
	buf_clear(&names);
	vworld_close(&w);
}
END_TEST

/* One that a known other has signed is no matter of this CA. */
START_TEST(test_leafs_of_others)
{
	struct view_world w;
	struct cert *leaf;

	activated(&w);
	vom_add_leaf(&w, ".properties.poe", ROLE_OM_CONFIGURABLE, -300 * DAY, 400 * DAY);
	leaf = w.view.inv.certs[vworld_row(&w, ".properties.poe")->cert];
	strcpy(leaf->reported_issuer, "/O=acme/CN=acme-issuing-ca");
	ck_assert_uint_eq(om_leafs_by_hand(&w.view, vom_ca(&w, VOM_OLD), NULL, NULL), 0);
	strcpy(leaf->reported_issuer, "/CN=opsmgr-root-ca");
	ck_assert_uint_eq(om_leafs_by_hand(&w.view, vom_ca(&w, VOM_OLD), NULL, NULL), 1);
	vworld_close(&w);
}
END_TEST

static Suite *make_suite(void)
{
	Suite *s = suite_create("om_stage");
	TCase *t = tcase_create("om_stage");

	tcase_add_loop_test(t, test_stage, 0, UNIT_ROWS(rows));
	tcase_add_test(t, test_order_of_the_list);
	tcase_add_loop_test(t, test_leafs_by_hand, 0, UNIT_ROWS(by_hand));
	tcase_add_test(t, test_leafs_of_others);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return unit_run(make_suite());
}
