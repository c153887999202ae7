// Linked into whatever Tests/sanitize builds: where reports go, and what the thread sanitizer must be told of Swift's own library, which it
// wasn't built into.
//
// - A Mutex that is contended sleeps and wakes in that library, so that each value it guards would be reported. What Mutex promises is told
//   in between: whoever unlocks releases, whoever locks acquires.
// - The library itself tells that a continuation's task goes on behind `resume`, but not where `resume` came first, so that the task never
//   sleeps: `swift_continuation_await` then jumps right on. So it is told there as well.
// - What a copy was read by has ended when whoever read it releases it: its storage may then be written in place by whoever finds that it
//   has it alone. The count between the two is the library's.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// In force in every process, whatever environment it was started with: a test's child isn't the script's.
const char *__asan_default_options(void) {
  // What lives until the process ends is no leak.
  return "detect_leaks=0:exitcode=66:log_path=" REPORTS;
}

const char *__tsan_default_options(void) {
  return "halt_on_error=0:exitcode=66:log_path=" REPORTS;
}

#ifdef thread
void __tsan_acquire(void *);
void __tsan_release(void *);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
#define ASYNC __attribute__((swiftasynccall))
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock(uint32_t state, SELF void *mutex) __asm__(LOCK);
SWIFT void unlock(SELF void *mutex) __asm__(UNLOCK);

SWIFT void lock(uint32_t state, SELF void *mutex) {
  static SWIFT void (*real)(uint32_t, SELF void *);
  if (!real) real = (SWIFT void (*)(uint32_t, SELF void *))dlsym(RTLD_NEXT, LOCK);
  real(state, mutex);
  __tsan_acquire(mutex);
}

SWIFT void unlock(SELF void *mutex) {
  static SWIFT void (*real)(SELF void *);
  if (!real) real = (SWIFT void (*)(SELF void *))dlsym(RTLD_NEXT, UNLOCK);
  __tsan_release(mutex);
  real(mutex);
}

void swift_release(void *object) {
  static void (*real)(void *);
  if (!real) real = (void (*)(void *))dlsym(RTLD_NEXT, "swift_release");
  if (object) __tsan_release(object);
  real(object);
}

_Bool swift_isUniquelyReferenced_nonNull_native(const void *object) {
  static _Bool (*real)(const void *);
  if (!real) real = (_Bool (*)(const void *))dlsym(RTLD_NEXT, "swift_isUniquelyReferenced_nonNull_native");
  _Bool unique = real(object);
  if (unique) __tsan_acquire((void *)object);
  return unique;
}

void *swift_task_getCurrent(void);

// A continuation's context as it begins. The task goes on by `resume`, but where it has slept by a copy of that.
typedef struct Context {
  void *parent;
  ASYNC void (*resume)(__attribute__((swift_async_context)) struct Context *);
  uintptr_t flags;
} Context;

enum { SWITCHES_EXECUTOR = 2 };

static __thread ASYNC void (*resume)(__attribute__((swift_async_context)) Context *);

static ASYNC void resumed(__attribute__((swift_async_context)) Context *context) {
  context->resume = resume;
  // What `resume` released.
  __tsan_acquire(swift_task_getCurrent());
  __attribute__((musttail)) return context->resume(context);
}

ASYNC void swift_continuation_await(Context *context) {
  static ASYNC void (*real)(Context *);
  if (!real) real = (ASYNC void (*)(Context *))dlsym(RTLD_NEXT, "swift_continuation_await");
  if (!(context->flags & SWITCHES_EXECUTOR)) {
    resume = context->resume;
    context->resume = resumed;
  }
  __attribute__((musttail)) return real(context);
}
#endif
