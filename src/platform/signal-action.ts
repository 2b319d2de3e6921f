/**
 * `struct sigaction` of glibc and musl on 64-bit machines: the handler, a mask of 128 bytes, the flags, and what the C library
 * fills in.
 */
export const SIGNAL_ACTION = { sizeBytes: 152, handler: 0, flags: 136 } as const;
