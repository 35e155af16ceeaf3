/* base_get.c - the least a C program can do: verified GETs over one libcurl
 * handle, the bodies counted and dropped.
 *
 *   base_get CA_FILE USER:PASSWORD URL... */
#include <curl/curl.h>
#include <stdio.h>

static size_t drop(char *bytes, size_t size, size_t n, void *total)
{
	(void)bytes;
	*(size_t *)total += size * n;
	return size * n;
}

int main(int argc, char **argv)
{
	CURL *curl = curl_easy_init();
	size_t total = 0;
	CURLcode code = CURLE_OK;

	if (argc < 4 || curl == NULL)
		return 2;
	curl_easy_setopt(curl, CURLOPT_CAINFO, argv[1]);
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_USERPWD, argv[2]);
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &total);
	for (int i = 3; i < argc && code == CURLE_OK; i++) {
		curl_easy_setopt(curl, CURLOPT_URL, argv[i]);
		code = curl_easy_perform(curl);
	}
	curl_easy_cleanup(curl);
	if (code != CURLE_OK)
		fprintf(stderr, "base_get: %s\n", curl_easy_strerror(code));
	printf("%zu bytes\n", total);
	return code != CURLE_OK;
}
