// TLS for the null server, so that what it costs a client can be measured.
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>
#include <sys/types.h>

/// A key and a certificate for 127.0.0.1, made anew; the certificate is written to `file`. NULL if that fails.
SSL_CTX *null_tls_make(const char *file);
/// A connection on `descriptor` whose handshake goes along with the first bytes.
SSL *null_tls_accept(SSL_CTX *context, int descriptor);
/// As `recv` and `send` on a descriptor that doesn't block: -1 with EAGAIN in `errno` where nothing goes for now.
ssize_t null_tls_receive(SSL *connection, void *bytes, size_t room);
ssize_t null_tls_send(SSL *connection, const void *bytes, size_t length);
