#include "tls.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>

static bool name(X509 *certificate) {
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_EXTENSION *address = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "IP:127.0.0.1");
    bool done = address && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)"127.0.0.1", -1, -1, 0) &&
                X509_set_issuer_name(certificate, subject) && X509_add_ext(certificate, address, -1);
    X509_EXTENSION_free(address);
    return done;
}

static X509 *certify(EVP_PKEY *key) {
    enum { day = 24 * 60 * 60 };
    X509 *certificate = X509_new();
    bool done = certificate && X509_set_version(certificate, X509_VERSION_3) &&
                ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) && X509_gmtime_adj(X509_getm_notBefore(certificate), -day) &&
                X509_gmtime_adj(X509_getm_notAfter(certificate), day) && X509_set_pubkey(certificate, key) && name(certificate) &&
                X509_sign(certificate, key, EVP_sha256());
    if (done) return certificate;
    X509_free(certificate);
    return NULL;
}

static bool write_certificate(X509 *certificate, const char *path) {
    FILE *file = fopen(path, "w");
    bool written = file && PEM_write_X509(file, certificate);
    if (file && fclose(file) != 0) written = false;
    return written;
}

SSL_CTX *null_tls_make(const char *file) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key ? certify(key) : NULL;
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    bool ready = certificate && context && SSL_CTX_use_certificate(context, certificate) == 1 && SSL_CTX_use_PrivateKey(context, key) == 1 &&
                 write_certificate(certificate, file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (!ready) {
        SSL_CTX_free(context);
        return NULL;
    }
    // OpenSSL writes without MSG_NOSIGNAL.
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    return context;
}

SSL *null_tls_accept(SSL_CTX *context, int descriptor) {
    SSL *connection = SSL_new(context);
    SSL_set_fd(connection, descriptor);
    SSL_set_accept_state(connection);
    return connection;
}

static ssize_t outcome(SSL *connection, int done) {
    if (done > 0) return done;
    switch (SSL_get_error(connection, done)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: errno = EAGAIN; return -1;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: errno = EIO; return -1;
    }
}

ssize_t null_tls_receive(SSL *connection, void *bytes, size_t room) { return outcome(connection, SSL_read(connection, bytes, (int)room)); }

ssize_t null_tls_send(SSL *connection, const void *bytes, size_t length) {
    return outcome(connection, SSL_write(connection, bytes, length > 1 << 30 ? 1 << 30 : (int)length));
}
