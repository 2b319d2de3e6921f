import { hostname } from 'node:os';
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

/** What servers that profiles are pushed to want to know, and nobody else may: no command line holds it. */
export interface PushEnvironment {
  /** For `Authorization: Bearer`. */
  readonly token: string | undefined;
  /** `user:password`. */
  readonly basic: string | undefined;
  /** For `X-Scope-OrgID`. */
  readonly tenant: string | undefined;
}

/** How the user who runs us is known to servers. */
export function readPushEnvironment(): PushEnvironment {
  const { env } = process;
  return {
    token: env['PYFLIGHT_PUSH_TOKEN'],
    basic: env['PYFLIGHT_PUSH_BASIC'],
    tenant: env['PYFLIGHT_PUSH_TENANT'],
  };
}

/** What the machine that we run on is called. */
export function hostName(): string {
  return hostname();
}

/** The machine that we run on, in the words of Node.js: `x64`, `arm64`, … */
export function hostMachine(): string {
  return process.arch;
}
