#define _GNU_SOURCE
#include "request.h"

#include "CNullServer.h"

#include <string.h>
#include <strings.h>

static const size_t most_bytes = 1 << 20;

static bool field(const char *line, size_t length, const char *name, const char **value) {
    size_t wanted = strlen(name);
    if (length <= wanted || line[wanted] != ':' || strncasecmp(line, name, wanted) != 0) return false;
    for (*value = line + wanted + 1; **value == ' '; (*value)++) {}
    return true;
}

static null_operation operation_called(const char *name) {
    static const struct {
        const char *name;
        null_operation operation;
    } known[] = {
        {"PutItem\r", op_put}, {"Scan\r", op_scan}, {"GetItem\r", op_get}, {"BatchExecuteStatement\r", op_batch}, {"DescribeTable\r", op_describe},
    };
    for (size_t at = 0; at < sizeof known / sizeof *known; at++) {
        if (strncmp(name, known[at].name, strlen(known[at].name)) == 0) return known[at].operation;
    }
    return op_other;
}

static size_t number(const char *text) {
    size_t value = 0;
    for (; *text >= '0' && *text <= '9' && value <= most_bytes; text++) value = value * 10 + (size_t)(*text - '0');
    return value;
}

ptrdiff_t null_request_read(const char *bytes, size_t length, null_request *request, size_t *wanted) {
    const char *line = bytes, *end = bytes + length, *value;
    size_t body = 0;
    request->operation = op_other;
    *wanted = 0;
    for (;;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        if (!stop) return length > most_bytes ? -1 : 0;
        if (stop - line <= 1) {
            line = stop + 1;
            break;
        }
        // One look at the first byte spares most fields the comparisons.
        size_t size = (size_t)(stop - line);
        if ((*line | 32) == 'c' && field(line, size, "content-length", &value)) body = number(value);
        if ((*line | 32) == 'x' && field(line, size, "x-amz-target", &value)) {
            const char *dot = memchr(value, '.', (size_t)(stop - value));
            if (dot) request->operation = operation_called(dot + 1);
        }
        line = stop + 1;
    }
    if (body > most_bytes) return -1;
    *wanted = (size_t)(line - bytes) + body;
    if (*wanted > length) return 0;
    request->body = line;
    request->body_length = body;
    return (ptrdiff_t)*wanted;
}

const char *null_member(const null_request *request, const char *name) {
    const char *end = request->body + request->body_length;
    const char *found = memmem(request->body, request->body_length, name, strlen(name));
    if (!found) return NULL;
    for (found += strlen(name); found < end && *found == ' '; found++) {}
    if (found == end || *found != ':') return NULL;
    for (found++; found < end && *found == ' '; found++) {}
    return found < end ? found : NULL;
}

uint64_t null_member_number(const null_request *request, const char *name, uint64_t otherwise) {
    const char *text = null_member(request, name), *end = request->body + request->body_length;
    if (!text || *text < '0' || *text > '9') return otherwise;
    uint64_t value = 0;
    for (; text < end && *text >= '0' && *text <= '9'; text++) value = value * 10 + (uint64_t)(*text - '0');
    return value;
}

bool null_member_is(const null_request *request, const char *name, const char *value) {
    const char *text = null_member(request, name);
    size_t length = strlen(value);
    return text && (size_t)(request->body + request->body_length - text) >= length && memcmp(text, value, length) == 0;
}

// The number of the id at `text`, quotes and all; -1 if none stands there.
static int64_t id_at(const char *text, const char *end) {
    static const char letters[] = "\"u-";
    if (end - text < 3 + NULL_ID_DIGITS + 1 || memcmp(text, letters, 3) != 0 || text[3 + NULL_ID_DIGITS] != '"') return -1;
    int64_t value = 0;
    for (const char *digit = text + 3; digit < text + 3 + NULL_ID_DIGITS; digit++) {
        if (*digit < '0' || *digit > '9') return -1;
        value = value * 10 + (*digit - '0');
    }
    return value;
}

bool null_request_id(const null_request *request, const char *from, size_t *hint, uint64_t *id) {
    const char *end = request->body + request->body_length, *text = request->body + *hint;
    // Puts of one client are alike, so the id is where it was.
    int64_t value = *hint < request->body_length && text >= from ? id_at(text, end) : -1;
    for (text = from; value < 0; text++) {
        text = memmem(text, (size_t)(end - text), "\"u-", 3);
        if (!text) return false;
        value = id_at(text, end);
        *hint = (size_t)(text - request->body);
    }
    *id = (uint64_t)value;
    return true;
}

bool null_request_next_id(const null_request *request, const char **from, uint64_t *id) {
    const char *end = request->body + request->body_length, *text = *from;
    while ((text = memmem(text, (size_t)(end - text), "\"u-", 3))) {
        int64_t value = id_at(text, end);
        *from = ++text;
        if (value < 0) continue;
        *id = (uint64_t)value;
        return true;
    }
    return false;
}
