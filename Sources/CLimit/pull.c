#define _GNU_SOURCE
#include "CLimit.h"
#include "connection.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

// A page has a megabyte of items; in wire form, and with its head, a little more.
enum { answer_room = 3 << 20, body_room = 1024, start_room = 512, tail_room = 1024, events_at_once = 64 };

typedef struct {
    CURL *handle;
    curl_socket_t descriptor;
    unsigned table, segment;
    char start[start_room]; // the page's ExclusiveStartKey, empty for the first
    char *answer;
    size_t received, expected; // 0 until the head is there
} puller;

typedef struct {
    const limit_pull_config *config;
    pthread_t thread;
    limit_signer *signer;
    puller *pullers;
    unsigned count, open;
    int epoll;
    unsigned job, step, jobs; // of this thread: every step-th segment of both tables
    uint64_t items, pages;
    char error[200];
} worker;

static bool fail(worker *worker, const char *what, const char *why) {
    if (!worker->error[0]) snprintf(worker->error, sizeof worker->error, "%s: %s", what, why);
    return false;
}

static bool ask(worker *worker, puller *puller) {
    char message[limit_head_room + body_room], body[body_room];
    const limit_pull_config *config = worker->config;
    int length = snprintf(
        body, sizeof body, "{\"TableName\":\"%s\",\"Segment\":%u,\"TotalSegments\":%u%s%s,\"ConsistentRead\":%s,\"ReturnConsumedCapacity\":\"TOTAL\"}",
        config->tables[puller->table], puller->segment, config->segments, puller->start[0] ? ",\"ExclusiveStartKey\":" : "", puller->start,
        puller->table == 0 ? "true" : "false");
    size_t head = limit_signer_head(worker->signer, (size_t)length, message);
    limit_signer_sign(worker->signer, body, (size_t)length, message);
    memcpy(message + head, body, (size_t)length);
    puller->received = puller->expected = 0;
    CURLcode code = limit_send(puller->handle, puller->descriptor, message, head + (size_t)length);
    return code == CURLE_OK || fail(worker, "send", curl_easy_strerror(code));
}

// Takes up the thread's next segment, if there is one.
static bool take_up(worker *worker, puller *puller) {
    if (worker->job >= worker->jobs) {
        worker->open--;
        return true;
    }
    puller->table = worker->job % 2;
    puller->segment = worker->job / 2;
    puller->start[0] = 0;
    worker->job += worker->job % 2 == 0 ? 1 : 2 * worker->step - 1;
    return ask(worker, puller);
}

static bool read_head(worker *worker, puller *puller) {
    puller->answer[puller->received] = 0;
    const char *end = strstr(puller->answer, "\r\n\r\n"), *length = strcasestr(puller->answer, "\r\ncontent-length:");
    if (!end) return true;
    if (strncmp(puller->answer, "HTTP/1.1 200 ", 13) != 0 || !length || length > end) return fail(worker, "answer", "no page");
    puller->expected = (size_t)(end + 4 - puller->answer) + strtoul(length + strlen("\r\ncontent-length:"), NULL, 10);
    if (puller->expected >= answer_room) return fail(worker, "answer", "too long");
    const char *count = strstr(end, "\"Count\":");
    if (count) worker->items += strtoul(count + strlen("\"Count\":"), NULL, 10);
    return true;
}

static bool finish_page(worker *worker, puller *puller) {
    static const char name[] = "\"LastEvaluatedKey\":";
    size_t tail = puller->received < tail_room ? puller->received : tail_room;
    char *key = memmem(puller->answer + puller->received - tail, tail, name, strlen(name));
    worker->pages++;
    if (!key) return take_up(worker, puller);
    key += strlen(name);
    char *end = memmem(key, (size_t)(puller->answer + puller->received - key), "}}", 2);
    if (!end || end + 2 - key >= start_room) return fail(worker, "answer", "a key that can't be read");
    memcpy(puller->start, key, (size_t)(end + 2 - key));
    puller->start[end + 2 - key] = 0;
    return ask(worker, puller);
}

static bool receive(worker *worker, puller *puller) {
    for (;;) {
        size_t got = 0;
        CURLcode code = curl_easy_recv(puller->handle, puller->answer + puller->received, answer_room - 1 - puller->received, &got);
        if (code == CURLE_AGAIN) return true;
        if (code != CURLE_OK) return fail(worker, "receive", curl_easy_strerror(code));
        if (got == 0) return fail(worker, "receive", "the connection was closed, or the answer is too long");
        puller->received += got;
        if (puller->expected == 0 && !read_head(worker, puller)) return false;
        if (puller->expected > 0 && puller->received >= puller->expected) return finish_page(worker, puller);
    }
}

static void *work(void *context) {
    worker *worker = context;
    struct epoll_event events[events_at_once];
    limit_signer_set_time(worker->signer, time(NULL));
    worker->open = worker->count;
    for (unsigned at = 0; at < worker->count; at++) {
        if (!take_up(worker, &worker->pullers[at])) return NULL;
    }
    while (worker->open > 0) {
        int count = epoll_wait(worker->epoll, events, events_at_once, -1);
        limit_signer_set_time(worker->signer, time(NULL));
        for (int at = 0; at < count; at++) {
            if (!receive(worker, events[at].data.ptr)) return NULL;
        }
    }
    return NULL;
}

static bool prepare(worker *worker, const limit_pull_config *config, unsigned index) {
    char host[32];
    snprintf(host, sizeof host, "127.0.0.1:%u", config->port);
    limit_identity identity = {host, config->region, config->access_key, config->secret_key, "DynamoDB_20120810.Scan"};
    worker->config = config;
    worker->signer = limit_signer_make(&identity);
    limit_signer_set_time(worker->signer, time(NULL));
    worker->count = config->connections / config->threads;
    worker->pullers = calloc(worker->count, sizeof *worker->pullers);
    worker->epoll = epoll_create1(EPOLL_CLOEXEC);
    worker->job = 2 * index;
    worker->step = config->threads;
    worker->jobs = 2 * config->segments;
    for (unsigned at = 0; at < worker->count; at++) {
        puller *puller = &worker->pullers[at];
        puller->answer = malloc(answer_room);
        CURLcode code = limit_connect(config->port, NULL, &puller->handle, &puller->descriptor);
        if (code != CURLE_OK) return fail(worker, "connect", curl_easy_strerror(code));
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = puller};
        if (epoll_ctl(worker->epoll, EPOLL_CTL_ADD, puller->descriptor, &event) < 0) return fail(worker, "epoll", strerror(errno));
    }
    return true;
}

static void clean_up(worker *worker) {
    for (unsigned at = 0; at < worker->count; at++) {
        if (worker->pullers[at].handle) curl_easy_cleanup(worker->pullers[at].handle);
        free(worker->pullers[at].answer);
    }
    if (worker->epoll > 0) close(worker->epoll);
    free(worker->pullers);
    limit_signer_free(worker->signer);
}

limit_pull_result limit_pull(const limit_pull_config *config) {
    limit_pull_result result = {0};
    worker *workers = calloc(config->threads, sizeof *workers);
    unsigned prepared = 0, started = 0;
    while (prepared < config->threads && prepare(&workers[prepared], config, prepared)) prepared++;
    double began = limit_now();
    if (prepared == config->threads) {
        for (; started < config->threads; started++) {
            if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0) break;
        }
        if (started < config->threads) snprintf(result.error, sizeof result.error, "can't start a thread");
    }
    for (unsigned at = 0; at < started; at++) pthread_join(workers[at].thread, NULL);
    result.seconds = limit_now() - began;
    for (unsigned at = 0; at < config->threads; at++) {
        result.items += workers[at].items;
        result.pages += workers[at].pages;
        if (workers[at].error[0] && !result.error[0]) memcpy(result.error, workers[at].error, sizeof result.error);
        if (workers[at].signer) clean_up(&workers[at]);
    }
    free(workers);
    return result;
}
