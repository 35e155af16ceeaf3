/* options.h - the command line of check_certs: one table of options that
 * parses, prints --help, and is held against the manual page by a test. */
#ifndef CHECK_CERTS_OPTIONS_H
#define CHECK_CERTS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"
#include "lib/judge/policy.h"
#include "lib/render/render.h"
#include "lib/source/target.h"

#define OPTIONS_TIMEOUT_S 25
#define OPTIONS_MAX_OUTPUT_BYTES 4096

enum action { ACTION_CHECK, ACTION_CHECK_CONFIG, ACTION_LIST, ACTION_HELP, ACTION_VERSION };

struct words { const char **v; size_t n, cap; };   /* the words are borrowed */

/* What the command line says; its strings are borrowed from argv. */
struct options {
	enum action action;
	const char *conf_path;         /* NULL: not given */
	const char *targets;           /* -T; NULL: all */
	struct limits limits;          /* those given */
	int64_t timeout_s;
	const struct renderer *renderer;
	struct render_options render;
	struct words hosts, files;     /* -H, --file */
	int64_t port;                  /* 0: not given */
	enum family family;
	const char *nsx_url, *opsman_url;
	const char *credentials, *ca_file;
	struct words pins;
	enum state unreachable_state, timeout_state;
	size_t min_certs;
	const char *state_dir;
	bool has_at;
	bool at_is_relative;           /* at_s counts from now */
	int64_t at_s;
};

/* Everything into *o, which options_clear frees whatever the outcome.
 * --extra-opts must have been expanded.  ERR_USAGE. */
int options_parse(int argc, char **argv, struct options *o, struct err *e) MUST_USE;
void options_clear(struct options *o);

/* Does the command line name what to check, so that no file is needed? */
bool options_are_quick(const struct options *o);

void options_help(struct buf *out);        /* at most 80 columns */
void options_usage(struct buf *out);       /* the same in a few lines */

/* Every option, for the documentation test: short_name 0 when it has none,
 * arg NULL when it takes none. */
void options_each(void (*each)(void *ctx, char short_name, const char *long_name, const char *arg),
    void *ctx);

#endif
