/* POSIX spin lock: glibc's is test-and-test-and-set. It never sleeps. */
#include <pthread.h>

static _Alignas(128) pthread_spinlock_t lock;

static inline void peer_init(void) { pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE); }
static inline void peer_lock(void) { pthread_spin_lock(&lock); }
static inline void peer_unlock(void) { pthread_spin_unlock(&lock); }

#include "peer.h"
