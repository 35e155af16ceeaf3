/* worker.c - one pass over the targets. */
#include "remediate/worker.h"

#include <string.h>
#include <unistd.h>
#include <stdlib.h>
#include "lib/base/mem.h"
#include "remediate/lock.h"
#include "remediate/outside.h"
#include "remediate/words.h"
#include "remediate/worker_internal.h"

#define ROUNDS_A_PASS 5   /* words may come while a target is worked on */

static enum worker_end worse(enum worker_end a, enum worker_end b)
{
	return a > b ? a : b;
}

/* The first thing that went wrong is the one that is told; all are traced. */
static enum worker_end fail(const struct worker_settings *s, const char *target,
    const struct err *why, struct err *e)
{
	trace_line(s->trace, TRACE_REQUEST, "%s: %s", target, why->text);
	if (e->code == ERR_NONE)
		err_set(e, why->code, "%s: %s", target, why->text);
	return WORKER_FAILED;
}

int global_mandate(const struct conf *c, const struct mandate *m, struct mandate *out, bool *has,
    struct err *e)
{
	const struct remediate_conf *section = m->global_manager == NULL ? NULL :
	    mandate_section(c, m->global_manager);

	*has = false;
	if (section == NULL || mandate_make(c, section, out, e) != 0)
		return section == NULL ? 0 : -1;
	*has = true;
	return 0;
}

static int take_lock(const struct worker_settings *s, const char *target, struct err *e)
{
	char *path = paths_lock(s->paths, target);
	int fd = lock_take(path, e);

	free(path);
	return fd;
}

/* The Global Manager is changed by this target's runs: nobody else may be at
 * it meanwhile. */
static enum worker_end work_with_global(struct runner *w, const struct mandate *global,
    struct err *e)
{
	enum worker_end end;
	int fd = take_lock(w->settings, global->target->name, e);

	if (fd < 0)
		return e->code == ERR_BUSY ? WORKER_IDLE : WORKER_FAILED;
	w->global = global;
	end = target_work(w, e);
	close(fd);
	return end;
}

static enum worker_end work_locked(struct runner *w, struct err *e)
{
	struct mandate global;
	enum worker_end end;
	bool has;

	if (global_mandate(w->settings->conf, w->mandate, &global, &has, e) != 0)
		return WORKER_FAILED;
	if (!has)
		return target_work(w, e);
	end = work_with_global(w, &global, e);
	mandate_clear(&global);
	return end;
}

/* One that another worker has is left to it: it looks at the words again when
 * it is through. */
static enum worker_end work(const struct worker_settings *s, struct journal *j,
    const struct mandate *m, struct err *e)
{
	struct runner w = { .settings = s, .mandate = m, .journal = j };
	struct err why = { ERR_NONE, "" };
	enum worker_end end;
	int fd = take_lock(s, m->target->name, &why);

	if (fd < 0 && why.code == ERR_BUSY) {
		trace_line(s->trace, TRACE_REQUEST, "%s", why.text);
		return WORKER_IDLE;
	}
	if (fd < 0)
		return fail(s, m->target->name, &why, e);
	end = work_locked(&w, &why);
	close(fd);
	return end == WORKER_FAILED ? fail(s, m->target->name, &why, e) : end;
}

/* target NULL: any. */
static enum worker_end each_section(const struct worker_settings *s, struct journal *j,
    const char *target, struct err *e)
{
	enum worker_end end = WORKER_IDLE;

	for (size_t i = 0; i < s->conf->n_remediates; i++) {
		const struct remediate_conf *section = &s->conf->remediates[i];
		struct err why = { ERR_NONE, "" };
		struct mandate m;

		if (target != NULL && strcmp(target, section->target) != 0)
			continue;
		if (mandate_make(s->conf, section, &m, &why) != 0) {
			end = worse(end, fail(s, section->target, &why, e));
			continue;
		}
		if (mandate_is_here(&m, s->host))
			end = worse(end, work(s, j, &m, e));
		mandate_clear(&m);
	}
	return end;
}

/* Is there anything to do on this host at all?  Sections that are wrong are
 * worth a pass: it tells what is wrong. */
static bool is_anything_here(const struct worker_settings *s, const char *target)
{
	bool found = false;

	for (size_t i = 0; i < s->conf->n_remediates && !found; i++) {
		const struct remediate_conf *section = &s->conf->remediates[i];
		struct err ignored;
		struct mandate m;

		if (target != NULL && strcmp(target, section->target) != 0)
			continue;
		if (mandate_make(s->conf, section, &m, &ignored) != 0)
			return true;
		found = mandate_is_here(&m, s->host);
		mandate_clear(&m);
	}
	return found;
}

/* Words of the trail so far: by this worker, or by one that found a target
 * locked and left it to us. */
struct tally { int64_t last, last_word; };

static void count_entry(void *ctx, const struct journal_entry *entry)
{
	struct tally *t = ctx;

	t->last = entry->id;
	if (strcmp(entry->kind, "word") == 0)
		t->last_word = entry->id;
}

static int count_words(const struct worker_settings *s, struct journal *j, struct tally *t,
    struct err *e)
{
	if (words_take(s, j, e) != 0)
		return -1;
	return journal_each(j, NULL, t->last, count_entry, t, e);
}

static enum worker_end rounds(const struct worker_settings *s, struct journal *j,
    const char *target, struct err *e)
{
	enum worker_end end = WORKER_IDLE;
	struct tally t = { 0, 0 };
	struct err why = { ERR_NONE, "" };

	if (count_words(s, j, &t, &why) != 0)
		return fail(s, "words", &why, e);
	for (int i = 0; i < ROUNDS_A_PASS; i++) {
		int64_t seen = t.last_word;

		end = each_section(s, j, target, e);
		if (count_words(s, j, &t, &why) != 0)
			return fail(s, "words", &why, e);
		if (t.last_word == seen || end == WORKER_FAILED)
			break;
	}
	return end;
}

enum worker_end worker_pass(const struct worker_settings *s, const char *target, struct err *e)
{
	struct journal *j = NULL;
	enum worker_end end;

	err_clear(e);
	if (!is_anything_here(s, target))
		return WORKER_IDLE;
	if (paths_prepare(s->paths, e) != 0 || journal_open(s->paths->journal, false, &j, e) != 0)
		return WORKER_FAILED;
	end = rounds(s, j, target, e);
	journal_close(j);
	return end;
}
