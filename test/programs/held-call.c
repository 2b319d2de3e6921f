/* Two functions that hold a call of somebody else's; the names come from the command line of the compiler. */
#ifndef EXPORTED
#define EXPORTED hold_exported
#define HIDDEN hold_hidden
#endif

static __attribute__((noinline)) int HIDDEN(int (*function)(void)) {
  int result = function();
  return result + 1;
}

int EXPORTED(int (*function)(void)) {
  int result = HIDDEN(function);
  return result + 1;
}
