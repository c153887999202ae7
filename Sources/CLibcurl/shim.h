#pragma once
#include <curl/curl.h>
// What libcurl's sockets are waited on with, which Swift's Glibc module leaves out.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// libcurl sets options through variadics, which Swift can't call, and reports sockets and timers through callbacks, which need a stable
// address to write to. Both are bridged here and decide nothing.

static inline CURLcode clibcurl_set_long(CURL *handle, CURLoption option, long value) { return curl_easy_setopt(handle, option, value); }

static inline CURLcode clibcurl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode clibcurl_set_share(CURL *handle, CURLSH *share) { return curl_easy_setopt(handle, CURLOPT_SHARE, share); }

static inline CURLcode clibcurl_get_long(CURL *handle, CURLINFO info, long *value) { return curl_easy_getinfo(handle, info, value); }

static inline CURLcode clibcurl_get_socket(CURL *handle, curl_socket_t *value) {
  return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, value);
}

static inline CURLSHcode clibcurl_share_lock_data(CURLSH *share, curl_lock_data data) {
  return curl_share_setopt(share, CURLSHOPT_SHARE, data);
}

// Where a name takes long to resolve, ending a handle must not wait for the resolver's thread.
static inline void clibcurl_set_quick_exit(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075700
  curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L);
#else
  (void)handle;
#endif
}

static inline CURLcode clibcurl_set_protocols(CURL *handle) {
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
#else
  return curl_easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

#define CLIBCURL_SOCKETS 16

// What a connecting multi handle wants to be told about: its sockets (happy eyeballs, the resolver's) and one timer.
struct clibcurl_wishes {
  long timer;  // milliseconds from the callback on; -1: none
  int timer_changed;
  int count;  // sockets whose wish changed since the driver looked
  struct {
    curl_socket_t socket;
    int what;  // CURL_POLL_*
  } changes[CLIBCURL_SOCKETS];
};

static int clibcurl_on_socket(CURL *handle, curl_socket_t socket, int what, void *user, void *unused) {
  struct clibcurl_wishes *wishes = (struct clibcurl_wishes *)user;
  (void)handle;
  (void)unused;
  for (int index = 0; index < wishes->count; index++) {
    if (wishes->changes[index].socket == socket) {
      wishes->changes[index].what = what;
      return 0;
    }
  }
  if (wishes->count == CLIBCURL_SOCKETS) return -1;
  wishes->changes[wishes->count].socket = socket;
  wishes->changes[wishes->count].what = what;
  wishes->count++;
  return 0;
}

static int clibcurl_on_timer(CURLM *multi, long milliseconds, void *user) {
  struct clibcurl_wishes *wishes = (struct clibcurl_wishes *)user;
  (void)multi;
  wishes->timer = milliseconds;
  wishes->timer_changed = 1;
  return 0;
}

static inline void clibcurl_watch(CURLM *multi, struct clibcurl_wishes *wishes) {
  wishes->timer = -1;
  wishes->timer_changed = 0;
  wishes->count = 0;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, clibcurl_on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, wishes);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, clibcurl_on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, wishes);
}

// The result of the only transfer of `multi`, or -1 while it goes on.
static inline int clibcurl_result(CURLM *multi) {
  int left = 0;
  CURLMsg *message = curl_multi_info_read(multi, &left);
  return message && message->msg == CURLMSG_DONE ? (int)message->data.result : -1;
}

static inline int clibcurl_change_socket(const struct clibcurl_wishes *wishes, int index) { return (int)wishes->changes[index].socket; }

static inline int clibcurl_change_what(const struct clibcurl_wishes *wishes, int index) { return wishes->changes[index].what; }

// Names the calling thread, as debuggers and `top -H` show it; 15 characters at most.
static inline void clibcurl_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
