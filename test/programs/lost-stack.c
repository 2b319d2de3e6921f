/* A thread whose stack pointer and frame pointer lead nowhere, at a place that no unwind rule is right for. */
#include <unistd.h>

void lose_stack(int says) {
  char byte = 1;
  if (write(says, &byte, 1) != 1) return;
#if defined(__x86_64__)
  __asm__ volatile("mov $0x10, %rsp; mov $0x10, %rbp; 1: pause; jmp 1b");
#endif
}
