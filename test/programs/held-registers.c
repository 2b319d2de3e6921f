/* A system call during which every register holds a value of its own, which must be there still when it returns. */

#include <stdint.h>
#include <string.h>

struct vectors {
    __attribute__((aligned(32))) uint8_t bytes[16][32];
};

static struct vectors before, after;

/* Reads a byte from a descriptor by read(2), without libc. Answers 0, or a bit for each kind of register that changed. */
int held_read(int descriptor)
{
    for (int i = 0; i < 16; i++) memset(before.bytes[i], 0xa0 + i, 32);
    char byte;
    uint32_t mxcsr_before = 0x9fc0, mxcsr_after, mxcsr_own;
    uint16_t control_before = 0x0c7f, control_after, control_own;
    uint64_t general[7] = {0x1111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666, 0x7777};
    long result;
    __asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr_own), "=m"(control_own));
    __asm__ volatile(
        "ldmxcsr %[mxcsr_before]\n fldcw %[control_before]\n"
        "mov %[before], %%rcx\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovdqa 32*\\n(%%rcx), %%ymm\\n\n .endr\n"
        "mov %[general], %%rcx\n"
        "mov (%%rcx), %%r8\n mov 8(%%rcx), %%r9\n mov 16(%%rcx), %%r10\n mov 24(%%rcx), %%r12\n"
        "mov 32(%%rcx), %%r13\n mov 40(%%rcx), %%r14\n mov 48(%%rcx), %%r15\n"
        "xor %%eax, %%eax\n syscall\n"
        "mov %[general], %%rcx\n"
        "xor %%r8, (%%rcx)\n xor %%r9, 8(%%rcx)\n xor %%r10, 16(%%rcx)\n xor %%r12, 24(%%rcx)\n"
        "xor %%r13, 32(%%rcx)\n xor %%r14, 40(%%rcx)\n xor %%r15, 48(%%rcx)\n"
        "mov %[after], %%rcx\n"
        ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovdqa %%ymm\\n, 32*\\n(%%rcx)\n .endr\n"
        "stmxcsr %[mxcsr_after]\n fnstcw %[control_after]\n ldmxcsr %[mxcsr_own]\n fldcw %[control_own]\n vzeroupper\n"
        : "=&a"(result), [mxcsr_after] "=m"(mxcsr_after), [control_after] "=m"(control_after)
        : "D"((long)descriptor), "S"(&byte), "d"(1L), [before] "m"(*(void **)&(void *){&before}),
          [after] "m"(*(void **)&(void *){&after}), [general] "m"(*(void **)&(void *){general}),
          [mxcsr_before] "m"(mxcsr_before), [control_before] "m"(control_before), [mxcsr_own] "m"(mxcsr_own),
          [control_own] "m"(control_own)
        : "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3",
          "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    int changed = result == 1 ? 0 : 1;
    if (memcmp(&before, &after, sizeof(before)) != 0) changed |= 2;
    if (mxcsr_after != mxcsr_before) changed |= 4;
    if (control_after != control_before) changed |= 8;
    for (int i = 0; i < 7; i++)
        if (general[i] != 0) changed |= 16;
    return changed;
}
