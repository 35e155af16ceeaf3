/* conf_types.h - the types of configuration values; private to lib/conf*.c.
 *
 * A type knows how a value is written and refuses everything else with the
 * form it wants.  Where a value goes is the business of its key. */
#ifndef CHECK_CERTS_CONF_TYPES_H
#define CHECK_CERTS_CONF_TYPES_H

#include <stdbool.h>
#include <stdint.h>
#include "lib/base/err.h"
#include "lib/judge/policy.h"
#include "lib/model/cert.h"

struct conf_key;   /* conf_keys.h */

/* A parsed value: text always, the rest as the type says. */
struct conf_value {
	char *text;            /* owned; in the form to store */
	int64_t number;        /* index of the word, number, seconds, or epoch seconds */
	struct limit limit;
	uint8_t sha256[CERT_SHA256_BYTES];
	enum ignore_match match;
};

struct conf_type {
	const char *name;      /* for the manual; NULL: the words are the name */
	/* s is not empty.  Sets out (text is already a copy of s, the rest is
	 * zero).  -1: what is wanted, without the name of the key (the limit's
	 * parser alone puts it in). */
	int (*parse)(const struct conf_key *k, const char *s, struct conf_value *out,
	    struct err *e);
};

extern const struct conf_type conf_type_limit, conf_type_duration, conf_type_number,
    conf_type_choice, conf_type_probe, conf_type_path, conf_type_url, conf_type_endpoint,
    conf_type_fingerprint, conf_type_match, conf_type_text, conf_type_day, conf_type_host,
    conf_type_group, conf_type_target, conf_type_procedures, conf_type_replacement,
    conf_type_window, conf_type_timezone, conf_type_subject;

void conf_value_clear(struct conf_value *v);

/* Another text in its place; taken. */
void conf_value_set(struct conf_value *v, char *text);

/* Is this a name for a section: [A-Za-z0-9][A-Za-z0-9_.-]*, not too long? */
bool conf_name_is_valid(const char *s);

#endif
