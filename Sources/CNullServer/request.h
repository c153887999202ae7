// What the null server reads of a request.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { op_other, op_put, op_scan, op_get, op_batch, op_describe } null_operation;

typedef struct {
    null_operation operation;
    const char *body;
    size_t body_length;
} null_request;

/// Bytes of the request at the start of `bytes`: 0 if more are needed (`wanted` then says how many in all, as far as known), -1 if it
/// can't be read.
ptrdiff_t null_request_read(const char *bytes, size_t length, null_request *request, size_t *wanted);

/// What follows the member `name` (with its quotes) and its colon; NULL if it isn't there.
const char *null_member(const null_request *request, const char *name);
/// The unsigned number of the member `name`, or `otherwise`.
uint64_t null_member_number(const null_request *request, const char *name, uint64_t otherwise);
/// Whether the member `name` is the string `value`, which is given with its quotes.
bool null_member_is(const null_request *request, const char *name, const char *value);
/// The number in the first `"u-…"` from `from` on. `hint` is where it was last time and may be wrong.
bool null_request_id(const null_request *request, const char *from, size_t *hint, uint64_t *id);
/// The number in the next `"u-…"` from `from` on, which moves behind its first byte; false if there is none.
bool null_request_next_id(const null_request *request, const char **from, uint64_t *id);
