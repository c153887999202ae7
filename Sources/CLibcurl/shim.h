#pragma once
// As CLibcrypto has it: a room that imports both sees one set of declarations.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <string.h>
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

static curl_socket_t clibcurl_on_open(void *user, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)user;
  (void)purpose;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// Keeps the sockets of `handle` from programs that the process starts: one that they have as well stays open when it is closed here.
static inline void clibcurl_set_close_on_exec(CURL *handle) { curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, clibcurl_on_open); }

static inline CURLcode clibcurl_set_share(CURL *handle, CURLSH *share) { return curl_easy_setopt(handle, CURLOPT_SHARE, share); }

static inline CURLcode clibcurl_get_long(CURL *handle, CURLINFO info, long *value) { return curl_easy_getinfo(handle, info, value); }

static inline CURLcode clibcurl_get_socket(CURL *handle, curl_socket_t *value) {
  return curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, value);
}

// One lock for each kind of data that several threads share.
struct clibcurl_locks {
  pthread_mutex_t locks[CURL_LOCK_DATA_LAST];
};

static void clibcurl_on_lock(CURL *handle, curl_lock_data data, curl_lock_access access, void *user) {
  (void)handle;
  (void)access;
  pthread_mutex_lock(&((struct clibcurl_locks *)user)->locks[data]);
}

static void clibcurl_on_unlock(CURL *handle, curl_lock_data data, void *user) {
  (void)handle;
  pthread_mutex_unlock(&((struct clibcurl_locks *)user)->locks[data]);
}

// Makes `share` hold resolved names and TLS sessions, for handles on any thread.
static inline void clibcurl_share_set_up(CURLSH *share, struct clibcurl_locks *locks) {
  for (int kind = 0; kind < CURL_LOCK_DATA_LAST; kind++) pthread_mutex_init(&locks->locks[kind], NULL);
  curl_share_setopt(share, CURLSHOPT_LOCKFUNC, clibcurl_on_lock);
  curl_share_setopt(share, CURLSHOPT_UNLOCKFUNC, clibcurl_on_unlock);
  curl_share_setopt(share, CURLSHOPT_USERDATA, locks);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
  curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

// The certificates that libcurl would trust by itself: a file and a directory, either of which may be NULL.
static inline const char *clibcurl_default_ca_file(void) { return curl_version_info(CURLVERSION_NOW)->cainfo; }
static inline const char *clibcurl_default_ca_directory(void) { return curl_version_info(CURLVERSION_NOW)->capath; }

// True where libcurl does TLS by the OpenSSL that is linked here, so that the two may share what they hold.
static inline int clibcurl_has_openssl(void) {
  const char *theirs = curl_version_info(CURLVERSION_NOW)->ssl_version;
  const char *ours = OpenSSL_version(OPENSSL_VERSION);
  // "OpenSSL/3.0.22" and "OpenSSL 3.0.22 ...": the same name and the same major number.
  return theirs && strncmp(theirs, "OpenSSL/", 8) == 0 && strncmp(ours, "OpenSSL ", 8) == 0 && theirs[8] == ours[8] && theirs[9] == ours[9];
}

static CURLcode clibcurl_on_context(CURL *handle, void *context, void *store) {
  (void)handle;
  SSL_CTX_set1_cert_store((SSL_CTX *)context, (X509_STORE *)store);
  return CURLE_OK;
}

// Makes `handle` trust the certificates in `store`, which must live until it has connected, and load none by itself.
static inline CURLcode clibcurl_set_store(CURL *handle, X509_STORE *store) {
  CURLcode result = curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, clibcurl_on_context);
  if (result != CURLE_OK) return result;
  curl_easy_setopt(handle, CURLOPT_SSL_CTX_DATA, store);
  curl_easy_setopt(handle, CURLOPT_CAINFO, NULL);
  curl_easy_setopt(handle, CURLOPT_CAPATH, NULL);
  curl_easy_setopt(handle, CURLOPT_PROXY_CAINFO, NULL);
  curl_easy_setopt(handle, CURLOPT_PROXY_CAPATH, NULL);
  return CURLE_OK;
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
  char fault[CURL_ERROR_SIZE];  // what libcurl says of a failure, in words of the TLS library's
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

static inline void clibcurl_watch(CURLM *multi, CURL *handle, struct clibcurl_wishes *wishes) {
  wishes->fault[0] = 0;
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, wishes->fault);
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

// True where a handshake failed because the two sides have no version of TLS in common: libcurl has no code of its own for that. The first
// is said of an answer, the second of an alert.
static inline int clibcurl_has_no_common_version(const struct clibcurl_wishes *wishes) {
  return strstr(wishes->fault, "unsupported protocol") != NULL || strstr(wishes->fault, "alert protocol version") != NULL;
}

static inline int clibcurl_change_socket(const struct clibcurl_wishes *wishes, int index) { return (int)wishes->changes[index].socket; }

static inline int clibcurl_change_what(const struct clibcurl_wishes *wishes, int index) { return wishes->changes[index].what; }

// Names the calling thread, as debuggers and `top -H` show it; 15 characters at most.
static inline void clibcurl_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
