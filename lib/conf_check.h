/* conf_check.h - a configuration file while it is read: its sections, its
 * problems, and the checks across keys; private to lib/conf*.c. */
#ifndef CHECK_CERTS_CONF_CHECK_H
#define CHECK_CERTS_CONF_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/conf_keys.h"

struct conf_read_section {
	enum conf_section kind;
	char *name;                       /* owned; NULL for [thresholds] */
	size_t line;
	size_t index;                     /* into conf's targets, ignores or remediates */
	unsigned key_lines[CONF_KEYS_MAX]; /* where each key was set; 0: it was not */
	bool has_bad_value;
};

struct conf_problem { size_t line; size_t order; char *text; };

struct conf_reading {
	struct conf *conf;
	struct conf_read_section *sections;
	size_t n_sections, cap_sections;
	bool in_section;                  /* the last of sections is being filled */
	bool any_header;
	struct conf_problem *problems;
	size_t n_problems, cap_problems;
	size_t n_more_problems;           /* beyond CONF_PROBLEMS_MAX */
};

/* line 0: about the file as a whole. */
void conf_problem(struct conf_reading *r, size_t line, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Take every line, in order. */
void conf_read_sections(struct conf_reading *r, const char *text, size_t n);

/* After the last line: give every target the limits it did not set itself,
 * then everything that needs more than one key. */
void conf_check(struct conf_reading *r);

/* The pairs of limits of a [section]: is critical looser than warning?  The
 * index of the first such pair (0: warning, 1: ca_warning), or -1. */
int conf_loose_limits(const struct limits *l);

#endif
