/* A ticket lock in C11 atomics: what the algorithm of our `ticket` costs without JavaScript. It never sleeps. */
#include <stdatomic.h>
#include <stdint.h>

static _Alignas(128) struct {
  atomic_uint_least32_t next, serving;
} lock;

static inline void pause_core(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static inline void peer_init(void) {}

static inline void peer_lock(void) {
  uint_least32_t mine = atomic_fetch_add_explicit(&lock.next, 1, memory_order_relaxed);
  /* Acquire: pairs with the release in peer_unlock. */
  while (atomic_load_explicit(&lock.serving, memory_order_acquire) != mine) pause_core();
}

static inline void peer_unlock(void) {
  /* Only the holder writes it. Release: publishes the counter to the next. */
  uint_least32_t served = atomic_load_explicit(&lock.serving, memory_order_relaxed);
  atomic_store_explicit(&lock.serving, served + 1, memory_order_release);
}

#include "peer.h"
