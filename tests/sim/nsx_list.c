/* nsx_list.c - lists with a cursor.
 *
 * A cursor names the last entry of its page and where the next one begins:
 * "0036<id><offset> <name>".  The blank in it must be percent-encoded by the
 * client, as real cursors demand. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/base/mem.h"
#include "lib/base/text.h"
#include "tests/sim/nsx_call.h"

#define PAGE_MAX 1000
#define NAME_IN_CURSOR 24

void nsx_list_add(struct nsx_list *list, const void *item)
{
	list->item = mem_grow(list->item, &list->cap, list->n + 1, sizeof(const void *));
	list->item[list->n++] = item;
}

/* --- the order ------------------------------------------------------------- */

struct keyed {
	const char *key;
	size_t place;
	const void *item;
};

static int compare(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int order = strcmp(x->key, y->key);

	return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

static void sort(struct nsx_list *list, bool by_id, bool ascending)
{
	struct keyed *keyed = mem_array(list->n + 1, sizeof *keyed);

	for (size_t i = 0; i < list->n; i++) {
		keyed[i].item = list->item[i];
		keyed[i].place = i;
		keyed[i].key = by_id ? list->id(list->item[i]) : list->name(list->item[i]);
	}
	qsort(keyed, list->n, sizeof *keyed, compare);
	for (size_t i = 0; i < list->n; i++)
		list->item[i] = keyed[ascending ? i : list->n - 1 - i].item;
	free(keyed);
}

/* --- cursors ------------------------------------------------------------------- */

/* The name up to the first byte that would need care. */
static char *make_cursor(const struct nsx_list *list, size_t next)
{
	const void *last = list->item[next - 1];
	const char *id = list->id(last), *name = list->name(last);
	size_t n = 0;

	while (n < NAME_IN_CURSOR && name[n] >= ' ' && name[n] < 0x7f)
		n++;
	return mem_printf("%04zu%s%zu %.*s", strlen(id), id, next, (int)n, name);
}

/* Where the page of this cursor begins; -1: it is none of ours. */
static int read_cursor(const struct nsx_list *list, const char *cursor, size_t *begin)
{
	int64_t len, next;
	char digits[24];
	size_t n;

	if (strlen(cursor) < 5)
		return -1;
	snprintf(digits, sizeof digits, "%.4s", cursor);
	if (text_to_i64(digits, 1, 9999, &len) != 0 || strlen(cursor) < 4 + (size_t)len)
		return -1;
	n = strspn(cursor + 4 + len, "0123456789");
	if (n == 0 || n >= sizeof digits)
		return -1;
	snprintf(digits, sizeof digits, "%.*s", (int)n, cursor + 4 + len);
	if (text_to_i64(digits, 1, (int64_t)list->n, &next) != 0 ||
	    strncmp(list->id(list->item[next - 1]), cursor + 4, (size_t)len) != 0)
		return -1;
	*begin = (size_t)next;
	return 0;
}

static const char *cursor_fault(const struct nsx_call *c)
{
	const char *how = json_str(c->rq->fault.value);

	if (c->rq->fault.what == NULL || strcmp(c->rq->fault.what, "cursor") != 0)
		return NULL;
	return how != NULL ? how : "repeat";
}

/* The cursor of the answer; NULL: none.  free(). */
static char *next_cursor(const struct nsx *n, const struct nsx_call *c, const struct nsx_list *list,
    size_t end)
{
	const char *fault = cursor_fault(c);
	char uuid[37];

	if (fault != NULL && strcmp(fault, "repeat") == 0)
		return mem_strdup("0036ffffffff-ffff-4fff-bfff-ffffffffffff1 again");
	if (fault != NULL && strcmp(fault, "endless") == 0) {
		sim_uuid(uuid);
		return mem_printf("0036%s1 more", uuid);
	}
	if (end < list->n)
		return make_cursor(list, end);
	if (n->null_cursor || (fault != NULL && strcmp(fault, "null") == 0))
		return mem_strdup("0000");
	return fault != NULL && strcmp(fault, "empty") == 0 ? mem_strdup("") : NULL;
}

/* --- the page ------------------------------------------------------------------------ */

static bool is_false(const char *value)
{
	return value != NULL && strcmp(value, "false") == 0;
}

static int read_page(struct nsx_call *c, const struct nsx_list *list, size_t *begin, size_t *end)
{
	const char *size = sim_request_query(c->rq, "page_size");
	const char *cursor = sim_request_query(c->rq, "cursor");
	const char *fault = cursor_fault(c);
	int64_t n = PAGE_MAX;

	if (size != NULL && text_to_i64(size, 1, PAGE_MAX, &n) != 0) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "Field level validation errors: {page_size has to be between 1 and %d}",
		    PAGE_MAX);
		return -1;
	}
	*begin = 0;
	if (fault != NULL && (strcmp(fault, "repeat") == 0 || strcmp(fault, "endless") == 0))
		cursor = NULL;
	if (cursor != NULL && cursor[0] != '\0' && read_cursor(list, cursor, begin) != 0) {
		nsx_error(c->rp, 400, NSX_E_PARAMETER,
		    "Field level validation errors: {cursor is not valid}");
		return -1;
	}
	*end = list->n - *begin < (size_t)n ? list->n : *begin + (size_t)n;
	return 0;
}

static void write_page(struct nsx *n, struct nsx_call *c, struct nsx_list *list, bool by_id,
    bool ascending)
{
	const char *asked = sim_request_query(c->rq, "cursor");
	struct json_writer w;
	size_t begin, end;
	char *cursor;

	if (read_page(c, list, &begin, &end) != 0)
		return;
	cursor = next_cursor(n, c, list, end);
	sim_reply_json(c->rp, 200, &w);
	jsonw_open(&w, NULL, '{');
	jsonw_open(&w, "results", '[');
	for (size_t i = begin; i < end; i++)
		list->write(n, c, list->item[i], &w);
	jsonw_close(&w, ']');
	if (asked == NULL || asked[0] == '\0')
		jsonw_i64(&w, "result_count", (int64_t)list->n);
	if (cursor != NULL)
		jsonw_str(&w, "cursor", cursor);
	jsonw_str(&w, "sort_by", by_id ? "id" : "display_name");
	jsonw_bool(&w, "sort_ascending", ascending);
	jsonw_close(&w, '}');
	free(cursor);
}

void nsx_list_answer(struct nsx *n, struct nsx_call *c, struct nsx_list *list)
{
	const char *by = sim_request_query(c->rq, "sort_by");
	bool by_id = by != NULL && strcmp(by, "id") == 0;
	bool ascending = !is_false(sim_request_query(c->rq, "sort_ascending"));

	sort(list, by_id, ascending);
	write_page(n, c, list, by_id, ascending);
	free(list->item);
	list->item = NULL;
}

void nsx_empty_list(struct nsx *n, struct nsx_call *c)
{
	struct nsx_list none = { 0 };

	nsx_list_answer(n, c, &none);
}
