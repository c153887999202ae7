// The null server's answers, made ready before the first request.
#pragma once

#include "CNullServer.h"
#include "request.h"

/// A whole answer; `bytes` is lent until the next answer on the same page buffer.
typedef struct {
    const char *bytes;
    size_t length;
} null_answer;

typedef struct null_answers null_answers;

/// NULL if an item holds no NULL_ID.
null_answers *null_answers_make(const null_server_config *config);
void null_answers_free(null_answers *answers);
/// Room for the largest answer to anything but a Scan, and to a Scan.
size_t null_answers_small_room(const null_answers *answers);
size_t null_answers_page_room(const null_answers *answers);

/// The answer to `request`, counted in `report`. Those that aren't constant are made in `room`.
null_answer null_answers_to(null_answers *answers, const null_request *request, size_t *hint, char *room, null_server_report *report);
/// Counts what was never put.
void null_answers_close(null_answers *answers, null_server_report *report);
