// A DynamoDB that costs next to nothing: a virtual OLD table of any size, and a NEW one that only counts what is put.
//
// What a benchmark measures should be the client. So pages are copies of one item with the id patched in, puts are answered with a
// ready-made text as soon as their id is known, and nothing of a request is parsed that the answer doesn't need.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The id that stands in an item's template; each item has its own number in place of the zeros.
#define NULL_ID "u-000000000000"
/// How many digits an id has, behind its two letters.
#define NULL_ID_DIGITS 12
/// Bytes of items that a Scan's page holds at most.
#define NULL_PAGE_BYTES (1u << 20)

/// Writes the digits of item `number` (below 10^12) to `out`.
void null_id_write(uint64_t number, char *out);

// MARK: Tables

/// A table of `count` items that are alike but for their ids.
typedef struct null_table null_table;

/// What a Scan asks for.
typedef struct {
    uint64_t segment;        ///< this one
    uint64_t total_segments; ///< of so many, at least 1
    bool has_start;          ///< whether `start` counts
    uint64_t start;          ///< ExclusiveStartKey's number
    uint64_t limit;          ///< items at most; 0: as many as fit
    bool capacity;           ///< whether to report the consumed capacity
    bool eventual;           ///< not ConsistentRead, which counts half
} null_scan;

/// A part of a buffer.
typedef struct {
    size_t offset;
    size_t length;
} null_range;

/// Makes a table; `item` is wire JSON and holds NULL_ID once. Returns NULL if it doesn't.
null_table *null_table_make(const char *name, const char *item, uint64_t count);
void null_table_free(null_table *table);
/// The room that `null_table_page` needs.
size_t null_table_page_room(const null_table *table);
/// The body of a Scan's answer, somewhere in `out`, and its CRC-32, which costs no pass over the page.
null_range null_table_page(const null_table *table, const null_scan *scan, char *out, uint32_t *crc);

// MARK: The server

typedef struct null_server null_server;

typedef struct {
    uint64_t items;        ///< in OLD
    const char *old_table; ///< OLD's name
    const char *new_table; ///< NEW's name
    const char *old_item;  ///< wire JSON of an item of OLD, with NULL_ID
    const char *new_item;  ///< the same item as NEW has it
    bool migrated;         ///< NEW holds every item already: puts are refused with the blocking item
    bool no_crc;           ///< answers carry no x-amz-crc32
    uint32_t latency;      ///< microseconds that each answer waits; 0 for none
    uint16_t port;         ///< on 127.0.0.1; 0 for any
    const char *certificate; ///< serve TLS, and write the certificate to trust to this file; NULL: plain HTTP
} null_server_config;

typedef struct {
    uint64_t puts;        ///< all of them, those of batches too
    uint64_t refused;     ///< those whose condition failed
    uint64_t duplicates;  ///< whose id had been put before
    uint64_t strangers;   ///< whose id OLD doesn't have
    uint64_t missing;     ///< ids of OLD that were never put
    uint64_t scans;       ///< pages served
    uint64_t gets;        ///< GetItem
    uint64_t others;      ///< DescribeTable and requests that it doesn't know
    uint64_t connections; ///< accepted
    char *first_put;      ///< the body of the first put or full batch, for `free`; NULL without one
} null_server_report;

/// Serves on a thread of its own until `null_server_stop`. Returns NULL and the reason in `error` if it can't.
null_server *null_server_start(const null_server_config *config, const char **error);
uint16_t null_server_port(const null_server *server);
/// Closes every connection, ends the thread, frees the server.
null_server_report null_server_stop(null_server *server);
