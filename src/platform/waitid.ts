/** Options of waitid(2) (include/uapi/linux/wait.h). */
export const WAIT = {
  WNOHANG: 1,
  WSTOPPED: 2,
  WEXITED: 4,
  WNOWAIT: 0x0100_0000,
  WALL: 0x4000_0000,
} as const;

/** A siginfo_t of SIGCHLD on 64-bit machines (include/uapi/asm-generic/siginfo.h): its size, and where things are. */
export const SIGINFO = { sizeBytes: 128, code: 8, pid: 16, status: 24 } as const;
