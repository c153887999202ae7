// OpenSSL 3 calls SHA256_CTX deprecated, yet its states can be copied: an HMAC of 143 bytes takes 0.16 µs so, and 0.27 µs with
// EVP_MAC_init on a kept key.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "CLimit.h"

#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char signed_fields[] = "content-type;host;x-amz-date;x-amz-target";

enum { date_length = 16, day_length = 8, scope_room = 128 };

struct limit_signer {
    char host[128], region[32], access_key[128], secret_key[128], target[64];
    int64_t seconds;
    char date[date_length + 1]; // 20260101T000000Z
    char scope[scope_room];     // 20260101/us-east-1/dynamodb/aws4_request
    // After the canonical request's part before the body's hash, and after the string to sign's before the request's hash.
    SHA256_CTX request, inner, outer;
    size_t date_offset, day_offset, signature_offset; // in the head
};

limit_signer *limit_signer_make(const limit_identity *identity) {
    limit_signer *signer = calloc(1, sizeof *signer);
    snprintf(signer->host, sizeof signer->host, "%s", identity->host);
    snprintf(signer->region, sizeof signer->region, "%s", identity->region);
    snprintf(signer->access_key, sizeof signer->access_key, "%s", identity->access_key);
    snprintf(signer->secret_key, sizeof signer->secret_key, "%s", identity->secret_key);
    snprintf(signer->target, sizeof signer->target, "%s", identity->target);
    signer->seconds = -1;
    limit_signer_set_time(signer, 0);
    char head[limit_head_room];
    limit_signer_head(signer, 0, head);
    signer->date_offset = (size_t)(strstr(head, "x-amz-date: ") - head) + strlen("x-amz-date: ");
    signer->day_offset = (size_t)(strstr(head, "Credential=") - head) + strlen("Credential=") + strlen(signer->access_key) + 1;
    signer->signature_offset = (size_t)(strstr(head, "Signature=") - head) + strlen("Signature=");
    return signer;
}

void limit_signer_free(limit_signer *signer) { free(signer); }

static void pad_key(SHA256_CTX *state, const unsigned char key[SHA256_DIGEST_LENGTH], unsigned char with) {
    unsigned char pad[SHA256_CBLOCK];
    for (size_t at = 0; at < sizeof pad; at++) pad[at] = (at < SHA256_DIGEST_LENGTH ? key[at] : 0) ^ with;
    SHA256_Init(state);
    SHA256_Update(state, pad, sizeof pad);
}

static void derive_key(const limit_signer *signer, unsigned char key[SHA256_DIGEST_LENGTH]) {
    char secret[160], day[day_length + 1] = {0};
    memcpy(day, signer->date, day_length);
    snprintf(secret, sizeof secret, "AWS4%s", signer->secret_key);
    const char *steps[] = {day, signer->region, "dynamodb", "aws4_request"};
    const void *from = secret;
    int length = (int)strlen(secret);
    for (int step = 0; step < 4; step++) {
        unsigned char next[SHA256_DIGEST_LENGTH];
        HMAC(EVP_sha256(), from, length, (const unsigned char *)steps[step], strlen(steps[step]), next, NULL);
        memcpy(key, next, sizeof next);
        from = key;
        length = SHA256_DIGEST_LENGTH;
    }
}

void limit_signer_set_time(limit_signer *signer, int64_t seconds) {
    if (seconds == signer->seconds) return;
    signer->seconds = seconds;
    time_t time = (time_t)seconds;
    struct tm utc;
    strftime(signer->date, sizeof signer->date, "%Y%m%dT%H%M%SZ", gmtime_r(&time, &utc));
    snprintf(signer->scope, sizeof signer->scope, "%.8s/%s/dynamodb/aws4_request", signer->date, signer->region);

    char text[1024];
    int length = snprintf(
        text, sizeof text, "POST\n/\n\ncontent-type:application/x-amz-json-1.0\nhost:%s\nx-amz-date:%s\nx-amz-target:%s\n\n%s\n",
        signer->host, signer->date, signer->target, signed_fields);
    SHA256_Init(&signer->request);
    SHA256_Update(&signer->request, text, (size_t)length);

    unsigned char key[SHA256_DIGEST_LENGTH];
    derive_key(signer, key);
    pad_key(&signer->inner, key, 0x36);
    pad_key(&signer->outer, key, 0x5c);
    length = snprintf(text, sizeof text, "AWS4-HMAC-SHA256\n%s\n%s\n", signer->date, signer->scope);
    SHA256_Update(&signer->inner, text, (size_t)length);
}

size_t limit_signer_head(const limit_signer *signer, size_t length, char *out) {
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    return (size_t)snprintf(
        out, limit_head_room,
        "POST / HTTP/1.1\r\nhost: %s\r\ncontent-type: application/x-amz-json-1.0\r\nx-amz-date: %s\r\nx-amz-target: %s\r\n"
        "authorization: AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s\r\ncontent-length: %zu\r\n"
        "user-agent: limit\r\n\r\n",
        signer->host, signer->date, signer->target, signer->access_key, signer->scope, signed_fields, zeros, length);
}

static void write_hex(const unsigned char digest[SHA256_DIGEST_LENGTH], char *out) {
    static const char digits[] = "0123456789abcdef";
    for (int at = 0; at < SHA256_DIGEST_LENGTH; at++) {
        out[2 * at] = digits[digest[at] >> 4];
        out[2 * at + 1] = digits[digest[at] & 15];
    }
}

// The digest of what `saved` has seen followed by the hexadecimal digits of `digest`, which it overwrites.
static void hash_hex(const SHA256_CTX *saved, unsigned char digest[SHA256_DIGEST_LENGTH]) {
    char hex[limit_signature_digits];
    SHA256_CTX state = *saved;
    write_hex(digest, hex);
    SHA256_Update(&state, hex, sizeof hex);
    SHA256_Final(digest, &state);
}

void limit_signer_sign(limit_signer *signer, const char *body, size_t length, char *head) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, body, length);
    SHA256_Final(digest, &state);
    hash_hex(&signer->request, digest);
    hash_hex(&signer->inner, digest);
    state = signer->outer;
    SHA256_Update(&state, digest, sizeof digest);
    SHA256_Final(digest, &state);
    memcpy(head + signer->date_offset, signer->date, date_length);
    memcpy(head + signer->day_offset, signer->date, day_length);
    write_hex(digest, head + signer->signature_offset);
}
