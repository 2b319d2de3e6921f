import { type ErrorCode, InspectorError, NoSuchProcessError, NotPythonError } from '../../base/errors.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import { formatPythonVersion } from '../../model/python-version.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { problemsOf } from '../../model/snapshot-problems.ts';
import { pystackLines } from '../../report/pystack-layout.ts';
import { adviceFor } from '../advice.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { reportUsage } from '../failure.ts';
import { nativeChoice, nativeOption, nativeWish } from '../native-modes.ts';

/** `pyflight remote <pid>`: PyStack's own command line, messages and exit statuses. */
export const remote = defineCommand({
  name: 'remote',
  summary: 'Print stacks with the options, messages and exit statuses of pystack',
  level: 'L1',
  withoutJson: 'its options are those of pystack; the command stack has it',
  arguments: { pid: { kind: 'pid', help: 'Process to look into' } },
  options: {
    noBlock: { kind: 'flag', help: 'Read without stopping the process' },
    native: nativeOption,
    locals: { kind: 'flag', help: 'Show arguments and local variables of every frame' },
    exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
  },
  examples: [['remote 4242 --locals', 'as pystack remote 4242 --locals']],

  async run({ pid, noBlock, native, locals, exhaustive }, context) {
    if (native !== undefined && noBlock) {
      reportUsage('Native traces are only available in blocking mode', 'remote --help', context);
      return 'usage';
    }
    using inspection = await context.api.attach(pid, { exhaustive, native: native !== undefined });
    const snapshot = inspection.snapshot({ locals, pause: !noBlock, ...nativeWish(native) });
    log(snapshot, context);
    const lines = [
      ...pystackLines(snapshot, { style: context.style, showLocals: locals, ...nativeChoice(native) }),
    ];
    if (lines.length > 0) context.out(`${lines.join('\n')}\n`);
    return 'complete';
  },

  reportFailure(error, context) {
    if (!(error instanceof InspectorError)) return undefined;
    noteBlock(error, context);
    return ENGINE_FAILURE_STATUS;
  },
});

/** PyStack exits with 1 for every failure that is not a wrong command line. */
const ENGINE_FAILURE_STATUS = 1;

/** Problems and, with -v, what was found, in the form of PyStack's log. */
function log(snapshot: Snapshot, { note, verbosity }: Context): void {
  for (const { message } of problemsOf(snapshot))
    note(`WARNING(process_remote): ${escapeForTerminal(message)}`);
  if (verbosity === 0) return;
  const { process, foundBy, threads } = snapshot;
  note(`INFO(process_remote): CPython ${formatPythonVersion(process.python)} in ${process.executable}`);
  note(`INFO(process_remote): Interpreter state found by ${foundBy}`);
  note(`INFO(process_remote): ${threads.length} threads read`);
}

/** PyStack's own words for what it calls an engine error; ours for the others. */
const ENGINE_WORDS: Readonly<Partial<Record<ErrorCode, (error: InspectorError) => string>>> = {
  'already-traced': () => 'Operation not permitted',
  'kernel-thread': () => 'Operation not permitted',
  'not-permitted': () => 'Operation not permitted',
  'no-such-process': (error) =>
    `No such process id: ${error instanceof NoSuchProcessError ? error.pid : '?'}`,
  'not-python': (error) =>
    `Could not determine python version from ${error instanceof NotPythonError ? error.executable : '?'}`,
  'unreadable-memory': () => 'Invalid address in remote process',
};

const NOT_ENOUGH_INFORMATION = 'Could not gather enough information to extract the Python frame information';

/** PyStack's block: the sentence between skulls, help under it and an empty line, all of it red on a terminal. */
function noteBlock(error: InspectorError, context: Context): void {
  const words = ENGINE_WORDS[error.code];
  const sentence =
    error.code === 'interpreter-not-found'
      ? NOT_ENOUGH_INFORMATION
      : `Engine error: ${words === undefined ? error.message : words(error)}`;
  const lines = [
    context.hasEmoji ? `💀 ${sentence} 💀` : sentence,
    // Where PyStack's words say less than ours, ours follow.
    ...(words === undefined ? [] : [error.message]),
    ...adviceFor(error, context),
  ];
  context.note(context.style.red(lines.map((line) => escapeForTerminal(line)).join('\n')));
  context.note('');
}
