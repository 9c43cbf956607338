/* The proxy that libcurl takes from the environment, named for messages. */
#ifndef CMD_COMMON_PROXY_H
#define CMD_COMMON_PROXY_H

/* "https_proxy (http://proxy:3128)" for requests to `url`, without credentials, for the caller to
 * free; NULL if they go there directly. */
char *proxy_in_force(const char *url);

#endif
