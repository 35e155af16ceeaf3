/* bench_read.c - the product's reading of a PEM file against the least that
 * OpenSSL alone does for an expiry check, in turn, in one process.
 *
 *   bench_read FILE [ROUNDS]
 *
 * Prints the CPU time per certificate of both and the ratio, round by round:
 * a ratio of two neighbours holds when the machine's speed drifts. */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "lib/base/fileio.h"
#include "lib/model/cert.h"

#define FILE_MAX_BYTES ((size_t)1024 * 1024 * 1024)
#define ROUNDS_DEFAULT 7
#define ROUNDS_MAX 101

struct tally { size_t read, bad, ended; int64_t now_at; };

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool count(void *ctx, size_t index, struct cert *c, const char *problem)
{
	struct tally *t = ctx;

	(void)index;
	(void)problem;
	t->read++;
	if (c == NULL)
		t->bad++;
	else if (c->not_after_at < t->now_at)
		t->ended++;
	cert_free(c);
	return true;
}

static struct tally read_ours(const char *path, int64_t now_at)
{
	struct tally t = { .now_at = now_at };
	struct buf text;
	struct err e;

	buf_init(&text, FILE_MAX_BYTES);
	if (fileio_read(path, &text, &e)) {
		fprintf(stderr, "bench_read: %s\n", e.text);
		exit(1);
	}
	cert_read_pem(buf_str(&text), text.len, count, &t);
	buf_clear(&text);
	return t;
}

static struct tally read_bare(const char *path, int64_t now_at)
{
	BIO *in = BIO_new_file(path, "r");
	struct tally t = { .now_at = now_at };
	time_t now = (time_t)now_at;

	for (X509 *x; (x = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL; t.read++) {
		if (X509_cmp_time(X509_get0_notAfter(x), &now) < 0)
			t.ended++;
		X509_free(x);
	}
	BIO_free(in);
	return t;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double round_ratio(const char *path, int64_t now_at)
{
	double start = cpu_s(), ours, bare;
	struct tally a = read_ours(path, now_at), b;

	ours = cpu_s() - start;
	start = cpu_s();
	b = read_bare(path, now_at);
	bare = cpu_s() - start;
	if (a.read == 0 || a.bad > 0 || a.read != b.read || a.ended != b.ended) {
		fprintf(stderr, "bench_read: the two do not agree on %s\n", path);
		exit(1);
	}
	printf("%zu certificates: %.2f us against %.2f us each, ratio %.4f\n", a.read,
	    ours * 1e6 / (double)a.read, bare * 1e6 / (double)a.read, ours / bare);
	return ours / bare;
}

int main(int argc, char **argv)
{
	int rounds = argc == 3 ? atoi(argv[2]) : ROUNDS_DEFAULT;
	double ratios[ROUNDS_MAX];
	int64_t now_at = (int64_t)time(NULL);

	if (argc < 2 || argc > 3 || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "usage: bench_read FILE [ROUNDS]\n");
		return 2;
	}
	for (int i = 0; i < rounds; i++)
		ratios[i] = round_ratio(argv[1], now_at);
	qsort(ratios, (size_t)rounds, sizeof ratios[0], by_value);
	printf("reading: ratio min %.4f, median %.4f\n", ratios[0], ratios[rounds / 2]);
	return 0;
}
