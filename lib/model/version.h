/* version.h - product versions as numbers that can be compared. */
#ifndef CHECK_CERTS_VERSION_H
#define CHECK_CERTS_VERSION_H

#define VERSION(major, minor, patch) ((major) * 10000 + (minor) * 100 + (patch))

/* "4.2.0.0.0.24105817" as VERSION(4, 2, 0); 0 for NULL, and when it does not
 * begin with a number. */
int version_number(const char *text);

#endif
