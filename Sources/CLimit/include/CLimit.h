// How fast requests can be at all: ready-made ones, signed and sent over bare libcurl connections, and nothing else.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Signing

enum { limit_signature_digits = 64, limit_head_room = 1024 };

/// Signature Version 4 of requests that differ only in body and date, from saved SHA-256 states.
typedef struct limit_signer limit_signer;

typedef struct {
    const char *host; ///< as in the `host` field
    const char *region;
    const char *access_key;
    const char *secret_key;
    const char *target; ///< `DynamoDB_20120810.PutItem`
} limit_identity;

limit_signer *limit_signer_make(const limit_identity *identity);
void limit_signer_free(limit_signer *signer);
/// Signs as of `seconds` since 1970 from now on; does nothing if it did already.
void limit_signer_set_time(limit_signer *signer, int64_t seconds);
/// Writes the head of a request with a body of `length` bytes to `out` (room: `limit_head_room`), its signature still empty.
size_t limit_signer_head(const limit_signer *signer, size_t length, char *out);
/// Writes date and signature for `body` into a head that `limit_signer_head` wrote.
void limit_signer_sign(limit_signer *signer, const char *body, size_t length, char *head);

// MARK: Sending

typedef struct {
    uint16_t port;        ///< on 127.0.0.1
    unsigned threads;     ///< each with an epoll of its own
    unsigned connections; ///< all threads together
    uint64_t items;       ///< to put; what doesn't fill a body is left away
    const char *operation; ///< `PutItem`
    const char *body;     ///< of such a request
    const size_t *id_offsets; ///< of the digits in `body` that change from item to item
    unsigned ids;         ///< items in a body
    unsigned id_digits;
    const char *certificates; ///< over TLS, with these trusted (a file); NULL: plain HTTP
    const char *region;
    const char *access_key;
    const char *secret_key;
} limit_config;

typedef struct {
    uint64_t accepted; ///< answered with 200
    uint64_t refused;  ///< answered with 400
    double seconds;    ///< from the first request to the last answer
    char error[200];   ///< empty if all went well
} limit_result;

/// Sends all requests, then returns.
limit_result limit_run(const limit_config *config);
/// The same by libcurl's own transfers, on one thread: what its multi interface costs above its bare connections.
limit_result limit_run_multi(const limit_config *config);

// MARK: Pulling

typedef struct {
    uint16_t port;         ///< on 127.0.0.1
    unsigned threads;      ///< each with an epoll of its own
    unsigned connections;  ///< all threads together; each pulls one segment at a time
    unsigned segments;     ///< of each table
    const char *tables[2]; ///< the first is read consistently
    const char *region;
    const char *access_key;
    const char *secret_key;
} limit_pull_config;

typedef struct {
    uint64_t items;  ///< by the pages' own counts
    uint64_t pages;
    double seconds;  ///< from the first request to the last answer
    char error[200]; ///< empty if all went well
} limit_pull_result;

/// Pulls every page of both tables, looks for nothing in them but where the next one begins, then returns.
limit_pull_result limit_pull(const limit_pull_config *config);
