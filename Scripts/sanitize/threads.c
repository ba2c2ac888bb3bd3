// Loaded into tests that are built with the thread sanitizer: tells it of threads and locks it does not see.
//
// Swift's Mutex (Synchronization). What a Mutex does when nobody else has it is compiled into whoever uses it, and seen. What it does when somebody else has is
// in the standard library, which is not built with the sanitizer: without this, everything behind a contended Mutex is
// reported as a race.
//
// Threads and locks of C11, which librdkafka uses: glibc has them made of its own, past the names the sanitizer watches, and a
// thread it does not know ends the process with its first malloc. Here they are those of POSIX, which they are in glibc too.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

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

// ---- C11

struct beginning {
  thrd_start_t function;
  void *argument;
};

static void *begin(void *memory) {
  struct beginning beginning = *(struct beginning *)memory;
  free(memory);
  return (void *)(intptr_t)beginning.function(beginning.argument);
}

static int result(int error) {
  switch (error) {
    case 0: return thrd_success;
    case ETIMEDOUT: return thrd_timedout;
    case EBUSY: return thrd_busy;
    default: return thrd_error;
  }
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument) {
  struct beginning *beginning = malloc(sizeof *beginning);
  if (!beginning) return thrd_nomem;
  *beginning = (struct beginning){function, argument};
  int error = pthread_create(thread, NULL, begin, beginning);
  if (error) free(beginning);
  return result(error);
}

int thrd_join(thrd_t thread, int *value) {
  void *found;
  int error = pthread_join(thread, &found);
  if (!error && value) *value = (int)(intptr_t)found;
  return result(error);
}

int thrd_detach(thrd_t thread) { return result(pthread_detach(thread)); }

int mtx_lock(mtx_t *mutex) { return result(pthread_mutex_lock((pthread_mutex_t *)mutex)); }
int mtx_trylock(mtx_t *mutex) { return result(pthread_mutex_trylock((pthread_mutex_t *)mutex)); }
int mtx_unlock(mtx_t *mutex) { return result(pthread_mutex_unlock((pthread_mutex_t *)mutex)); }

int cnd_wait(cnd_t *condition, mtx_t *mutex) {
  return result(pthread_cond_wait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex));
}
int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until) {
  return result(pthread_cond_timedwait((pthread_cond_t *)condition, (pthread_mutex_t *)mutex, until));
}
int cnd_signal(cnd_t *condition) { return result(pthread_cond_signal((pthread_cond_t *)condition)); }
int cnd_broadcast(cnd_t *condition) { return result(pthread_cond_broadcast((pthread_cond_t *)condition)); }
