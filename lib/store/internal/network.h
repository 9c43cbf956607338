/* Whether a file is on this machine, by the kind of its file system. */
#ifndef SM_STORE_INTERNAL_NETWORK_H
#define SM_STORE_INTERNAL_NETWORK_H

/* What a number of statfs(2)'s f_type stands for, if that is a file system of a network or one that
 * a program serves; else NULL. */
const char *sm_network_name(unsigned long type);

/* The same for the file system of a file. */
const char *sm_store_network(const char *path);

#endif
