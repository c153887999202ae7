#include "connection.h"

#include <poll.h>
#include <stdio.h>
#include <time.h>

void limit_url(uint16_t port, const char *certificates, char *url) {
    snprintf(url, limit_url_room, "%s://127.0.0.1:%u/", certificates ? "https" : "http", port);
}

CURLcode limit_connect(uint16_t port, const char *certificates, CURL **handle, curl_socket_t *descriptor) {
    char url[limit_url_room];
    limit_url(port, certificates, url);
    *handle = curl_easy_init();
    curl_easy_setopt(*handle, CURLOPT_URL, url);
    curl_easy_setopt(*handle, CURLOPT_CONNECT_ONLY, 1L);
    if (certificates) curl_easy_setopt(*handle, CURLOPT_CAINFO, certificates);
    // Without it each send masks and unmasks SIGPIPE, which doubles its price.
    curl_easy_setopt(*handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(*handle, CURLOPT_PROXY, "");
    CURLcode code = curl_easy_perform(*handle);
    return code == CURLE_OK ? curl_easy_getinfo(*handle, CURLINFO_ACTIVESOCKET, descriptor) : code;
}

CURLcode limit_send(CURL *handle, curl_socket_t descriptor, const char *bytes, size_t length) {
    for (size_t done = 0; done < length;) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(handle, bytes + done, length - done, &sent);
        if (code == CURLE_AGAIN) {
            struct pollfd writable = {.fd = descriptor, .events = POLLOUT};
            poll(&writable, 1, -1);
        } else if (code != CURLE_OK) {
            return code;
        }
        done += sent;
    }
    return CURLE_OK;
}

double limit_now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}
