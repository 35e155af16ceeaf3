/* conf_values.c - configuration values of this subject: what to ignore, which
 * procedures, where a certificate comes from, when a change may start. */
#include "lib/conf_types.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "lib/base/week.h"

#define HASH_DIGITS_MIN 8
#define BLANKS " \t"

static bool starts_with(const char *s, const char *start)
{
	return strncmp(s, start, strlen(start)) == 0;
}

/* A prefix of a fingerprint in the form that the judgement compares with. */
static int take_hash_prefix(const char *s, struct conf_value *out, struct err *e)
{
	char hex[2 * CERT_SHA256_BYTES + 1];
	size_t n = 0;

	for (; *s != '\0' && n < sizeof hex - 1; s++) {
		char c = *s >= 'A' && *s <= 'F' ? (char)(*s - 'A' + 'a') : *s;

		if (c == ':')
			continue;
		if (strchr("0123456789abcdef", c) == NULL)
			break;
		hex[n++] = c;
	}
	if (*s != '\0' || n < HASH_DIGITS_MIN)
		return err_set(e, ERR_CONFIG, "want %d to %d hex digits after \"sha256:\"",
		    HASH_DIGITS_MIN, 2 * CERT_SHA256_BYTES);
	conf_value_set(out, mem_strndup(hex, n));
	return 0;
}

static int parse_match(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	static const struct { const char *start; enum ignore_match match; } forms[] = {
		{ "sha256:", IGNORE_SHA256 }, { "id:", IGNORE_ID }, { "name:", IGNORE_NAME },
		{ "issuer:", IGNORE_ISSUER }, { "service:", IGNORE_SERVICE },
	};
	const char *pattern = NULL;

	(void)k;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0] && pattern == NULL; i++) {
		if (!starts_with(s, forms[i].start))
			continue;
		pattern = s + strlen(forms[i].start);
		out->match = forms[i].match;
	}
	if (pattern == NULL || *pattern == '\0')
		return err_set(e, ERR_CONFIG,
		    "want sha256:HEX, id:ID, name:GLOB, issuer:GLOB or service:TYPE, not \"%s\"",
		    s);
	if (out->match == IGNORE_SHA256)
		return take_hash_prefix(pattern, out, e);
	if (out->match != IGNORE_ID && out->match != IGNORE_SERVICE &&
	    pattern[strspn(pattern, "*?")] == '\0')
		return err_set(e, ERR_CONFIG, "\"%s\" would ignore every certificate", s);
	conf_value_set(out, mem_strdup(pattern));
	return 0;
}
const struct conf_type conf_type_match = { "match", parse_match };

static bool is_procedure(const char *s, size_t n)
{
	static const char *const known[] = {
		"nsx-apply", "nsx-batch-replace", "nsx-host-certificate",
		"nsx-federation-thumbprint", "opsman-ca-rotation", "opsman-regenerate",
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strlen(known[i]) == n && memcmp(known[i], s, n) == 0)
			return true;
	return false;
}

/* Words parted by blanks or commas; stored with one blank between them. */
static int parse_procedures(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	char *list = mem_alloc(strlen(s) + 2);
	size_t used = 0;

	(void)k;
	for (const char *word = s + strspn(s, " ,\t"); *word != '\0';
	     word += strspn(word, " ,\t")) {
		size_t n = strcspn(word, " ,\t");

		if (!is_procedure(word, n)) {
			err_set(e, ERR_CONFIG,
			    "there is no procedure \"%.*s\" that could be done here", (int)n, word);
			free(list);
			return -1;
		}
		used += (size_t)sprintf(list + used, "%s%.*s", used > 0 ? " " : "", (int)n, word);
		word += n;
	}
	conf_value_set(out, list);
	return 0;
}
const struct conf_type conf_type_procedures = { "list of procedures", parse_procedures };

static bool is_absolute(const char *s)
{
	return s[0] == '/' && s[1] != '\0';
}

/* "pem:FILE", maybe followed by "key:FILE". */
static bool is_pem_source(const char *s)
{
	const char *file = s + strlen("pem:");
	const char *key = file + strcspn(file, BLANKS);

	if (!is_absolute(file))
		return false;
	key += strspn(key, BLANKS);
	if (*key == '\0')
		return true;
	return starts_with(key, "key:") && is_absolute(key + strlen("key:")) &&
	    strpbrk(key, BLANKS) == NULL;
}

static int parse_replacement(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	bool ok = strcmp(s, "existing") == 0 || strcmp(s, "self-signed") == 0;

	(void)k;
	(void)out;
	if (starts_with(s, "existing:"))
		ok = s[strlen("existing:")] != '\0' && strpbrk(s, BLANKS) == NULL;
	else if (starts_with(s, "pem:"))
		ok = is_pem_source(s);
	else if (starts_with(s, "command:"))
		ok = is_absolute(s + strlen("command:")) && strpbrk(s, BLANKS) == NULL;
	if (!ok)
		return err_set(e, ERR_CONFIG,
		    "want existing, existing:ID, pem:/FILE [key:/FILE], self-signed "
		    "or command:/PROGRAM, not \"%s\"",
		    s);
	return 0;
}
const struct conf_type conf_type_replacement = { "source of certificates", parse_replacement };

static int parse_window(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	struct week week;

	(void)k;
	(void)out;
	if (!week_parse(s, &week))
		return err_set(e, ERR_CONFIG,
		    "want a window such as \"Sat,Sun 02:00-06:00\", not \"%s\"", s);
	return 0;
}
const struct conf_type conf_type_window = { "window", parse_window };

static int parse_timezone(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	(void)k;
	(void)out;
	if (!week_zone_is_known(s))
		return err_set(e, ERR_CONFIG, "there is no time zone \"%s\" in " WEEK_ZONES, s);
	return 0;
}
const struct conf_type conf_type_timezone = { "time zone", parse_timezone };

/* "CN=nsx.example,O=Example": the attributes that a signing request of the
 * product takes. */
static int parse_subject(const struct conf_key *k, const char *s, struct conf_value *out,
    struct err *e)
{
	static const char *const types[] = { "CN=", "O=", "OU=", "C=", "ST=", "L=" };
	const char *at = s;
	bool ok = true;

	(void)k;
	(void)out;
	while (ok && *at != '\0') {
		size_t n = strcspn(at, ",");

		ok = false;
		for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
			ok = ok || (starts_with(at, types[i]) && n > strlen(types[i]));
		at += n;
		if (*at == ',') {
			at++;
			ok = ok && *at != '\0';
			at += strspn(at, BLANKS);
		}
	}
	if (!ok)
		return err_set(e, ERR_CONFIG,
		    "want CN=NAME,O=NAME,OU=NAME,C=CC,ST=NAME,L=NAME (each optional), "
		    "not \"%s\"",
		    s);
	return 0;
}
const struct conf_type conf_type_subject = { "subject", parse_subject };
