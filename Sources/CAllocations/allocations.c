// The C library lets a program put functions of its own in place of its allocator's. These ones count and hand on: every library of the
// process calls them, the Swift runtime's included. While nobody counts they cost a look at a flag.
#define _GNU_SOURCE
#include "CAllocations.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_bool counts;
static atomic_ullong count;

void allocations_start(void) {
    atomic_store(&count, 0);
    atomic_store(&counts, true);
}

uint64_t allocations_stop(void) {
    atomic_store(&counts, false);
    return atomic_load(&count);
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#ifdef HAS_SANITIZER
bool allocations_can_count(void) { return false; }
#else
bool allocations_can_count(void) { return true; }

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static void note(void) {
    if (atomic_load_explicit(&counts, memory_order_relaxed)) atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
}

void *malloc(size_t size) {
    note();
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    note();
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    note();
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    note();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    note();
    void *taken = __libc_memalign(alignment, size);
    if (!taken) return ENOMEM;
    *block = taken;
    return 0;
}
#endif
