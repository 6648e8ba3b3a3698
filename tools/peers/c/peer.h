/*
 * The loop around a lock, for the C peers. A peer defines
 *
 *   peer_init()   peer_lock()   peer_unlock()
 *
 * as static functions over static memory, then includes this file. The program is
 *
 *   peer THREADS WARM_UP_MS WINDOW_MS
 *
 * and prints one line of JSON: what each thread did, and what the counter says. Whoever started it
 * compares the two.
 *
 * The threads read no clock while they run: the main thread sleeps, then changes `phase`. A spin lock
 * on a host with too few cores can hold a thread up for many time slices, and nothing but a word it
 * looks at after each operation ends it in time. That look is a load of a line which nobody writes.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LINE 128
#define MAX_THREADS 64

enum { WARM_UP, MEASURE, STOP };

/* Plain: the lock protects it. On a line of its own, as in the other peers. */
static _Alignas(LINE) uint64_t counter;
static _Alignas(LINE) atomic_int phase;
static _Alignas(LINE) pthread_barrier_t barrier;

struct report {
  _Alignas(LINE) uint64_t warm_up;
  uint64_t ops;
  int64_t started, ended;
};
static struct report reports[MAX_THREADS];

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static inline uint64_t run_while(int wanted) {
  uint64_t ops = 0;
  /* At least once: a time per operation needs an operation. */
  do {
    peer_lock();
    counter++;
    peer_unlock();
    ops++;
    /* Relaxed: it carries no data; the threads are joined before anything is read. */
  } while (atomic_load_explicit(&phase, memory_order_relaxed) == wanted);
  return ops;
}

static void *thread_main(void *argument) {
  struct report *report = argument;
  pthread_barrier_wait(&barrier);
  report->warm_up = run_while(WARM_UP);
  report->started = now();
  report->ops = run_while(MEASURE);
  report->ended = now();
  return NULL;
}

static void sleep_ms(long ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0) {
  }
}

int main(int argc, char **argv) {
  int threads = argc == 4 ? atoi(argv[1]) : 0;
  if (threads < 1 || threads > MAX_THREADS) {
    fprintf(stderr, "usage: peer THREADS (1 to %d) WARM_UP_MS WINDOW_MS\n", MAX_THREADS);
    return 2;
  }
  peer_init();
  pthread_barrier_init(&barrier, NULL, threads + 1);
  pthread_t ids[MAX_THREADS];
  for (int i = 0; i < threads; i++) {
    if (pthread_create(&ids[i], NULL, thread_main, &reports[i]) != 0) {
      fprintf(stderr, "peer: thread %d could not be started\n", i);
      return 1;
    }
  }
  pthread_barrier_wait(&barrier);
  sleep_ms(atol(argv[2]));
  atomic_store(&phase, MEASURE);
  sleep_ms(atol(argv[3]));
  atomic_store(&phase, STOP);
  for (int i = 0; i < threads; i++) pthread_join(ids[i], NULL);

  printf("{\"counted\":%" PRIu64 ",\"reports\":[", counter);
  for (int i = 0; i < threads; i++) {
    printf("%s{\"warmUp\":%" PRIu64 ",\"ops\":%" PRIu64 ",\"started\":%" PRId64 ",\"ended\":%" PRId64
           "}",
           i == 0 ? "" : ",", reports[i].warm_up, reports[i].ops, reports[i].started,
           reports[i].ended);
  }
  puts("]}");
  return 0;
}
