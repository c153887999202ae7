#pragma once
/* For the plain SHA-256 states; SHA256.swift says why. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <malloc.h>
#include <sys/prctl.h>

// prctl is variadic, which Swift can't call.
static inline int clibcrypto_make_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// What Swift's Glibc module leaves out.
static inline void clibcrypto_keep_freed(void) {
#if defined(__GLIBC__)
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
#endif
}
