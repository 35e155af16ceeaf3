/* fetch_words.c - what went wrong with a request, in words. */
#include "lib/source/fetch_internal.h"

#include <string.h>

/* Words of OpenSSL and libcurl that say more than an error number does. */
static const struct {
	const char *word;
	enum err_code code;
	const char *sentence;
} hints[] = {
	{ "wrong version number",   ERR_TLS, "it speaks no TLS there, check host and port" },
	{ "packet length too long", ERR_TLS, "it speaks no TLS there, check host and port" },
	{ "unsupported protocol",   ERR_TLS, "it offers no TLS version allowed here (1.2 or newer)" },
	{ "alert protocol version", ERR_TLS, "it offers no TLS version allowed here (1.2 or newer)" },
	{ "alert certificate required", ERR_AUTH, "it demands a client certificate, see client_cert" },
	{ "alert bad certificate",  ERR_AUTH, "it refused our client certificate, or our having none" },
	{ "alert unknown ca",       ERR_AUTH, "it does not know the CA of our client certificate" },
	{ "alert certificate expired", ERR_AUTH, "it says that our client certificate has expired" },
	{ "alert certificate unknown", ERR_AUTH, "it does not accept our client certificate" },
	{ "alert handshake failure", ERR_TLS,
	    "it refused the handshake: nothing in common, or it demands a client certificate" },
	{ "alert unrecognized name", ERR_TLS, "it does not know the name asked for" },
	{ "SSL_ERROR_SYSCALL",      ERR_UNREACHABLE, "it closed the connection during the handshake" },
	{ "Connection reset",       ERR_UNREACHABLE, "it reset the connection" },
	{ "unexpected eof",         ERR_UNREACHABLE, "it closed the connection in the middle" },
	{ "chunked-encoding",       ERR_ANSWER, "the answer is garbled, its chunks do not fit" },
	{ "unsafe legacy renegotiation", ERR_TLS, "its TLS is too old to be safe (no RFC 5746)" },
};

bool fetch_hint(const char *detail, struct err *e)
{
	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
		if (strstr(detail, hints[i].word) != NULL) {
			err_set(e, hints[i].code, "%s", hints[i].sentence);
			return true;
		}
	return false;
}

static const char *const stage_sentences[] = {
	[FETCH_STAGE_QUEUE]     = "its turn did not come in time",
	[FETCH_STAGE_LOCK]      = "another process held the lock all the time",
	[FETCH_STAGE_NAME]      = "no answer from the DNS in time",
	[FETCH_STAGE_CONNECT]   = "no connection in time, is the host up and the port open?",
	[FETCH_STAGE_HANDSHAKE] = "connected, but the TLS handshake did not end in time",
	[FETCH_STAGE_REQUEST]   = "no answer to the request in time",
	[FETCH_STAGE_ANSWER]    = "the answer began but did not end in time",
	[FETCH_STAGE_STALLED]   = "the answer began and then stopped coming",
};

int fetch_timed_out(enum fetch_stage stage, const char *lock_path, struct err *e)
{
	err_set(e, ERR_TIMEOUT, "%s", stage_sentences[stage]);
	return stage == FETCH_STAGE_LOCK ? err_prefix(e, "%s", lock_path) : -1;
}
