import type { CacheEnvironment } from './cache-files.ts';
import type { StateEnvironment } from './history-file.ts';

/** Where the user who runs us keeps what can be made again. */
export function readCacheEnvironment(): CacheEnvironment {
  return { xdgCacheHome: process.env['XDG_CACHE_HOME'], home: process.env['HOME'] };
}

/** Where the user who runs us keeps what shall be there the next time. */
export function readStateEnvironment(): StateEnvironment {
  return { xdgStateHome: process.env['XDG_STATE_HOME'], home: process.env['HOME'] };
}

/** The machine that we run on, in the words of Node.js: `x64`, `arm64`, … */
export function hostMachine(): string {
  return process.arch;
}
