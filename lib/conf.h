/* conf.h - the configuration file, for both programs.
 *
 * One table of {section kind, key, type, default, help} drives parsing,
 * --check-config and the manual's key list.  The file is read by inih through
 * a reader of our own; all problems are reported at once, "file:line: ...". */
#ifndef CHECK_CERTS_CONF_H
#define CHECK_CERTS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/judge/policy.h"
#include "lib/source/target.h"

#define CONF_FILE_MAX_BYTES ((size_t)1024 * 1024)
#define CONF_SECTIONS_MAX 5000
#define CONF_PROBLEMS_MAX 100     /* further ones are counted, not told */
#define CONF_NAME_MAX 39          /* characters of a target name: inih cuts a header at 49 */

/* [remediate NAME]: kept as checked text for the handler; check_certs only
 * validates it. */
struct conf_pair { char *key, *value; };
struct remediate_conf {
	char *target;
	struct conf_pair *pairs;
	size_t n_pairs, cap_pairs;
};

/* What the section says of a key of its own, else the key's default, else
 * NULL.  Borrowed. */
const char *conf_remediate_value(const struct remediate_conf *r, const char *key);

struct conf {
	struct target *targets;
	size_t n_targets, cap_targets;
	struct policy policy;         /* one target_policy per target, complete */
	struct remediate_conf *remediates;
	size_t n_remediates, cap_remediates;
};

void conf_init(struct conf *c);
void conf_clear(struct conf *c);

/* Read and validate a whole file into an initialised, empty conf.  The file
 * is a regular one, owned by root or the effective user, writable by its
 * owner alone, at most CONF_FILE_MAX_BYTES.  -1: problems holds one
 * "file:line: text" line each, at least one. */
int conf_read(const char *path, struct conf *c, struct buf *problems) MUST_USE;

/* The same from text, for tests and fuzzing; name stands for the file. */
int conf_parse(const char *name, const char *text, size_t n, struct conf *c,
    struct buf *problems) MUST_USE;

/* Parse one value as the file would, into a target: for the command line.
 * A path may be relative here.  limits may be NULL: then no limit can be set.
 * ERR_USAGE: no such key for this kind of target, or the reason. */
int conf_set_target(struct target *t, struct limits *limits, const char *key, const char *value,
    struct err *e) MUST_USE;

/* A target of a kind with its defaults; the name is copied.  Valid until the
 * next one is added.  It gets a target_policy with the policy's limits. */
struct target *conf_add_target(struct conf *c, enum source_kind kind, const char *name);

/* Keep only the targets of a list "NAME[,NAME...]".  ERR_USAGE: a name that
 * is not configured (the message lists those that are), or an empty one. */
int conf_select(struct conf *c, const char *names, struct err *e) MUST_USE;

/* Limits that beat those of every section; a member that has neither time,
 * percentage nor range was not given.  ERR_USAGE: critical would then be
 * looser than warning somewhere. */
int conf_override_limits(struct conf *c, const struct limits *given, struct err *e) MUST_USE;

/* "HOST", "HOST:PORT", "[V6]:PORT" or a bare IPv6 address, as "host:port";
 * *out is the caller's to free.  ERR_USAGE. */
int conf_endpoint(const char *s, unsigned default_port, char **out, struct err *e) MUST_USE;

/* Every key of the table, for documentation tests: calls each(ctx, section,
 * key, type, default (or NULL), help). */
void conf_each_key(void (*each)(void *ctx, const char *section, const char *key,
    const char *type, const char *fallback, const char *help), void *ctx);

#endif
