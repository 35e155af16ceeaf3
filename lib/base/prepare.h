/* prepare.h - what the process does to itself before it reads anything, for
 * both programs. */
#ifndef CHECK_CERTS_PREPARE_H
#define CHECK_CERTS_PREPARE_H

/* Descriptors 0 to 2 taken, no core file and no memory to look into, SIGPIPE
 * an error of write, files of our own for us alone. */
void process_prepare(void);

#endif
