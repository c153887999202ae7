#define _GNU_SOURCE
#include "answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

// An answer's head lies right-aligned before a body at this offset.
enum { head_room = 384, text_room = 2048, batch_most = 25, batch_answer_room = 160 };

// A text in which an id's digits change.
typedef struct {
    char *text;
    size_t length, id_offset;
} item_text;

struct null_answers {
    null_server_config config;
    null_table *old_table, *new_table;
    item_text old_item, new_item, refusal, refusal_bare;
    char fields[200]; // those that are the same on each answer
    char *put, *put_capacity;
    size_t put_length, put_capacity_length;
    uint64_t *seen; // a bit an id
    uint64_t seen_count;
};

static size_t write_head(const null_answers *answers, int status, size_t length, uint32_t crc, char *end) {
    char head[head_room], sum[40] = "";
    if (!answers->config.no_crc) snprintf(sum, sizeof sum, "x-amz-crc32: %u\r\n", crc);
    int size = snprintf(
        head, sizeof head, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n%s\r\n", status == 200 ? "200 OK" : "400 Bad Request", answers->fields,
        length, sum);
    memcpy(end - size, head, (size_t)size);
    return (size_t)size;
}

static uint32_t sum_of(const null_answers *answers, const char *bytes, size_t length) {
    return answers->config.no_crc ? 0 : (uint32_t)crc32(0, (const Bytef *)bytes, (uInt)length);
}

// The head in front of a body that stands at `room + head_room`.
static null_answer with_head(const null_answers *answers, int status, char *room, size_t length) {
    char *body = room + head_room;
    size_t head = write_head(answers, status, length, sum_of(answers, body, length), body);
    return (null_answer){body - head, head + length};
}

static null_answer text_answer(const null_answers *answers, int status, char *room, const char *text) {
    size_t length = strlen(text);
    memcpy(room + head_room, text, length);
    return with_head(answers, status, room, length);
}

static null_answer item_answer(const null_answers *answers, int status, char *room, const item_text *item, uint64_t id) {
    char *body = room + head_room;
    memcpy(body, item->text, item->length);
    null_id_write(id, body + item->id_offset);
    return with_head(answers, status, room, item->length);
}

static bool make_item(item_text *out, const char *before, const char *item, const char *after) {
    const char *id;
    if (asprintf(&out->text, "%s%s%s", before, item, after) < 0) return false;
    out->length = strlen(out->text);
    id = strstr(out->text, NULL_ID);
    out->id_offset = id ? (size_t)(id - out->text) + strlen(NULL_ID) - NULL_ID_DIGITS : 0;
    return id != NULL;
}

static char *make_constant(const null_answers *answers, const char *text, size_t *length) {
    char *room = malloc(head_room + text_room);
    null_answer answer = text_answer(answers, 200, room, text);
    char *constant = malloc(answer.length);
    memcpy(constant, answer.bytes, answer.length);
    *length = answer.length;
    free(room);
    return constant;
}

static void make_fields(null_answers *answers) {
    char date[64];
    time_t now = time(NULL);
    struct tm utc;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&now, &utc));
    snprintf(
        answers->fields, sizeof answers->fields,
        "Server: Server\r\nDate: %s\r\nContent-Type: application/x-amz-json-1.0\r\nConnection: keep-alive\r\n"
        "x-amzn-RequestId: 0NULLSERVER0NULLSERVER0NULLSERVER0NULLSERVER0NULLSER\r\n",
        date);
}

null_answers *null_answers_make(const null_server_config *config) {
    null_answers *answers = calloc(1, sizeof *answers);
    const char *refusal = "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\","
                          "\"message\":\"The conditional request failed\"";
    char before[256], capacity[text_room];
    answers->config = *config;
    answers->config.old_table = strndup(config->old_table, 255);
    answers->config.new_table = strndup(config->new_table, 255);
    make_fields(answers);
    answers->old_table = null_table_make(config->old_table, config->old_item, config->items);
    answers->new_table = null_table_make(config->new_table, config->new_item, config->migrated ? config->items : 0);
    snprintf(before, sizeof before, "%s,\"Item\":", refusal);
    if (!answers->old_table || !answers->new_table || !make_item(&answers->old_item, "{\"Item\":", config->old_item, "}") ||
        !make_item(&answers->new_item, "{\"Item\":", config->new_item, "}") ||
        !make_item(&answers->refusal, before, config->new_item, "}")) {
        null_answers_free(answers);
        return NULL;
    }
    make_item(&answers->refusal_bare, refusal, "", "}");
    answers->put = make_constant(answers, "{}", &answers->put_length);
    snprintf(capacity, sizeof capacity, "{\"ConsumedCapacity\":{\"TableName\":\"%s\",\"CapacityUnits\":1.0}}", answers->config.new_table);
    answers->put_capacity = make_constant(answers, capacity, &answers->put_capacity_length);
    answers->seen = calloc(config->items / 64 + 1, sizeof *answers->seen);
    return answers;
}

void null_answers_free(null_answers *answers) {
    null_table_free(answers->old_table);
    null_table_free(answers->new_table);
    free(answers->old_item.text);
    free(answers->new_item.text);
    free(answers->refusal.text);
    free(answers->refusal_bare.text);
    free(answers->put);
    free(answers->put_capacity);
    free(answers->seen);
    free((char *)answers->config.old_table);
    free((char *)answers->config.new_table);
    free(answers);
}

size_t null_answers_small_room(const null_answers *answers) {
    size_t most = answers->refusal.length > answers->old_item.length ? answers->refusal.length : answers->old_item.length;
    size_t batch = batch_most * (batch_answer_room + strlen(answers->config.new_table)) + text_room;
    return head_room + (most > batch ? most : batch);
}

size_t null_answers_page_room(const null_answers *answers) {
    size_t old = null_table_page_room(answers->old_table), new = null_table_page_room(answers->new_table);
    return head_room + (old > new ? old : new);
}

static bool is_old(const null_answers *answers, const null_request *request) {
    const char *table = null_member(request, "\"TableName\"");
    size_t length = strlen(answers->config.old_table);
    return table && (size_t)(request->body + request->body_length - table) >= length + 2 &&
           memcmp(table + 1, answers->config.old_table, length) == 0 && table[length + 1] == '"';
}

static bool has_seen(const null_answers *answers, uint64_t id) { return answers->seen[id / 64] >> (id % 64) & 1; }

// Books the put of an item; false if something has its key.
static bool book(null_answers *answers, uint64_t id, null_server_report *report) {
    if (id >= answers->config.items) {
        report->strangers++;
        return true;
    }
    bool seen = has_seen(answers, id), refused = seen || answers->config.migrated;
    answers->seen[id / 64] |= 1ull << (id % 64);
    answers->seen_count += !seen;
    report->duplicates += seen;
    report->refused += refused;
    return !refused;
}

static null_answer put(null_answers *answers, const null_request *request, size_t *hint, char *room, null_server_report *report) {
    uint64_t id;
    report->puts++;
    if (!report->first_put) report->first_put = strndup(request->body, request->body_length);
    if (!null_request_id(request, request->body, hint, &id)) {
        report->strangers++;
    } else if (!book(answers, id, report)) {
        bool asks = null_member_is(request, "\"ReturnValuesOnConditionCheckFailure\"", "\"ALL_OLD\"");
        if (asks) return item_answer(answers, 400, room, &answers->refusal, id);
        return text_answer(answers, 400, room, answers->refusal_bare.text);
    }
    if (null_member(request, "\"ReturnConsumedCapacity\"")) {
        return (null_answer){answers->put_capacity, answers->put_capacity_length};
    }
    return (null_answer){answers->put, answers->put_length};
}

// One statement an id: each is answered for itself.
static null_answer batch(null_answers *answers, const null_request *request, char *room, null_server_report *report) {
    const char *from = request->body, *table = answers->config.new_table;
    char *body = room + head_room;
    int length = sprintf(body, "{\"Responses\":[");
    uint64_t id;
    unsigned count = 0;
    for (; count < batch_most && null_request_next_id(request, &from, &id); count++) {
        const char *comma = count > 0 ? "," : "";
        report->puts++;
        if (book(answers, id, report)) {
            length += sprintf(body + length, "%s{\"TableName\":\"%s\"}", comma, table);
        } else {
            length += sprintf(
                body + length, "%s{\"Error\":{\"Code\":\"DuplicateItem\",\"Message\":\"Duplicate primary key exists in table\"}}", comma);
        }
    }
    if (!report->first_put && count == batch_most) report->first_put = strndup(request->body, request->body_length);
    length += sprintf(body + length, "],\"ConsumedCapacity\":[{\"TableName\":\"%s\",\"CapacityUnits\":%u.0}]}", table, count);
    return with_head(answers, 200, room, (size_t)length);
}

static null_answer scan(null_answers *answers, const null_request *request, char *room, null_server_report *report) {
    null_scan scan = {
        .segment = null_member_number(request, "\"Segment\"", 0),
        .total_segments = null_member_number(request, "\"TotalSegments\"", 1),
        .limit = null_member_number(request, "\"Limit\"", 0),
        .capacity = null_member(request, "\"ReturnConsumedCapacity\"") != NULL,
        .eventual = !null_member_is(request, "\"ConsistentRead\"", "true"),
    };
    const char *start = null_member(request, "\"ExclusiveStartKey\"");
    size_t hint = 0;
    scan.has_start = start && null_request_id(request, start, &hint, &scan.start);
    if (scan.total_segments == 0 || scan.segment >= scan.total_segments || (start && !scan.has_start)) {
        report->others++;
        return text_answer(
            answers, 400, room, "{\"__type\":\"com.amazon.coral.validate#ValidationException\",\"message\":\"segment or start key\"}");
    }
    report->scans++;
    uint32_t crc;
    null_range page = null_table_page(is_old(answers, request) ? answers->old_table : answers->new_table, &scan, room + head_room, &crc);
    char *body = room + head_room + page.offset;
    size_t head = write_head(answers, 200, page.length, crc, body);
    return (null_answer){body - head, head + page.length};
}

static null_answer get(null_answers *answers, const null_request *request, char *room, null_server_report *report) {
    uint64_t id;
    size_t hint = 0;
    bool old = is_old(answers, request);
    report->gets++;
    if (!null_request_id(request, request->body, &hint, &id) || id >= answers->config.items) return text_answer(answers, 200, room, "{}");
    if (!old && !answers->config.migrated && !has_seen(answers, id)) return text_answer(answers, 200, room, "{}");
    return item_answer(answers, 200, room, old ? &answers->old_item : &answers->new_item, id);
}

static null_answer describe(null_answers *answers, const null_request *request, char *room, null_server_report *report) {
    bool old = is_old(answers, request);
    const char *name = old ? answers->config.old_table : answers->config.new_table;
    uint64_t count = old || answers->config.migrated ? answers->config.items : answers->seen_count;
    uint64_t size = count * (old ? answers->old_item.length : answers->new_item.length);
    char text[text_room];
    report->others++;
    snprintf(
        text, sizeof text,
        "{\"Table\":{\"TableName\":\"%s\",\"TableStatus\":\"ACTIVE\",\"CreationDateTime\":1.7E9,"
        "\"TableArn\":\"arn:aws:dynamodb:us-east-1:000000000000:table/%s\",\"TableId\":\"00000000-0000-4000-8000-000000000000\","
        "\"KeySchema\":[{\"AttributeName\":\"id\",\"KeyType\":\"HASH\"}],"
        "\"AttributeDefinitions\":[{\"AttributeName\":\"id\",\"AttributeType\":\"S\"}],"
        "\"BillingModeSummary\":{\"BillingMode\":\"PAY_PER_REQUEST\"},"
        "\"ProvisionedThroughput\":{\"NumberOfDecreasesToday\":0,\"ReadCapacityUnits\":0,\"WriteCapacityUnits\":0},"
        "\"ItemCount\":%llu,\"TableSizeBytes\":%llu}}",
        name, name, (unsigned long long)count, (unsigned long long)size);
    return text_answer(answers, 200, room, text);
}

null_answer null_answers_to(null_answers *answers, const null_request *request, size_t *hint, char *room, null_server_report *report) {
    switch (request->operation) {
    case op_put: return put(answers, request, hint, room, report);
    case op_scan: return scan(answers, request, room, report);
    case op_get: return get(answers, request, room, report);
    case op_batch: return batch(answers, request, room, report);
    case op_describe: return describe(answers, request, room, report);
    case op_other: break;
    }
    report->others++;
    return text_answer(
        answers, 400, room,
        "{\"__type\":\"com.amazon.coral.service#UnknownOperationException\",\"message\":\"The null server doesn't know this operation\"}");
}

void null_answers_close(null_answers *answers, null_server_report *report) {
    report->missing = answers->config.items - answers->seen_count;
}
