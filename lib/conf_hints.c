/* conf_hints.c - what was probably meant by a word that is not in the table. */
#include "lib/conf_keys.h"

#include <stdint.h>
#include <string.h>

#define WORD_MAX 32      /* longer words get no hint */
#define DISTANCE_MAX 2   /* further away is not a slip of the pen */

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Letters to add, drop or change to make a into b; one row of the usual
 * table at a time. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1];
	size_t n = strlen(b);

	if (strlen(a) > WORD_MAX || n > WORD_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t changed = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = least(changed, row[j] + 1, row[j - 1] + 1);
		}
	}
	return row[n];
}

/* The better of two candidates. */
static void consider(const char *word, const char *candidate, const char **best,
    size_t *best_distance)
{
	size_t d = distance(word, candidate);

	if (d < *best_distance) {
		*best_distance = d;
		*best = candidate;
	}
}

int conf_key_unknown(enum conf_section s, const char *name, struct err *e)
{
	const char *best = NULL, *elsewhere = NULL;
	size_t best_distance = DISTANCE_MAX + 1;

	for (size_t i = 0; i < conf_n_keys(); i++)
		if (conf_key_at(i)->sections & 1u << s)
			consider(name, conf_key_at(i)->name, &best, &best_distance);
	for (size_t other = 0; other < CONF_N_SECTIONS && elsewhere == NULL; other++)
		if (conf_key_find((enum conf_section)other, name) != SIZE_MAX)
			elsewhere = conf_sections[other].word;
	if (elsewhere != NULL)
		return err_set(e, ERR_CONFIG,
		    "section \"%s\" has no key \"%s\" (section \"%s\" has)", conf_sections[s].word,
		    name, elsewhere);
	if (best != NULL)
		return err_set(e, ERR_CONFIG,
		    "section \"%s\" has no key \"%s\" (did you mean \"%s\"?)",
		    conf_sections[s].word, name, best);
	return err_set(e, ERR_CONFIG, "section \"%s\" has no key \"%s\"", conf_sections[s].word,
	    name);
}

int conf_section_unknown(const char *word, struct err *e)
{
	const char *best = NULL;
	size_t best_distance = DISTANCE_MAX + 1;

	for (size_t s = 0; s < CONF_N_SECTIONS; s++)
		consider(word, conf_sections[s].word, &best, &best_distance);
	if (best != NULL)
		return err_set(e, ERR_CONFIG,
		    "there is no kind of section \"%s\" (did you mean \"%s\"?)", word, best);
	return err_set(e, ERR_CONFIG,
	    "there is no kind of section \"%s\": there are thresholds, nsx, opsman, tls, "
	    "files, ignore and remediate",
	    word);
}
