import type { CoreOptions, ProcessFacts } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import { isComplete, problemsOf } from '../../model/snapshot-problems.ts';
import { coreToJson } from '../../report/core-json.ts';
import { corePreambleLines } from '../../report/core-preamble.ts';
import { formatJson } from '../../report/json-value.ts';
import { pystackLines } from '../../report/pystack-layout.ts';
import { defineCommand, type Values } from '../command.ts';
import { nativeChoice, nativeOption, nativeWish } from '../native-modes.ts';

const args = {
  core: { kind: 'word', help: 'Core file, compressed or not: gzip, zstd, xz, lz4' },
  executable: { kind: 'optional-word', help: 'Program that it is of, where it is elsewhere now' },
} as const;

const options = {
  locals: { kind: 'flag', help: 'Show arguments and local variables of every frame' },
  thread: { kind: 'text', valueName: 'id|name', help: 'Show only this thread' },
  exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
  libSearchPath: {
    kind: 'text',
    valueName: 'directories',
    help: 'Look for libraries there first, `:` between directories',
  },
  libSearchRoot: { kind: 'text', valueName: 'directory', help: 'Look for libraries below it first' },
  json: { kind: 'flag', help: 'Print JSON (docs/core.schema.json)' },
  native: nativeOption,
} as const;

type CoreValues = Values<typeof options, typeof args>;

/** `pyflight core <core>`: the stacks of a process that is gone, with PyStack's options. */
export const core = defineCommand({
  name: 'core',
  summary: 'Print why a process died and the stacks in its core file',
  arguments: args,
  options,
  examples: [
    ['core core.4242', 'why it died, and where every thread was'],
    ['core core.4242.zst --locals', 'with variables, from a compressed core'],
    ['core core.4242 --lib-search-root /srv/bundle', 'of a program whose libraries lie elsewhere here'],
  ],

  async run(values, { api, out, note, style }) {
    refuseImpossible(values);
    using inspection = await api.openCore(values.core, optionsOf(values));
    const { facts, coreFacts } = inspection;
    const { locals, thread, native } = values;
    const snapshot = inspection.snapshot({
      locals,
      ...(thread === undefined ? {} : { thread }),
      ...nativeWish(native),
    });
    if (values.json) out(`${formatJson(coreToJson(snapshot, coreFacts), 2)}\n`);
    else {
      let text = values.executable === undefined ? executableLine(facts) : '';
      for (const line of corePreambleLines(coreFacts, style)) text += `${line}\n`;
      for (const line of pystackLines(snapshot, { style, showLocals: locals, ...nativeChoice(native) }))
        text += `${line}\n`;
      out(text);
    }
    for (const { message } of problemsOf(snapshot)) note(`warning: ${escapeForTerminal(message)}`);
    return isComplete(snapshot) ? 'complete' : 'partial';
  },
});

function refuseImpossible({ libSearchPath, libSearchRoot }: CoreValues): void {
  if (libSearchPath !== undefined && libSearchRoot !== undefined)
    throw new BadArgumentError('Cannot use --lib-search-path with --lib-search-root: choose one');
}

function optionsOf({
  exhaustive,
  executable,
  libSearchPath,
  libSearchRoot,
  native,
}: CoreValues): CoreOptions {
  return {
    exhaustive,
    native: native !== undefined,
    ...(executable === undefined ? {} : { executable }),
    ...(libSearchRoot === undefined ? {} : { libraryRoot: libSearchRoot }),
    ...(libSearchPath === undefined ? {} : { libraryPath: libSearchPath.split(':').filter(Boolean) }),
  };
}

function executableLine({ executable }: ProcessFacts): string {
  return executable === ''
    ? ''
    : `Using executable found in the core file: ${escapeForTerminal(executable)}\n`;
}
