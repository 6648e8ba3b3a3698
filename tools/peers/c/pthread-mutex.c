/* POSIX mutex of the default kind: glibc's is a futex word that sleeps at once when it is taken. */
#include <pthread.h>

static _Alignas(128) pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static inline void peer_init(void) {}
static inline void peer_lock(void) { pthread_mutex_lock(&mutex); }
static inline void peer_unlock(void) { pthread_mutex_unlock(&mutex); }

#include "peer.h"
