/* conf_keys.h - the table of sections and keys; private to lib/conf*.c. */
#ifndef CHECK_CERTS_CONF_KEYS_H
#define CHECK_CERTS_CONF_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include "lib/conf.h"
#include "lib/conf_types.h"

enum conf_section {
	CONF_THRESHOLDS, CONF_NSX, CONF_OPSMAN, CONF_TLS, CONF_FILES, CONF_IGNORE, CONF_REMEDIATE,
	CONF_N_SECTIONS
};

struct conf_section_kind {
	const char *word;            /* "nsx" */
	bool is_named;               /* [word NAME] */
	bool is_target;
	enum source_kind source;     /* of a target */
	const char *required[4];     /* keys that must be there */
};
extern const struct conf_section_kind conf_sections[CONF_N_SECTIONS];

/* Where the values of one section go; what a section has not is NULL. */
struct conf_dest {
	struct target *target;
	struct target_policy *policy;
	struct limits *limits;
	struct ignore *ignore;
	struct remediate_conf *remediate;
};

struct conf_key {
	unsigned sections;           /* bits 1 << enum conf_section */
	const char *name;
	const struct conf_type *type;
	const char *words;           /* "yes|no": of a choice */
	int64_t min, max;            /* of a number */
	void (*store)(const struct conf_dest *d, const struct conf_key *k,
	    struct conf_value *v);   /* may take v->text */
	size_t offset;               /* into the struct that store knows */
	bool is_repeatable;
	bool is_empty_allowed;
	const char *only_for; /* remediate: only for targets of this kind ("nsx"); NULL: any */
	const char *fallback;        /* default as it would be written; NULL: none */
	const char *help;
};

#define CONF_KEYS_MAX 64
size_t conf_n_keys(void);                       /* at most CONF_KEYS_MAX */
const struct conf_key *conf_key_at(size_t i);

/* Index of a key in a section, or SIZE_MAX. */
size_t conf_key_find(enum conf_section s, const char *name);

/* Does the destination have the place that this key is stored in? */
bool conf_key_fits(const struct conf_key *k, const struct conf_dest *d);

/* Parse and store one value.  ERR_CONFIG, "key: reason". */
int conf_key_take(const struct conf_key *k, const char *value, const struct conf_dest *d,
    struct err *e) MUST_USE;

/* A sentence for a key that is not known there: the nearest one, or where it
 * belongs.  Sets *e. */
int conf_key_unknown(enum conf_section s, const char *name, struct err *e);

/* The same for a section word. */
int conf_section_unknown(const char *word, struct err *e);

#endif
