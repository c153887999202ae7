// A bare connection of libcurl's, on which HTTP is the caller's business.
#pragma once

#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>

/// Connects to `port` on 127.0.0.1, over TLS where a file of `certificates` to trust is given. Returns what went wrong; the handle is the caller's to free in any case.
CURLcode limit_connect(uint16_t port, const char *certificates, CURL **handle, curl_socket_t *descriptor);
/// Sends all of `bytes`, waiting where the connection is full.
CURLcode limit_send(CURL *handle, curl_socket_t descriptor, const char *bytes, size_t length);
/// The monotonic clock in seconds.
double limit_now(void);

/// Where requests go, for libcurl.
enum { limit_url_room = 64 };
void limit_url(uint16_t port, const char *certificates, char *url);
