/* words.c - a table of words: may it be, and what it does. */
#include "remediate/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "remediate/outside.h"
#include "remediate/spool.h"

/* One word, and what it is about. */
struct hearing {
	const struct worker_settings *s;
	struct journal *j;
	struct spoken *w;
	struct run run;            /* of approve, abandon, retry */
	struct mandate mandate;
	bool has_mandate;
	int64_t now_at;
	char outcome[ERR_TEXT_BYTES];
};

/* true: it counts; else h->outcome says why not.  act is done after the word
 * is in the journal; -1: the journal. */
struct word_row {
	bool (*judge)(struct hearing *h);
	int (*act)(struct hearing *h, struct err *e);
};

static bool no(struct hearing *h, const char *fmt, ...) PRINTF_LIKE(2, 3);
static bool no(struct hearing *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(h->outcome, sizeof h->outcome, fmt, args);
	va_end(args);
	text_mask_controls(h->outcome);
	return false;
}

const struct remediate_conf *mandate_section(const struct conf *c, const char *target)
{
	for (size_t i = 0; i < c->n_remediates; i++) {
		if (strcmp(c->remediates[i].target, target) == 0)
			return &c->remediates[i];
	}
	return NULL;
}

bool mandate_is_here(const struct mandate *m, const char *host)
{
	if (m->worker_host == NULL)
		return m->mode == MODE_PLAN;
	return host != NULL && strcasecmp(m->worker_host, host) == 0;
}

/* Fills h->mandate. */
static bool is_ours(struct hearing *h, const char *target)
{
	const struct remediate_conf *section = mandate_section(h->s->conf, target);
	struct err e = { ERR_NONE, "" };

	if (section == NULL)
		return no(h, "there is no [remediate %s]", target);
	if (mandate_make(h->s->conf, section, &h->mandate, &e) != 0)
		return no(h, "%s", e.text);
	h->has_mandate = true;
	if (!mandate_is_here(&h->mandate, h->s->host))
		return no(h, "%s is handled on %s", target, h->mandate.worker_host != NULL ?
		    h->mandate.worker_host : "no host: worker_host is not set");
	return true;
}

static bool judge_target(struct hearing *h)
{
	if (h->w->word.target == NULL)
		return no(h, "it names no target");
	return is_ours(h, h->w->word.target);
}

static bool judge_switch(struct hearing *h)
{
	return h->w->word.target == NULL || is_ours(h, h->w->word.target);
}

/* The run that is spoken of; the word is then about its target. */
static bool judge_run(struct hearing *h)
{
	struct word *w = &h->w->word;
	struct err e = { ERR_NONE, "" };

	if (journal_get_run(h->j, w->run, &h->run, &e) != 0 || h->run.id == 0)
		return no(h, "there is no run %lld", (long long)w->run);
	free(w->target);
	w->target = mem_strdup(h->run.target);
	return is_ours(h, w->target);
}

static bool judge_open_run(struct hearing *h)
{
	if (!judge_run(h))
		return false;
	if (!run_is_open(h->run.state))
		return no(h, "run %lld has ended: %s", (long long)h->run.id,
		    run_state_name(h->run.state));
	return true;
}

static bool is_approver(struct hearing *h)
{
	const char *group = h->mandate.approvers;
	struct err e = { ERR_NONE, "" };
	bool is_member = false;

	if (group == NULL)
		return no(h, "[remediate %s] names no approvers", h->run.target);
	if (speaker_is_member(h->w->uid, group, &is_member, &e) != 0)
		return no(h, "%s", e.text);
	return is_member || no(h, "%s is not a member of %s", h->w->user, group);
}

/* Who says it is the owner of its file; when, the moment it was put there. */
static bool judge_approve(struct hearing *h)
{
	const struct word *w = &h->w->word;

	if (!judge_open_run(h))
		return false;
	if (h->run.state != RUN_AWAITING_APPROVAL &&
	    (run_is_begun(&h->run) || h->run.state == RUN_BLOCKED))
		return no(h, "run %lld has begun already", (long long)h->run.id);
	if (w->plan_hash == NULL || h->run.plan_hash == NULL ||
	    strcmp(w->plan_hash, h->run.plan_hash) != 0)
		return no(h, "run %lld has another plan now: look at it again",
		    (long long)h->run.id);
	if (h->now_at > h->w->at && h->now_at - h->w->at >= h->mandate.approval_valid_s)
		return no(h, "it was said too long ago");
	return is_approver(h);
}

static bool judge_retry(struct hearing *h)
{
	if (!judge_run(h))
		return false;
	if (h->run.state != RUN_BLOCKED && h->run.state != RUN_FAILED)
		return no(h, "run %lld is %s: only what is blocked or failed is retried",
		    (long long)h->run.id, run_state_name(h->run.state));
	return true;
}

static int act_none(struct hearing *h, struct err *e)
{
	(void)h;
	(void)e;
	return 0;
}

static int act_approve(struct hearing *h, struct err *e)
{
	return journal_approve(h->j, h->run.id, h->w->user, h->w->at, e);
}

/* One that was begun leaves something behind: where it stood is said. */
static int end_run(struct hearing *h, const struct run *r, const char *what, struct err *e)
{
	bool tells = run_is_begun(r) && r->message != NULL;
	char *message = mem_printf("%s by %s%s%s", what, h->w->user,
	    tells ? "; it stood at " : "", tells ? r->message : "");
	int failed = journal_set_run(h->j, r->id, RUN_ABANDONED, message, h->now_at, e);

	if (!failed && r->request_word != 0)
		failed = journal_close_request(h->j, r->request_word, message, h->now_at, e);
	free(message);
	return failed;
}

static int act_abandon(struct hearing *h, struct err *e)
{
	return end_run(h, &h->run, "abandoned", e);
}

/* The way back that was offered for the run is not wanted any more. */
static int drop_rollback(struct hearing *h, struct err *e)
{
	struct run open;
	int failed;

	run_init(&open);
	failed = journal_open_run(h->j, h->run.target, &open, e);
	if (!failed && open.id != 0 && open.rollback_of == h->run.id)
		failed = end_run(h, &open, "not wanted: the run was retried", e);
	run_clear(&open);
	return failed;
}

/* A failed run has ended; the word then only resets the breaker. */
static int act_retry(struct hearing *h, struct err *e)
{
	char *message;
	int failed;

	if (h->run.state != RUN_BLOCKED)
		return 0;
	message = mem_printf("retried by %s", h->w->user);
	failed = drop_rollback(h, e) || journal_retry(h->j, h->run.id, message, h->now_at, e) ||
	    journal_set_run(h->j, h->run.id, RUN_WAITING, message, h->now_at, e);
	free(message);
	return failed ? -1 : 0;
}

static const struct word_row rows[WORD_N_KINDS] = {
	[WORD_EVENT] = { judge_target, act_none },
	[WORD_REQUEST] = { judge_target, act_none },
	[WORD_APPROVE] = { judge_approve, act_approve },
	[WORD_ABANDON] = { judge_open_run, act_abandon },
	[WORD_RETRY] = { judge_retry, act_retry },
	[WORD_PAUSE] = { judge_switch, act_none },
	[WORD_RESUME] = { judge_switch, act_none },
};

static int take(struct hearing *h, struct err *e)
{
	const struct word_row *row = &rows[h->w->word.kind];
	bool counts = h->w->err.code == ERR_NONE ? row->judge(h) : no(h, "%s", h->w->err.text);
	int64_t id;

	if (journal_add_word(h->j, h->w, counts ? JOURNAL_RECORDED : h->outcome, &id, e) != 0)
		return -1;
	if (counts && row->act(h, e) != 0)
		return -1;
	return spool_drop(h->s->paths->spool, h->w->name, e);
}

int words_take(const struct worker_settings *s, struct journal *j, struct err *e)
{
	const struct outside *o = outside_of(s);
	struct spoken *words;
	size_t n;
	int failed = spool_list(s->paths->spool, &words, &n, e);

	if (failed)
		return -1;
	for (size_t i = 0; i < n && !failed; i++) {
		struct hearing h;

		memset(&h, 0, sizeof h);
		h.s = s;
		h.j = j;
		h.w = &words[i];
		h.now_at = o->now(o->ctx);
		run_init(&h.run);
		failed = take(&h, e);
		run_clear(&h.run);
		if (h.has_mandate)
			mandate_clear(&h.mandate);
	}
	spool_free(words, n);
	return failed;
}
