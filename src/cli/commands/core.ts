import { NO_TASKS } from '../async-report.ts';
import { defineCommand, LIBRARY_OPTIONS } from '../command.ts';
import { listCores } from '../cores/core-list.ts';
import { printCore } from '../cores/core-report.ts';
import { jsonOption } from '../json-output.ts';
import { nativeOption } from '../native-modes.ts';
import { chooseCore } from '../target-choice.ts';

const args = {
  core: {
    kind: 'optional-word',
    completes: 'file',
    help: 'Core file, compressed or not: gzip, zstd, xz, lz4; those of systemd are listed without it',
  },
  executable: {
    kind: 'optional-word',
    completes: 'file',
    help: 'Program that it is of, where it is elsewhere now',
  },
} as const;

const options = {
  locals: { kind: 'flag', help: 'Show arguments and local variables of every frame' },
  thread: { kind: 'text', valueName: 'id|name', completes: 'thread', help: 'Show only this thread' },
  exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
  ...LIBRARY_OPTIONS,
  json: jsonOption('core'),
  native: nativeOption,
} as const;

/** `pyflight core <core>`: the stacks of a process that is gone, with PyStack's options. */
export const core = defineCommand({
  name: 'core',
  summary: 'Print why a process died and the stacks in its core file',
  level: 'L0',
  arguments: args,
  options,
  examples: [
    ['core', 'the cores that systemd has kept'],
    ['core core.4242', 'why it died, and where every thread was'],
    ['core core.4242.zst --locals', 'with variables, from a compressed core'],
    ['core core.4242 --lib-search-root /srv/bundle', 'of a program whose libraries lie elsewhere here'],
  ],

  async run({ core, executable, libSearchPath, libSearchRoot, ...wishes }, context) {
    if (core === undefined) return await listCores(wishes.json, context);
    const choice = chooseCore(core, { executable, libSearchPath, libSearchRoot });
    return await printCore(
      choice,
      { ...wishes, ...NO_TASKS, locks: false, format: 'pystack', command: 'core', filepath: undefined },
      context,
    );
  },
});
