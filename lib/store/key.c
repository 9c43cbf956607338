/* What answers are found by, and known again by. */
#include "lib/base/mem.h"
#include "lib/store/internal/backend.h"

#include <openssl/evp.h>
#include <string.h>

/* The SHA-256 of `head` and `body` in a row. */
static void digest_of(const char *head, size_t head_len, const char *body, size_t len,
                      unsigned char value[EVP_MAX_MD_SIZE])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    if (!digest || !EVP_DigestInit_ex(digest, EVP_sha256(), NULL))
        sm_out_of_memory();
    EVP_DigestUpdate(digest, head, head_len);
    EVP_DigestUpdate(digest, body, len);
    EVP_DigestFinal_ex(digest, value, NULL);
    EVP_MD_CTX_free(digest);
}

void sm_store_key(char key[SM_KEY_LEN + 1], const char *whose, int64_t sample, const char *body,
                  size_t len)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char value[EVP_MAX_MD_SIZE] = {0};
    struct sm_buf head = {0};
    sm_buf_printf(&head, "%zu:%s%lld:%zu:", strlen(whose), whose, (long long)sample, len);
    digest_of(head.data, head.len, body, len, value);
    sm_buf_release(&head);
    for (size_t i = 0; i < SM_KEY_LEN / 2; i++) {
        key[2 * i] = hex[value[i] >> 4];
        key[2 * i + 1] = hex[value[i] & 15];
    }
    key[SM_KEY_LEN] = '\0';
}

int64_t sm_store_digest(const char *response, size_t len)
{
    unsigned char value[EVP_MAX_MD_SIZE] = {0};
    uint64_t number = 0;
    digest_of("", 0, response, len, value);
    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | value[i];
    return (int64_t)number;
}
