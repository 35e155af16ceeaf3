/* spool.h - words in: one file each, whose owner is the speaker.
 *
 * put: temporary name, O_EXCL, written, fsync, renamed, directory fsync: when
 * it returns 0 the word survives a crash.  No network, no database, no
 * credential: it cannot hang. */
#ifndef CHECK_CERTS_SPOOL_H
#define CHECK_CERTS_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "lib/base/err.h"
#include "remediate/word.h"

#define SPOOL_WORDS_MAX 1000     /* taken in one pass; the rest stays for the next */

struct spoken {
	char *name;              /* of the file; unique */
	uid_t uid;               /* its owner, as the kernel tells */
	char *user;              /* the owner's name, or "uid N" */
	int64_t at;              /* st_ctim: when it was renamed into the spool */
	struct word word;
	struct err err;          /* not ERR_NONE: this file is no word; word is empty */
};

int spool_put(const char *spool, const struct word *w, struct err *e) MUST_USE;

/* Is there a word? */
bool spool_has_words(const char *spool);

/* Every word, oldest first; the files stay until spool_drop.  A file that is
 * no word (link, device, too long, no JSON) is handed over with its err, to be
 * told and dropped.  Temporary files older than an hour are removed. */
int spool_list(const char *spool, struct spoken **words, size_t *n, struct err *e) MUST_USE;
void spool_free(struct spoken *words, size_t n);
int spool_drop(const char *spool, const char *name, struct err *e) MUST_USE;

/* The user's name, or "uid N"; the caller frees. */
char *speaker_name(uid_t uid) MUST_USE;

/* Is the user a member of the group (primary or not)?  ERR_CONFIG: there is
 * no such group. */
int speaker_is_member(uid_t uid, const char *group, bool *is_member, struct err *e) MUST_USE;

#endif
