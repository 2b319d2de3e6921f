/* Functions that a compiler inlines into each other, splits, nests and discards. */
#include <stdio.h>
#include <stdlib.h>

static inline int multiply(int a, int b) { return a * b; }

static inline int square(int x) {
  return multiply(x, x) + (x > 100 ? abs(x) : 0);
}

static inline int add_up(int a, int b) {
  int sum = 0;
  for (int i = 0; i < b % 17; i++)
    sum += multiply(a, i);
  return sum;
}

static int deep(int x) { return add_up(square(x), square(x + 1)); }

__attribute__((cold, noinline)) static void fail(int x) {
  fprintf(stderr, "bad %d\n", x);
  exit(1);
}

/* Nobody calls it: --gc-sections discards it. */
int discarded(int x) { return deep(x) * 77 + square(x); }

static int with_nested(int n) {
  int sum = 0;
  int nested(int k) {
    sum += k;
    return deep(sum);
  }
  int (*volatile through)(int) = nested;
  return through(n) + through(n + 1);
}

int main(int argc, char **argv) {
  int total = 0;
  for (int i = 0; i < argc; i++) {
    total += deep(i);
    if (total < 0)
      fail(total);
    {
      int squared = square(total);
      total ^= squared;
    }
  }
  printf("%d %s\n", total + with_nested(argc), argv[0]);
  return 0;
}
