/*
 * Threads that wait at the ends of calls through a C library. Once all of them are on their way there a line says
 * of each its kernel id and the return addresses of the functions of this program on its stack, innermost first.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <search.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST = 8 };

struct notes {
  long thread_id;
  int count;
  void *return_addresses[MOST];
};

int hold_exported(int (*function)(void));

static struct notes all[MOST];
static __thread struct notes *own;
static sem_t arrived, never;

/* In every function of this program: where it will return to. */
#define NOTE() (own->return_addresses[own->count++] = __builtin_return_address(0))

static int wait_for_ever(void) {
  NOTE();
  sem_post(&arrived);
  sem_wait(&never);
  return 0;
}

static void in_condition(void) {
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  NOTE();
  pthread_mutex_lock(&mutex);
  sem_post(&arrived);
  for (;;) pthread_cond_wait(&condition, &mutex);
}

static void in_library(void) {
  NOTE();
  hold_exported(wait_for_ever);
}

static int compare(const void *one, const void *other) {
  NOTE();
  return wait_for_ever() + *(int *)one - *(int *)other;
}

static void in_sort(void) {
  int numbers[64] = {3, 2, 1};
  NOTE();
  qsort(numbers, 64, sizeof *numbers, compare);
}

static void visit(const void *node, VISIT order, int depth) {
  NOTE();
  wait_for_ever();
}

static void in_tree(void) {
  static int number = 1;
  void *root = NULL;
  NOTE();
  tsearch(&number, &root, compare);
  twalk(root, visit);
}

static ssize_t write_out(void *cookie, const char *bytes, size_t size) {
  NOTE();
  return wait_for_ever() + size;
}

static void in_print(void) {
  FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = write_out});
  NOTE();
  setvbuf(stream, NULL, _IONBF, 0);
  fprintf(stream, "%d %s %f\n", 1, "two", 3.0);
}

static void handle(int signal) {
  NOTE();
  wait_for_ever();
}

static void in_handler(void) {
  NOTE();
  signal(SIGUSR1, handle);
  raise(SIGUSR1);
}

static void (*const WAYS[])(void) = {in_condition, in_library, in_sort, in_tree, in_print, in_handler};
enum { COUNT = sizeof WAYS / sizeof *WAYS };

static void *go(void *number) {
  long at = (long)number;
  own = &all[at];
  own->thread_id = syscall(SYS_gettid);
  NOTE();
  WAYS[at]();
  return NULL;
}

int main(void) {
  static pthread_t threads[COUNT];
  sem_init(&arrived, 0, 0);
  sem_init(&never, 0, 0);
  for (long at = 0; at < COUNT; at++) pthread_create(&threads[at], NULL, go, (void *)at);
  for (int at = 0; at < COUNT; at++) sem_wait(&arrived);
  own = &all[COUNT];
  own->thread_id = getpid();
  NOTE();
  for (int at = 0; at <= COUNT; at++) {
    printf("%s[%ld", at == 0 ? "[" : ", ", all[at].thread_id);
    for (int deep = all[at].count; deep-- > 0;) printf(", %lu", (unsigned long)all[at].return_addresses[deep]);
    printf("]");
  }
  puts("]");
  fflush(stdout);
  return read(0, &(char){0}, 1) > 0;
}
