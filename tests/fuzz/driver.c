/* driver.c - runs a fuzz target over its corpus: the files and directories
 * named on the command line, or else tests/fuzz/corpus/X for a program called
 * fuzz_X, as they are and with a few fixed mutations.  Prints TAP.  A real
 * fuzzer takes its place with --enable-fuzz. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX_BYTES (4u * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of exactly n bytes, so that a sanitizer sees a read past the end. */
static void run_exact(const uint8_t *data, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (copy == NULL)
		exit(1);
	if (n > 0)
		memcpy(copy, data, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

/* Cut it short, and break one byte, at eight places each. */
static void run_mutations(uint8_t *data, size_t n)
{
	for (size_t i = 1; i <= 8 && n > 8; i++) {
		size_t at = n * i / 9;

		run_exact(data, at);
		data[at] = (uint8_t)(data[at] ^ (0x55u + i));
		run_exact(data, n);
		data[at] = (uint8_t)(data[at] ^ (0x55u + i));
	}
}

static int run_file(const char *path)
{
	uint8_t *data = malloc(INPUT_MAX_BYTES);
	FILE *f = fopen(path, "rb");
	size_t n;

	if (data == NULL || f == NULL) {
		free(data);
		if (f != NULL)
			fclose(f);
		return -1;
	}
	n = fread(data, 1, INPUT_MAX_BYTES, f);
	fclose(f);
	run_exact(data, n);
	run_mutations(data, n);
	free(data);
	return 0;
}

static void tap(int *count, const char *path)
{
	int failed = run_file(path);

	printf("%s %d - %s\n", failed ? "not ok" : "ok", ++*count, path);
	fflush(stdout);
}

static void run_directory(int *count, const char *path)
{
	DIR *d = opendir(path);
	char name[4096];

	if (d == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		tap(count, name);
	}
	closedir(d);
}

/* fuzz_json -> $top_srcdir/tests/fuzz/corpus/json */
static void run_own_corpus(int *count, const char *program)
{
	const char *top = getenv("top_srcdir");
	const char *name = strstr(program, "fuzz_");
	char path[4096];

	for (const char *later; name != NULL && (later = strstr(name + 1, "fuzz_")) != NULL;)
		name = later;
	if (name == NULL)
		return;
	snprintf(path, sizeof path, "%s/tests/fuzz/corpus/%s", top != NULL ? top : ".", name + 5);
	run_directory(count, path);
}

int main(int argc, char **argv)
{
	struct stat st;
	int count = 0;

	if (argc == 1)
		run_own_corpus(&count, argv[0]);

	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			run_directory(&count, argv[i]);
		else
			tap(&count, argv[i]);
	}
	if (count == 0)
		printf("not ok %d - no corpus was found\n", ++count);
	printf("1..%d\n", count);
	return 0;
}
