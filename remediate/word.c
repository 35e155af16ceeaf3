/* word.c - what somebody says to the worker: one small JSON object. */
#include "remediate/word.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/json.h"
#include "lib/base/mem.h"
#include "lib/base/text.h"

#define SCHEMA "certs_word/1"

const char *word_kind_name(enum word_kind k)
{
	static const char *const names[WORD_N_KINDS] = { "event", "request", "approve", "abandon",
		"retry", "pause", "resume" };

	return names[k];
}

static int kind_find(const char *name, enum word_kind *out)
{
	for (int k = 0; k < WORD_N_KINDS; k++) {
		*out = (enum word_kind)k;
		if (strcmp(word_kind_name(*out), name) == 0)
			return 0;
	}
	return -1;
}

/* --- what a word may hold -------------------------------------------------------- */

#define IN(kind) (1u << (kind))
#define ON_A_RUN (IN(WORD_APPROVE) | IN(WORD_ABANDON) | IN(WORD_RETRY))

/* A key of the object: with which words it goes, and which need it. */
struct field {
	const char *key;
	size_t offset;
	bool is_number;
	int64_t min;             /* numbers; one less stands for "not given" */
	unsigned allowed, needed;
};

#define TEXT(name, member) .key = name, .offset = offsetof(struct word, member)
#define NUMBER(name, member, least) TEXT(name, member), .is_number = true, .min = (least)

static const struct field fields[] = {
	{ TEXT("target", target), .allowed = ~0u, .needed = IN(WORD_EVENT) | IN(WORD_REQUEST) },
	{ TEXT("state", state), .allowed = IN(WORD_EVENT), .needed = IN(WORD_EVENT) },
	{ TEXT("state_type", state_type), .allowed = IN(WORD_EVENT), .needed = IN(WORD_EVENT) },
	{ NUMBER("attempt", attempt, 0), .allowed = IN(WORD_EVENT) },
	{ TEXT("host", host), .allowed = IN(WORD_EVENT) },
	{ TEXT("service", service), .allowed = IN(WORD_EVENT) },
	{ TEXT("problem_id", problem_id), .allowed = IN(WORD_EVENT) },
	{ NUMBER("downtime", downtime, 0), .allowed = IN(WORD_EVENT) },
	{ TEXT("procedure", procedure), .allowed = IN(WORD_REQUEST), .needed = IN(WORD_REQUEST) },
	{ TEXT("object", object), .allowed = IN(WORD_REQUEST) },
	{ TEXT("reason", reason), .allowed = IN(WORD_REQUEST), .needed = IN(WORD_REQUEST) },
	{ NUMBER("run", run, 1), .allowed = ON_A_RUN, .needed = ON_A_RUN },
	{ TEXT("plan", plan_hash), .allowed = IN(WORD_APPROVE), .needed = IN(WORD_APPROVE) },
};
#define N_FIELDS (sizeof fields / sizeof fields[0])

static char **text_of(const struct field *f, struct word *w)
{
	return (char **)(void *)((char *)w + f->offset);
}

static int64_t *number_of(const struct field *f, struct word *w)
{
	return (int64_t *)(void *)((char *)w + f->offset);
}

static bool is_given(const struct field *f, struct word *w)
{
	return f->is_number ? *number_of(f, w) >= f->min : *text_of(f, w) != NULL;
}

void word_init(struct word *w)
{
	memset(w, 0, sizeof *w);
	for (size_t i = 0; i < N_FIELDS; i++)
		if (fields[i].is_number)
			*number_of(&fields[i], w) = fields[i].min - 1;
}

void word_clear(struct word *w)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (!fields[i].is_number)
			free(*text_of(&fields[i], w));
	word_init(w);
}

/* The same rules for what we say and for what we hear. */
static int check(struct word *w, enum err_code code, struct err *e)
{
	for (size_t i = 0; i < N_FIELDS; i++) {
		const struct field *f = &fields[i];
		const char *text = f->is_number ? NULL : *text_of(f, w);
		bool given = is_given(f, w);

		if (given && !(f->allowed & IN(w->kind)))
			return err_set(e, code, "%s has no place in the word \"%s\"", f->key,
			    word_kind_name(w->kind));
		if ((!given || (text != NULL && *text == '\0')) && (f->needed & IN(w->kind)))
			return err_set(e, code, "the word \"%s\" needs %s",
			    word_kind_name(w->kind), f->key);
		if (text != NULL && strlen(text) > WORD_TEXT_MAX)
			return err_set(e, code, "%s is longer than %d bytes", f->key,
			    WORD_TEXT_MAX);
	}
	return 0;
}

/* --- out --------------------------------------------------------------------------- */

int word_print(const struct word *w, struct buf *out, struct err *e)
{
	struct word copy = *w;   /* borrows; never cleared */
	size_t before = out->len;
	struct json_writer writer;

	if (check(&copy, ERR_USAGE, e))
		return -1;
	jsonw_init(&writer, out);
	jsonw_open(&writer, NULL, '{');
	jsonw_str(&writer, "schema", SCHEMA);
	jsonw_str(&writer, "word", word_kind_name(w->kind));
	for (size_t i = 0; i < N_FIELDS; i++) {
		if (!is_given(&fields[i], &copy))
			continue;
		if (fields[i].is_number)
			jsonw_i64(&writer, fields[i].key, *number_of(&fields[i], &copy));
		else
			jsonw_str(&writer, fields[i].key, *text_of(&fields[i], &copy));
	}
	jsonw_close(&writer, '}');
	buf_addc(out, '\n');
	if (out->overflow || out->len - before > WORD_MAX_BYTES)
		return err_set(e, ERR_USAGE, "the word is longer than %d bytes", WORD_MAX_BYTES);
	return 0;
}

/* --- in ---------------------------------------------------------------------------- */

static const struct field *field_find(const char *key)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (strcmp(fields[i].key, key) == 0)
			return &fields[i];
	return NULL;
}

/* Control characters have no use here and would end up on a terminal. */
static int take_text(const struct json *member, char **out, struct err *e)
{
	const char *text = json_str(member);

	if (text == NULL)
		return err_set(e, ERR_ANSWER, "%s: want a string", json_key(member));
	*out = mem_strdup(text);
	text_mask_controls(*out);
	return 0;
}

static int take_number(const struct json *member, int64_t min, int64_t *out, struct err *e)
{
	int64_t n;

	if (!json_i64(member, &n) || n < min)
		return err_set(e, ERR_ANSWER, "%s: want a whole number from %lld on",
		    json_key(member), (long long)min);
	*out = n;
	return 0;
}

static int take_member(const struct json *member, struct word *w, struct err *e)
{
	const char *key = json_key(member);
	const struct field *f = field_find(key);

	if (strcmp(key, "schema") == 0 || strcmp(key, "word") == 0)
		return 0;
	if (f == NULL)
		return err_set(e, ERR_ANSWER, "unknown key \"%s\"", key);
	if (is_given(f, w))
		return err_set(e, ERR_ANSWER, "%s: is there twice", key);
	if (f->is_number)
		return take_number(member, f->min, number_of(f, w), e);
	return take_text(member, text_of(f, w), e);
}

static int take_head(const struct json *doc, struct word *w, struct err *e)
{
	const char *schema, *kind;

	if (!json_is_object(doc))
		return err_set(e, ERR_ANSWER, "want an object");
	if (json_want_str(doc, "", "schema", &schema, e) || json_want_str(doc, "", "word", &kind, e))
		return -1;
	if (strcmp(schema, SCHEMA) != 0)
		return err_set(e, ERR_ANSWER, "schema: want " SCHEMA ", have \"%s\"", schema);
	if (kind_find(kind, &w->kind))
		return err_set(e, ERR_ANSWER, "word: there is no word \"%s\"", kind);
	return 0;
}

/* schema and word are not kept, so that saying them twice is seen only here. */
static int check_heads(const struct json *doc, struct err *e)
{
	size_t n = 0;

	for (const struct json *m = json_first(doc); m != NULL; m = json_next(m))
		n += strcmp(json_key(m), "schema") == 0 || strcmp(json_key(m), "word") == 0;
	return n == 2 ? 0 : err_set(e, ERR_ANSWER, "schema or word: is there twice");
}

int word_parse(char *text, size_t len, struct word *w, struct err *e)
{
	struct json *doc;
	int failed;

	word_init(w);
	if (len > WORD_MAX_BYTES)
		return err_set(e, ERR_ANSWER, "longer than %d bytes", WORD_MAX_BYTES);
	doc = json_parse(text, len, e);
	if (doc == NULL)
		return -1;
	failed = take_head(doc, w, e) || check_heads(doc, e);
	for (const struct json *m = failed ? NULL : json_first(doc); m != NULL && !failed;
	     m = json_next(m))
		failed = take_member(m, w, e);
	failed = failed || check(w, ERR_ANSWER, e);
	json_free(doc);
	if (!failed)
		return 0;
	word_clear(w);
	return -1;
}
