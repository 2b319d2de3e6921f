/** What each room of `src/` may import, besides itself. A room missing here is an error. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ['base'],
  elf: ['base'],
  platform: ['base'],
  dwarf: ['base', 'elf'],
  cpython: ['base', 'model'],
  wire: ['base', 'model'],
  profile: ['base', 'model'],
  symbols: ['base', 'model', 'elf', 'dwarf'],
  unwind: ['base', 'model', 'elf', 'dwarf'],
  formats: ['base', 'model', 'profile'],
  push: ['base', 'profile', 'formats'],
  report: ['base', 'model', 'profile'],
  target: ['base', 'model', 'platform', 'elf', 'dwarf', 'symbols', 'unwind', 'cpython'],
  sampling: ['base', 'model', 'profile', 'cpython', 'target'],
  agent: ['base', 'model', 'platform', 'wire', 'target', 'cpython'],
  inspect: ['base', 'model', 'cpython', 'target', 'agent'],
  api: ['base', 'model', 'profile', 'formats', 'push', 'report', 'target', 'agent', 'inspect', 'sampling'],
  cli: ['base', 'model', 'report', 'api'],
};

/** Which rooms may import a package of npm. A package missing here is an error: each one is a decision record. */
export const MAY_IMPORT_PACKAGE: Readonly<Record<string, readonly string[]>> = {
  '@koromix/koffi-linux-x64': ['platform'],
  commander: ['cli'],
  fzstd: ['elf'],
  'gecko-profiler-demangle': ['platform'],
  koffi: ['platform'],
};

/** Which rooms may import a file that lies outside `src/`: the version of the program is in its manifest. */
export const MAY_IMPORT_FILE: Readonly<Record<string, readonly string[]>> = {
  'package.json': ['agent', 'cli'],
};

/**
 * Modules of Node that compute and touch nothing outside the process: every room may import them. `node:module` is one
 * since it loads others of them late; `node:readline` and `node:stream` since they touch only the streams that they are given.
 */
export const PURE_NODE_MODULES: ReadonlySet<string> = new Set([
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:module',
  'node:path',
  'node:path/posix',
  'node:readline',
  'node:stream',
  'node:string_decoder',
  'node:url',
  'node:util',
  'node:zlib',
]);

/** Where I/O is at home: the room that talks to Linux, and the file that talks to the terminal. */
export function mayDoIo(path: string): boolean {
  return path.startsWith('src/platform/') || path === 'src/cli/main.ts';
}
