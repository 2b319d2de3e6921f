/**
 * Our own file of a profile: `PYFLIGHT`, a version, and chunks, each a kind, a coding, its size and its bytes. A chunk
 * only adds to what the chunks before it have said, so that a file can be written while samples are still taken, and what
 * was written before a crash can be read. Numbers are LEB128; columns are written one after the other, since each
 * compresses best among its like.
 */
export const FILE_MAGIC = 'PYFLIGHT';

/** What readers of another one would not understand gets a higher one. Of version 1 there were several; none before 3 was released. */
export const FILE_VERSION = 3;

/** What a chunk holds. Where a number may be absent, it is one more, and 0 stands for none. */
export const ChunkKind = {
  /** More texts, a list in JSON, which keeps lone surrogates; others refer to them by their place among all. */
  texts: 1,
  /** A count, then more processes: pid, parent or none, version, command line, search path. */
  processes: 2,
  /** A count, then more threads: process, interpreter, ids or none, name or none, whether it is the main thread, how many
   * share it. */
  threads: 3,
  /** A count, then columns of more frames: kinds, names, files, first lines, lines. */
  frames: 4,
  /** A count, then columns of more nodes of the tree of stacks: parents, frames. */
  stacks: 5,
  /** A count, then columns of samples: starts, each after the one before, weights, looks, threads, stacks, states. */
  samples: 6,
  /** How the profile came about; the last one counts. */
  account: 7,
} as const;

/** How the bytes of a chunk are coded. */
export const ChunkCoding = { plain: 0, deflate: 1 } as const;

/** Kinds of frames by their number in a file: new ones go to the end. */
export const FRAME_KINDS = ['python', 'native', 'marker', 'task', 'thread', 'process'] as const;
/** Modes of sampling, likewise. */
export const MODES = ['wall', 'cpu', 'gil', 'gil-wait', 'exception'] as const;
/** Why sampling ended, likewise. */
export const ENDS = ['duration', 'interrupted', 'target-ended', 'target-replaced', 'count'] as const;
/** Release levels of Python, likewise. */
export const RELEASE_LEVELS = ['alpha', 'beta', 'candidate', 'final'] as const;

/** Rates are written in millionths of a hertz. */
export const RATE_UNIT = 1e6;

/** No chunk that is written is larger, and none that says so is read. */
export const MOST_CHUNK_BYTES = 64 * 1024 * 1024;
