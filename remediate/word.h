/* word.h - what somebody says to the worker: one small JSON object.
 *
 *   {"schema":"certs_word/1","word":"approve","run":7,"plan":"3fa1..."}
 *
 * A word is a claim: who said it and when is told by the kernel (spool.h),
 * never by the word.  Every length is bounded; unknown keys are an error. */
#ifndef CHECK_CERTS_WORD_H
#define CHECK_CERTS_WORD_H

#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define WORD_MAX_BYTES 4096
#define WORD_TEXT_MAX 512           /* of one string */

enum word_kind { WORD_EVENT, WORD_REQUEST, WORD_APPROVE, WORD_ABANDON, WORD_RETRY, WORD_PAUSE,
	WORD_RESUME, WORD_N_KINDS };
const char *word_kind_name(enum word_kind k);   /* "event" ... */

struct word {
	enum word_kind kind;
	char *target;          /* NULL only for pause and resume: every target; approve, abandon, retry: none needed */
	/* event: the macros of the daemon, as it gave them; NULL: not given */
	char *state, *state_type, *host, *service, *problem_id;
	int64_t attempt;       /* -1: not given */
	int64_t downtime;      /* depth of downtimes; -1: not given */
	/* request */
	char *procedure, *object, *reason;
	/* approve, abandon, retry */
	int64_t run;           /* 0: none */
	char *plan_hash;
};

void word_init(struct word *w);     /* zero, and -1 where that means "not given" */
void word_clear(struct word *w);

/* The text; ERR_USAGE when the word is not complete or too long. */
int word_print(const struct word *w, struct buf *out, struct err *e) MUST_USE;

/* ERR_ANSWER with the place.  text[len] must be NUL; it may be changed. */
int word_parse(char *text, size_t len, struct word *w, struct err *e) MUST_USE;

#endif
