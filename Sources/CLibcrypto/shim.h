#pragma once
/* For the plain SHA-256 states; SHA256.swift says why. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
