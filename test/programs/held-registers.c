/* A system call during which every register holds a value of its own, which must be there still when it returns. */

#include <stdint.h>
#include <string.h>

#ifdef __aarch64__

/* x3 to x7 and x9 to x28, v0 to v31, FPCR and FPSR. */
static struct held {
    uint64_t general_before[26], general_after[26];
    __attribute__((aligned(16))) uint8_t vectors_before[512];
    uint8_t vectors_after[512];
    uint64_t control_before[2], control_after[2];
} held;

enum { GENERALS = 25 };

long held_call(long descriptor, char *byte, struct held *held);

__asm__(
    ".text\n .type held_call, %function\n held_call:\n"
    "stp x29, x30, [sp, #-192]!\n"
    "stp x19, x20, [sp, #16]\n stp x21, x22, [sp, #32]\n stp x23, x24, [sp, #48]\n stp x25, x26, [sp, #64]\n"
    "stp x27, x28, [sp, #80]\n stp d8, d9, [sp, #96]\n stp d10, d11, [sp, #112]\n stp d12, d13, [sp, #128]\n"
    "stp d14, d15, [sp, #144]\n mrs x9, fpcr\n mrs x10, fpsr\n stp x9, x10, [sp, #160]\n str x2, [sp, #176]\n"
    "add x9, x2, #416\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
    " ldr q\\n, [x9], #16\n .endr\n"
    "ldr x9, [x2, #1440]\n msr fpcr, x9\n ldr x9, [x2, #1448]\n msr fpsr, x9\n"
    "mov x8, x2\n"
    ".irp n,3,4,5,6,7,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28\n ldr x\\n, [x8], #8\n .endr\n"
    "mov x2, #1\n mov x8, #63\n svc #0\n"
    "ldr x8, [sp, #176]\n add x8, x8, #208\n"
    ".irp n,3,4,5,6,7,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28\n str x\\n, [x8], #8\n .endr\n"
    "ldr x8, [sp, #176]\n mrs x9, fpcr\n mrs x10, fpsr\n add x11, x8, #1456\n stp x9, x10, [x11]\n add x9, x8, #928\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"
    " str q\\n, [x9], #16\n .endr\n"
    "ldp x9, x10, [sp, #160]\n msr fpcr, x9\n msr fpsr, x10\n"
    "ldp d8, d9, [sp, #96]\n ldp d10, d11, [sp, #112]\n ldp d12, d13, [sp, #128]\n ldp d14, d15, [sp, #144]\n"
    "ldp x19, x20, [sp, #16]\n ldp x21, x22, [sp, #32]\n ldp x23, x24, [sp, #48]\n ldp x25, x26, [sp, #64]\n"
    "ldp x27, x28, [sp, #80]\n ldp x29, x30, [sp], #192\n ret\n"
    ".size held_call, . - held_call\n");

/* Reads a byte from a descriptor by read(2), without libc. Answers 0, or a bit for each kind of register that changed. */
int held_read(int descriptor)
{
    for (int i = 0; i < 512; i++) held.vectors_before[i] = (uint8_t)(0xa0 + i / 16);
    for (int i = 0; i < GENERALS; i++) held.general_before[i] = 0x1111111111111111u * (i % 15 + 1) + i;
    /* Flush to zero, and two exceptions that were seen. */
    held.control_before[0] = 1u << 24;
    held.control_before[1] = 0x11;
    char byte;
    long result = held_call(descriptor, &byte, &held);
    int changed = result == 1 ? 0 : 1;
    if (memcmp(held.vectors_before, held.vectors_after, 512) != 0) changed |= 2;
    if (held.control_before[0] != held.control_after[0]) changed |= 4;
    if (held.control_before[1] != held.control_after[1]) changed |= 8;
    if (memcmp(held.general_before, held.general_after, GENERALS * 8) != 0) changed |= 16;
    return changed;
}

#else

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

#endif
