// Loaded into tests that are built with the thread sanitizer: tells it of the Mutex of Swift's Synchronization.
//
// What a Mutex does when nobody else has it is compiled into whoever uses it, and seen. What it does when somebody else has is
// in the standard library, which is not built with the sanitizer: without this, everything behind a contended Mutex is
// reported as a race.
#define _GNU_SOURCE
#include <dlfcn.h>

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef __attribute__((swiftcall)) void (*lock_function)(unsigned, __attribute__((swift_context)) void *);
typedef __attribute__((swiftcall)) void (*unlock_function)(__attribute__((swift_context)) void *);

void __tsan_acquire(void *);
void __tsan_release(void *);

__attribute__((swiftcall)) void lock_slow(unsigned thread, __attribute__((swift_context)) void *mutex) __asm__(LOCK);
__attribute__((swiftcall)) void unlock_slow(__attribute__((swift_context)) void *mutex) __asm__(UNLOCK);

__attribute__((swiftcall)) void lock_slow(unsigned thread, __attribute__((swift_context)) void *mutex) {
  static lock_function real;
  if (!real) real = (lock_function)dlsym(RTLD_NEXT, LOCK);
  real(thread, mutex);
  __tsan_acquire(mutex);
}

__attribute__((swiftcall)) void unlock_slow(__attribute__((swift_context)) void *mutex) {
  static unlock_function real;
  if (!real) real = (unlock_function)dlsym(RTLD_NEXT, UNLOCK);
  __tsan_release(mutex);
  real(mutex);
}
