/* Calls back from a signal handler: on the stack that was interrupted, or on an alternate one. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>

typedef int (*Callback)(int);

static __thread Callback current;

static void handler(int number, siginfo_t *info, void *context) {
  volatile int keep = current(number);
  (void)info, (void)context;
  keep += 1;
}

static __attribute__((noinline)) int interrupted(volatile int depth) {
  int below = depth > 0 ? interrupted(depth - 1) : raise(SIGUSR2);
  return below + depth;
}

static int call_with(Callback callback, int flags) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER | flags};
  current = callback;
  sigaction(SIGUSR2, &action, NULL);
  return interrupted(3) + 1;
}

int call_in_handler(Callback callback) { return call_with(callback, 0); }

int call_on_alternate_stack(Callback callback) {
  stack_t stack = {.ss_size = 1 << 20};
  stack.ss_sp = malloc(stack.ss_size);
  sigaltstack(&stack, NULL);
  return call_with(callback, SA_ONSTACK) + 1;
}
