#include "CLimit.h"
#include "connection.h"
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    CURL *handle;
    struct curl_slist *fields;
    char *head, *body;
} transfer;

typedef struct {
    const limit_config *config;
    limit_signer *signer;
    CURLM *multi;
    uint64_t next, end, in_flight;
    limit_result *result;
} sender;

static bool fail(sender *sender, const char *why) {
    snprintf(sender->result->error, sizeof sender->result->error, "multi: %s", why);
    return false;
}

static size_t ignore(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes, (void)context;
    return size * count;
}

// The fields of a signed head as libcurl wants them; it makes the request line, host and length itself.
static void set_fields(transfer *transfer) {
    curl_slist_free_all(transfer->fields);
    transfer->fields = NULL;
    char *line = strstr(transfer->head, "\r\n") + 2;
    for (char *end; (end = strstr(line, "\r\n")) && end > line; line = end + 2) {
        *end = 0;
        if (strncmp(line, "content-length:", 15) != 0) transfer->fields = curl_slist_append(transfer->fields, line);
    }
    curl_easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, transfer->fields);
}

static bool send_next(sender *sender, transfer *transfer) {
    size_t length = strlen(transfer->body);
    limit_write_ids(sender->config, sender->next++, transfer->body);
    transfer->head[limit_signer_head(sender->signer, length, transfer->head)] = 0;
    limit_signer_sign(sender->signer, transfer->body, length, transfer->head);
    set_fields(transfer);
    if (curl_multi_add_handle(sender->multi, transfer->handle) != CURLM_OK) return fail(sender, "can't add a transfer");
    sender->in_flight++;
    return true;
}

static void prepare(sender *sender, transfer *transfer) {
    char url[limit_url_room];
    limit_url(sender->config->port, sender->config->certificates, url);
    transfer->handle = curl_easy_init();
    transfer->head = malloc(limit_head_room + 1);
    transfer->body = strdup(sender->config->body);
    curl_easy_setopt(transfer->handle, CURLOPT_URL, url);
    curl_easy_setopt(transfer->handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(transfer->handle, CURLOPT_PROXY, "");
    if (sender->config->certificates) curl_easy_setopt(transfer->handle, CURLOPT_CAINFO, sender->config->certificates);
    curl_easy_setopt(transfer->handle, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(transfer->handle, CURLOPT_POSTFIELDS, transfer->body);
    curl_easy_setopt(transfer->handle, CURLOPT_POSTFIELDSIZE, (long)strlen(transfer->body));
    curl_easy_setopt(transfer->handle, CURLOPT_PRIVATE, transfer);
}

static bool finish(sender *sender, const CURLMsg *message) {
    transfer *done;
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &done);
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    if (message->data.result != CURLE_OK) return fail(sender, curl_easy_strerror(message->data.result));
    sender->result->accepted += status == 200;
    sender->result->refused += status == 400;
    curl_multi_remove_handle(sender->multi, done->handle);
    sender->in_flight--;
    return sender->next == sender->end || send_next(sender, done);
}

static void work(sender *sender, transfer *transfers) {
    unsigned count = sender->config->connections;
    limit_signer_set_time(sender->signer, time(NULL));
    for (unsigned at = 0; at < count && sender->next < sender->end; at++) {
        if (!send_next(sender, &transfers[at])) return;
    }
    while (sender->in_flight > 0) {
        int running, left;
        limit_signer_set_time(sender->signer, time(NULL));
        curl_multi_perform(sender->multi, &running);
        for (CURLMsg *message; (message = curl_multi_info_read(sender->multi, &left));) {
            if (!finish(sender, message)) return;
        }
        if (sender->in_flight > 0) curl_multi_poll(sender->multi, NULL, 0, 1000, NULL);
    }
}

limit_result limit_run_multi(const limit_config *config) {
    limit_result result = {0};
    char host[32], target[64];
    snprintf(host, sizeof host, "127.0.0.1:%u", config->port);
    snprintf(target, sizeof target, "DynamoDB_20120810.%s", config->operation);
    limit_identity identity = {host, config->region, config->access_key, config->secret_key, target};
    sender sender = {config, limit_signer_make(&identity), curl_multi_init(), 0, config->items / config->ids, 0, &result};
    curl_multi_setopt(sender.multi, CURLMOPT_MAXCONNECTS, (long)config->connections);
    transfer *transfers = calloc(config->connections, sizeof *transfers);
    for (unsigned at = 0; at < config->connections; at++) prepare(&sender, &transfers[at]);
    double began = limit_now();
    work(&sender, transfers);
    result.seconds = limit_now() - began;
    for (unsigned at = 0; at < config->connections; at++) {
        curl_multi_remove_handle(sender.multi, transfers[at].handle);
        curl_easy_cleanup(transfers[at].handle);
        curl_slist_free_all(transfers[at].fields);
        free(transfers[at].head);
        free(transfers[at].body);
    }
    free(transfers);
    curl_multi_cleanup(sender.multi);
    limit_signer_free(sender.signer);
    return result;
}
