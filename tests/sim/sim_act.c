/* sim_act.c - what each fault of the core does. */
#include <openssl/rand.h>
#include <string.h>
#include "tests/sim/sim_core.h"

#define GARBAGE_BYTES 512
#define ENDLESS_HEADER_BYTES (INT64_C(64) << 20)
#define DEEP_MAX 4000000

enum value_kind { NO_VALUE, NUMBER, MAYBE_NUMBER, STRING, OBJECT, NUMBER_OR_OBJECT };

static int64_t number(const struct sim_fault *f, int64_t otherwise)
{
	int64_t n = otherwise;

	(void)json_i64(sim_fault_value(f), &n);
	return n;
}

static void act_delay(const struct sim_fault *f, struct sim_exchange *x)
{
	(void)sim_sleep_ms(x->sim, number(f, 0));
}

/* --- in the place of the product --- */

static void add_headers(const struct json *headers, struct sim_reply *rp)
{
	for (const struct json *h = json_first(headers); h != NULL; h = json_next(h)) {
		if (json_str(h) != NULL)
			sim_reply_header(rp, json_key(h), "%s", json_str(h));
	}
}

static void act_status(const struct sim_fault *f, struct sim_exchange *x)
{
	const struct json *value = sim_fault_value(f);
	const struct json *status = json_is_object(value) ? json_get(value, "status") : value;
	const char *body = json_str(json_get(value, "body"));
	int64_t n = 500;

	(void)json_i64(status, &n);
	sim_lock(x->sim);
	x->sim->product->refuse(x->sim->world->state, (unsigned)n, &x->rp);
	sim_unlock(x->sim);
	if (body != NULL) {
		buf_reset(&x->rp.body);
		buf_adds(&x->rp.body, body);
	}
	add_headers(json_get(value, "headers"), &x->rp);
}

static void act_html(const struct sim_fault *f, struct sim_exchange *x)
{
	sim_reply_set(&x->rp, (unsigned)number(f, 200), "text/html;charset=utf-8");
	buf_adds(&x->rp.body, "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n"
	    "<body><h1>Sign in</h1><form method=\"post\" action=\"/login\">"
	    "<input name=\"user\"></form></body></html>\n");
}

static void act_body(const struct sim_fault *f, struct sim_exchange *x)
{
	sim_reply_set(&x->rp, 200, "application/json");
	buf_adds(&x->rp.body, json_str(sim_fault_value(f)));
}

static void act_big(const struct sim_fault *f, struct sim_exchange *x)
{
	sim_reply_set(&x->rp, 200, "application/json");
	x->delivery.filler_bytes = number(f, 0);
}

static void act_deep(const struct sim_fault *f, struct sim_exchange *x)
{
	int64_t depth = number(f, 0);

	sim_reply_set(&x->rp, 200, "application/json");
	for (int64_t i = 0; i < depth; i++)
		buf_addc(&x->rp.body, '[');
	for (int64_t i = 0; i < depth; i++)
		buf_addc(&x->rp.body, ']');
}

static void act_raw(const struct sim_fault *f, struct sim_exchange *x)
{
	x->delivery.raw = json_str(sim_fault_value(f));
}

/* --- to the product's answer --- */

static void act_content_type(const struct sim_fault *f, struct sim_exchange *x)
{
	/* The hit keeps the fault's document until the answer is sent. */
	x->rp.content_type = json_str(sim_fault_value(f));
}

static void act_header(const struct sim_fault *f, struct sim_exchange *x)
{
	add_headers(sim_fault_value(f), &x->rp);
}

static void act_garbage(const struct sim_fault *f, struct sim_exchange *x)
{
	int64_t left = number(f, GARBAGE_BYTES);
	unsigned char noise[256];

	buf_reset(&x->rp.body);
	while (left > 0) {
		size_t n = left < (int64_t)sizeof noise ? (size_t)left : sizeof noise;

		if (RAND_bytes(noise, (int)n) != 1)
			return;
		noise[0] |= 0x80;
		buf_add(&x->rp.body, noise, n);
		left -= (int64_t)n;
	}
}

static void act_lose(const struct sim_fault *f, struct sim_exchange *x)
{
	(void)f;
	x->rp.lose = true;
}

static void act_reset(const struct sim_fault *f, struct sim_exchange *x)
{
	x->delivery.reset = true;
	x->delivery.cut_at = number(f, 0);
}

static void act_truncate(const struct sim_fault *f, struct sim_exchange *x)
{
	x->delivery.cut_at = number(f, (int64_t)x->rp.body.len / 2);
}

static void act_slow(const struct sim_fault *f, struct sim_exchange *x)
{
	x->delivery.bytes_per_s = number(f, 1);
}

static void act_slow_header(const struct sim_fault *f, struct sim_exchange *x)
{
	x->delivery.header_bytes_per_s = number(f, 1);
}

static void act_length(const struct sim_fault *f, struct sim_exchange *x)
{
	x->delivery.length_off_by = number(f, 0);
}

static void act_endless_header(const struct sim_fault *f, struct sim_exchange *x)
{
	x->delivery.endless_header_bytes = number(f, ENDLESS_HEADER_BYTES);
}

static void act_chunked(const struct sim_fault *f, struct sim_exchange *x)
{
	(void)f;
	x->rp.chunked = true;
}

static void act_restart(const struct sim_fault *f, struct sim_exchange *x)
{
	x->delivery.restart_ms = number(f, 0);
}

static const struct kind {
	const char *what;
	enum sim_stage stage;
	enum value_kind wants;
	int64_t min, max;             /* of a number */
	void (*act)(const struct sim_fault *f, struct sim_exchange *x);
} kinds[] = {
	{ "delay", SIM_BEFORE, NUMBER, 0, 3600000, act_delay },
	{ "status", SIM_INSTEAD, NUMBER_OR_OBJECT, 200, 599, act_status },
	{ "html", SIM_INSTEAD, MAYBE_NUMBER, 200, 599, act_html },
	{ "body", SIM_INSTEAD, STRING, 0, 0, act_body },
	{ "big", SIM_INSTEAD, NUMBER, 2, INT64_C(1) << 40, act_big },
	{ "deep", SIM_INSTEAD, NUMBER, 1, DEEP_MAX, act_deep },
	{ "raw", SIM_INSTEAD, STRING, 0, 0, act_raw },
	{ "content-type", SIM_AFTER, STRING, 0, 0, act_content_type },
	{ "header", SIM_AFTER, OBJECT, 0, 0, act_header },
	{ "garbage", SIM_AFTER, MAYBE_NUMBER, 1, 1 << 28, act_garbage },
	{ "lose", SIM_AFTER, NO_VALUE, 0, 0, act_lose },
	{ "reset", SIM_AFTER, MAYBE_NUMBER, 0, INT64_C(1) << 40, act_reset },
	{ "truncate", SIM_AFTER, MAYBE_NUMBER, 0, INT64_C(1) << 40, act_truncate },
	{ "slow", SIM_AFTER, NUMBER, 1, 1 << 30, act_slow },
	{ "slow-header", SIM_AFTER, NUMBER, 1, 1 << 30, act_slow_header },
	{ "length", SIM_AFTER, NUMBER, -(1 << 28), 1 << 28, act_length },
	{ "endless-header", SIM_AFTER, MAYBE_NUMBER, 1, INT64_C(1) << 40, act_endless_header },
	{ "chunked", SIM_AFTER, NO_VALUE, 0, 0, act_chunked },
	{ "restart", SIM_AFTER, NUMBER, 1, 3600000, act_restart },
};

#define N_KINDS (sizeof kinds / sizeof kinds[0])

static const struct kind *find_kind(const char *what)
{
	for (size_t i = 0; i < N_KINDS; i++) {
		if (strcmp(kinds[i].what, what) == 0)
			return &kinds[i];
	}
	return NULL;
}

void sim_act(struct sim_exchange *x, enum sim_stage stage)
{
	for (size_t i = 0; i < x->hits.n; i++) {
		const struct kind *kind = find_kind(sim_fault_do(x->hits.fault[i]));

		if (kind == NULL || kind->stage != stage)
			continue;
		kind->act(x->hits.fault[i], x);
		if (stage == SIM_INSTEAD)
			x->answered = true;
	}
}

static int check_number(const struct kind *kind, const struct json *value, struct err *e)
{
	int64_t n;

	if (json_i64(value, &n) && n >= kind->min && n <= kind->max)
		return 0;
	return err_set(e, ERR_CONFIG, "want a whole number from %lld to %lld as value",
	    (long long)kind->min, (long long)kind->max);
}

static int check_value(const struct kind *kind, const struct json *value, struct err *e)
{
	bool fits = false;

	switch (kind->wants) {
	case NUMBER:
		return check_number(kind, value, e);
	case MAYBE_NUMBER:
		return value == NULL ? 0 : check_number(kind, value, e);
	case NUMBER_OR_OBJECT:
		if (json_is_object(value))
			value = json_get(value, "status");
		return check_number(kind, value, e);
	case STRING:
		fits = json_str(value) != NULL;
		break;
	case OBJECT:
		fits = json_is_object(value);
		break;
	case NO_VALUE:
		fits = value == NULL;
		break;
	}
	return fits ? 0 : err_set(e, ERR_CONFIG, "no value that this fault takes");
}

/* Before HTTP there are fewer ways to fail (sim_accept.c, sim_tls.c). */
static bool below_http(enum sim_fault_place place, const char *what)
{
	static const char *const connect[] = { "reset", "close", "silent", "plain", NULL };
	static const char *const handshake[] = { "reset", "close", "delay", NULL };
	const char *const *list = place == SIM_AT_CONNECT ? connect : handshake;

	while (*list != NULL && strcmp(*list, what) != 0)
		list++;
	return *list != NULL;
}

int sim_act_check(enum sim_fault_place place, const char *what, const struct json *value,
    bool *known, struct err *e)
{
	const struct kind *kind = find_kind(what);

	if (place != SIM_AT_REQUEST) {
		*known = below_http(place, what);
		if (*known && strcmp(what, "delay") == 0)
			return check_number(kind, value, e);
		return 0;
	}
	*known = kind != NULL;
	return kind != NULL ? check_value(kind, value, e) : 0;
}
