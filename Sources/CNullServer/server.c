#define _GNU_SOURCE
#include "CNullServer.h"
#include "answers.h"
#include "request.h"
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { events_at_once = 256, input_room = 8192 };

typedef struct connection {
    int descriptor;
    SSL *tls; // NULL for plain HTTP
    bool waits_for_room; // whether epoll reports it as writable rather than as readable
    char *input;
    size_t input_length, input_capacity;
    size_t id_hint;
    char *page; // the buffer of the page under way, from the server's free ones
    null_answer rest;
    uint64_t due; // 0 unless an answer waits
    struct connection *later; // the next one due
    struct connection *previous, *next;
} connection;

// The first bytes of a free page buffer.
typedef struct free_page {
    struct free_page *next;
} free_page;

struct null_server {
    null_answers *answers;
    SSL_CTX *tls; // NULL for plain HTTP
    int listener, epoll, stop;
    uint16_t port;
    uint64_t latency; // nanoseconds
    pthread_t thread;
    char *small;
    free_page *pages;
    connection *connections;
    // All answers wait equally long, so those that came first are due first: a queue does what a timer wheel would.
    connection *first_due, *last_due;
    null_server_report report;
};

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

static void watch(null_server *server, connection *connection, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = connection};
    epoll_ctl(server->epoll, operation, connection->descriptor, &event);
}

static void release_page(null_server *server, connection *connection) {
    if (!connection->page) return;
    free_page *page = (free_page *)connection->page;
    page->next = server->pages;
    server->pages = page;
    connection->page = NULL;
}

static char *take_page(null_server *server) {
    free_page *page = server->pages;
    if (!page) return malloc(null_answers_page_room(server->answers));
    server->pages = page->next;
    return (char *)page;
}

static void close_connection(null_server *server, connection *closed) {
    connection **link = &server->first_due, *before = NULL;
    for (; *link; before = *link, link = &(*link)->later) {
        if (*link != closed) continue;
        *link = closed->later;
        if (server->last_due == closed) server->last_due = before;
        break;
    }
    if (closed->previous) closed->previous->next = closed->next;
    if (closed->next) closed->next->previous = closed->previous;
    if (server->connections == closed) server->connections = closed->next;
    release_page(server, closed);
    SSL_free(closed->tls);
    close(closed->descriptor);
    free(closed->input);
    free(closed);
}

static void accept_all(null_server *server) {
    for (;;) {
        int descriptor = accept4(server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
        if (descriptor < 0) return;
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        connection *accepted = calloc(1, sizeof *accepted);
        accepted->descriptor = descriptor;
        if (server->tls) accepted->tls = null_tls_accept(server->tls, descriptor);
        accepted->input_capacity = input_room;
        accepted->input = malloc(input_room);
        accepted->next = server->connections;
        if (accepted->next) accepted->next->previous = accepted;
        server->connections = accepted;
        server->report.connections++;
        watch(server, accepted, EPOLL_CTL_ADD, EPOLLIN);
    }
}

// Sends what is left of the answer; false if the connection is gone.
static bool send_rest(null_server *server, connection *connection) {
    while (connection->rest.length > 0) {
        ssize_t sent = connection->tls ? null_tls_send(connection->tls, connection->rest.bytes, connection->rest.length)
                                       : send(connection->descriptor, connection->rest.bytes, connection->rest.length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            if (!connection->waits_for_room) watch(server, connection, EPOLL_CTL_MOD, EPOLLOUT);
            connection->waits_for_room = true;
            return true;
        }
        if (sent < 0) return false;
        connection->rest.bytes += sent;
        connection->rest.length -= (size_t)sent;
    }
    release_page(server, connection);
    if (connection->waits_for_room) watch(server, connection, EPOLL_CTL_MOD, EPOLLIN);
    connection->waits_for_room = false;
    return true;
}

// Answers the request that the input starts with; false if the connection is gone.
static bool answer(null_server *server, connection *connection, const null_request *request, size_t size) {
    char *room = server->small;
    if (request->operation == op_scan) room = connection->page = take_page(server);
    connection->rest = null_answers_to(server->answers, request, &connection->id_hint, room, &server->report);
    connection->input_length -= size;
    if (connection->input_length > 0) memmove(connection->input, connection->input + size, connection->input_length);
    if (connection->rest.length > 0 && !send_rest(server, connection)) return false;
    if (connection->rest.length > 0 && room == server->small) {
        // The next answer will be made in the same room. A client that doesn't read its few bytes isn't worth a copy.
        return false;
    }
    return true;
}

// Answers all requests that have come in whole, or queues the connection until its answer is due; false if it is gone.
static bool answer_all(null_server *server, connection *connection, bool is_due) {
    while (connection->rest.length == 0 && connection->input_length > 0) {
        null_request request;
        size_t wanted;
        ptrdiff_t size = null_request_read(connection->input, connection->input_length, &request, &wanted);
        if (size < 0) return false;
        if (size == 0) {
            size_t capacity = wanted > 2 * connection->input_capacity ? wanted : 2 * connection->input_capacity;
            if (wanted <= connection->input_capacity && connection->input_length < connection->input_capacity) return true;
            connection->input = realloc(connection->input, capacity);
            connection->input_capacity = capacity;
            return true;
        }
        if (server->latency && !is_due) {
            connection->due = now() + server->latency;
            connection->later = NULL;
            if (server->last_due) server->last_due->later = connection;
            else server->first_due = connection;
            server->last_due = connection;
            return true;
        }
        is_due = false;
        if (!answer(server, connection, &request, (size_t)size)) return false;
    }
    return true;
}

static bool receive(null_server *server, connection *connection) {
    // What TLS has taken off the socket already is not reported by epoll again.
    do {
        size_t room = connection->input_capacity - connection->input_length;
        char *input = connection->input + connection->input_length;
        ssize_t got = connection->tls ? null_tls_receive(connection->tls, input, room) : recv(connection->descriptor, input, room, 0);
        if (got < 0) return errno == EAGAIN;
        if (got == 0) return false;
        connection->input_length += (size_t)got;
        if (!connection->due && !answer_all(server, connection, false)) return false;
    } while (connection->tls && SSL_pending(connection->tls) > 0 && connection->input_length < connection->input_capacity);
    return true;
}

static void answer_due(null_server *server) {
    uint64_t time = now();
    while (server->first_due && server->first_due->due <= time) {
        connection *due = server->first_due;
        server->first_due = due->later;
        if (!server->first_due) server->last_due = NULL;
        due->due = 0;
        if (!answer_all(server, due, true)) close_connection(server, due);
    }
}

static void *serve(void *context) {
    null_server *server = context;
    struct epoll_event events[events_at_once];
    for (;;) {
        struct timespec wait = {0}, *timeout = NULL;
        if (server->first_due) {
            uint64_t time = now(), due = server->first_due->due;
            uint64_t left = due > time ? due - time : 0;
            wait = (struct timespec){(time_t)(left / 1000000000ull), (long)(left % 1000000000ull)};
            timeout = &wait;
        }
        int count = epoll_pwait2(server->epoll, events, events_at_once, timeout, NULL);
        for (int at = 0; at < count; at++) {
            if (events[at].data.ptr == &server->stop) return NULL;
            if (events[at].data.ptr == &server->listener) {
                accept_all(server);
                continue;
            }
            connection *ready = events[at].data.ptr;
            bool lives = ready->waits_for_room ? send_rest(server, ready) && answer_all(server, ready, false) : receive(server, ready);
            if (!lives) close_connection(server, ready);
        }
        if (server->first_due) answer_due(server);
    }
}

static bool listen_on(null_server *server, uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int on = 1;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server->listener < 0) return false;
    setsockopt(server->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server->listener, (struct sockaddr *)&address, length) < 0 || listen(server->listener, 4096) < 0) return false;
    if (getsockname(server->listener, (struct sockaddr *)&address, &length) < 0) return false;
    server->port = ntohs(address.sin_port);
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    server->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event incoming = {.events = EPOLLIN, .data.ptr = &server->listener};
    struct epoll_event stopping = {.events = EPOLLIN, .data.ptr = &server->stop};
    return epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->listener, &incoming) == 0 &&
           epoll_ctl(server->epoll, EPOLL_CTL_ADD, server->stop, &stopping) == 0;
}

static void free_server(null_server *server) {
    while (server->connections) close_connection(server, server->connections);
    while (server->pages) {
        free_page *page = server->pages;
        server->pages = page->next;
        free(page);
    }
    int descriptors[] = {server->listener, server->epoll, server->stop};
    for (int at = 0; at < 3; at++) {
        if (descriptors[at] >= 0) close(descriptors[at]);
    }
    if (server->answers) null_answers_free(server->answers);
    SSL_CTX_free(server->tls);
    free(server->small);
    free(server);
}

null_server *null_server_start(const null_server_config *config, const char **error) {
    null_server *server = calloc(1, sizeof *server);
    server->listener = server->epoll = server->stop = -1;
    server->latency = (uint64_t)config->latency * 1000;
    *error = "an item's template doesn't hold the id " NULL_ID;
    if ((server->answers = null_answers_make(config))) {
        server->small = malloc(null_answers_small_room(server->answers));
        *error = "can't make a certificate";
        if (config->certificate && !(server->tls = null_tls_make(config->certificate))) {
            free_server(server);
            return NULL;
        }
        *error = "can't listen on 127.0.0.1";
        if (listen_on(server, config->port)) {
            *error = "can't start a thread";
            if (pthread_create(&server->thread, NULL, serve, server) == 0) return server;
        }
    }
    free_server(server);
    return NULL;
}

uint16_t null_server_port(const null_server *server) { return server->port; }

null_server_report null_server_stop(null_server *server) {
    uint64_t one = 1;
    if (write(server->stop, &one, sizeof one) == sizeof one) pthread_join(server->thread, NULL);
    null_answers_close(server->answers, &server->report);
    null_server_report report = server->report;
    free_server(server);
    return report;
}
