/* json.h - JSON in, by cJSON, with typed getters that name the place; and a
 * small streaming writer.
 *
 * The only file that includes cJSON.h is json.c.  Every document comes from
 * outside: depth is bounded, numbers are finite, "\u0000" inside a string is
 * read as U+FFFD (cJSON would cut the string there). */
#ifndef CHECK_CERTS_JSON_H
#define CHECK_CERTS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "lib/base/buf.h"
#include "lib/base/err.h"

#define JSON_DEPTH_MAX 100

struct json;                      /* a node of a parsed document; opaque */

/* Parse exactly one document.  text[len] must be NUL; text may be changed.
 * ERR_ANSWER with the byte offset; "HTML instead of JSON" is said so. */
struct json *json_parse(char *text, size_t len, struct err *e) MUST_USE;
void json_free(struct json *doc);

/* The same for an object with one long array, without ever holding all of it:
 * each element of member key is handed over (borrowed) and freed, in order,
 * and the document that comes back has that array empty.  Elements before a
 * mistake have been handed over.  take returns -1 with *e set to stop, which
 * is then an error of the whole. */
typedef int json_take_fn(void *ctx, const struct json *element, size_t index, struct err *e);
struct json *json_parse_list(char *text, size_t len, const char *key, json_take_fn *take,
    void *ctx, struct err *e) MUST_USE;

/* For a document that holds a token: its strings are wiped first. */
void json_free_wiped(struct json *doc);

/* Kind of a node; all are false for NULL. */
bool json_is_object(const struct json *n);
bool json_is_array(const struct json *n);
bool json_is_string(const struct json *n);
bool json_is_number(const struct json *n);

/* Member by exact name; NULL when absent, JSON null, or obj is no object. */
const struct json *json_get(const struct json *obj, const char *key);

/* Walk an array or object: first child, next sibling; number of children. */
const struct json *json_first(const struct json *n);
const struct json *json_next(const struct json *n);
size_t json_count(const struct json *n);
const char *json_key(const struct json *member);       /* borrowed; NULL in arrays */

/* Value of a node itself: NULL / false when it is of another kind. */
const char *json_str(const struct json *n);             /* borrowed */
bool json_i64(const struct json *n, int64_t *out);      /* whole, exact: |n| < 2^53 */

/* Typed members.  "opt": absent or null leaves the default (NULL, as given);
 * "want": absent or null is ERR_ANSWER.  Another type is ERR_ANSWER with
 * "<where>.<key>: want a string, have a number".  where is a path for the
 * message ("results[3]").  Strings are borrowed from the document. */
int json_want_str(const struct json *obj, const char *where, const char *key,
    const char **out, struct err *e) MUST_USE;
int json_opt_str(const struct json *obj, const char *where, const char *key,
    const char **out, struct err *e) MUST_USE;
int json_opt_i64(const struct json *obj, const char *where, const char *key,
    int64_t *out, struct err *e) MUST_USE;
/* true/false, and the strings "true"/"false" (some servers quote them).
 * *out: -1 absent, 0, 1. */
int json_opt_bool(const struct json *obj, const char *where, const char *key,
    int *out, struct err *e) MUST_USE;
int json_want_array(const struct json *obj, const char *where, const char *key,
    const struct json **out, struct err *e) MUST_USE;
int json_opt_array(const struct json *obj, const char *where, const char *key,
    const struct json **out, struct err *e) MUST_USE;

/* The writer: appends to a buf, keeps track of commas, escapes strings and
 * makes them valid UTF-8.  key is NULL inside arrays and for the top value.
 * Nesting at most JSON_WRITE_DEPTH. */
#define JSON_WRITE_DEPTH 16
struct json_writer {
	struct buf *out;
	int depth;
	bool some[JSON_WRITE_DEPTH];  /* this level already holds a value */
};
void jsonw_init(struct json_writer *w, struct buf *out);
void jsonw_open(struct json_writer *w, const char *key, char bracket);   /* '{' or '[' */
void jsonw_close(struct json_writer *w, char bracket);                   /* '}' or ']' */
void jsonw_str(struct json_writer *w, const char *key, const char *value);  /* NULL: null */
void jsonw_i64(struct json_writer *w, const char *key, int64_t value);
void jsonw_fixed(struct json_writer *w, const char *key, int64_t thousandths); /* 410 -> 0.41 */
void jsonw_bool(struct json_writer *w, const char *key, bool value);
void jsonw_null(struct json_writer *w, const char *key);

#endif
