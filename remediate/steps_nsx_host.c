/* steps_nsx_host.c - replace-host: the certificate of a transport node, of
 * which only the node's status can be seen. */
#include "remediate/steps_nsx.h"

#include <string.h>
#include "lib/base/mem.h"
#include "remediate/nsx_write.h"

WANTS(wants_host)
{
	return (struct view_wants){ .hosts = true, .host = c->step->node };
}

static const struct nsx_host *find_host(const struct view *v, const char *id)
{
	for (size_t i = 0; i < v->ops.n_hosts; i++)
		if (v->ops.hosts[i].id != NULL && strcmp(v->ops.hosts[i].id, id) == 0)
			return &v->ops.hosts[i];
	return NULL;
}

static bool is_up(const struct nsx_host *h)
{
	return h->status != NULL && strcmp(h->status, "UP") == 0 &&
	    (h->connection == NULL || strcmp(h->connection, "UP") == 0);
}

/* Right after the call the node is UP because it has not begun yet. */
static bool had_time(const struct step_context *c)
{
	return c->now_at > c->record->acted_at + c->mandate->poll_interval_s;
}

OBSERVE(observe_host)
{
	const struct nsx_host *h = find_host(v, c->step->node);
	bool is_acted = c->record != NULL && c->record->state >= STEP_ACTED;
	const char *name = c->step->node_name;

	if (!observe_can_see(v, out))
		return;
	if (v->ops.err.code != ERR_NONE)
		observe_say(out, SEEN_UNREACHABLE, "the transport nodes were not read: %.300s",
		    v->ops.err.text);
	else if (h == NULL)
		observe_say(out, SEEN_NEITHER, "there is no transport node %s any more", name);
	else if (!is_up(h))
		observe_say(out, SEEN_BUSY, "%s is %s, its connection %s", name,
		    h->status != NULL ? h->status : "of unknown state",
		    h->connection != NULL ? h->connection : "not told");
	else if (is_acted && !had_time(c))
		observe_say(out, SEEN_BUSY, "%s is UP, and has had no time to change over", name);
	else if (is_acted)
		observe_say(out, SEEN_GOAL, "NSX took the certificate and %s is UP; the "
		    "certificate itself could not be verified, since no API shows it", name);
	else if (observe_is_quiet(v, out))
		observe_say(out, SEEN_READY, "%s is UP", name);
}

PREPARE(prepare_host)
{
	struct wish wish;
	int failed;

	(void)v;
	wish_for_host(c, &wish);
	failed = material_issue(c->mandate, &wish.m, c->now_at, goods, e);
	wish_clear(&wish);
	return failed;
}

ACT(act_host)
{
	(void)v;
	(void)global;
	(void)bound;
	return nsx_write_replace_host(api, c->step->node, c->step->node_name, goods, e);
}
