import { fileURLToPath } from 'node:url';
import { CannotStartProgramError, NoPythonInstalledError } from '../../base/errors.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { pystackLines } from '../../report/pystack-layout.ts';
import { snapshotToJson } from '../../report/snapshot-json.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { type JsonMode, jsonOption, jsonText, levelOfLook } from '../json-output.ts';

/** The same place from the source and from the bundle, which lies in `dist/chunks`. */
const SERVICE = fileURLToPath(new URL('../demo/service.py', import.meta.url));

/** `pyflight demo`: starts a sample Python service and shows its stacks. */
export const demo = defineCommand({
  name: 'demo',
  summary: 'Start a sample Python service and show its stacks',
  arguments: {},
  options: {
    json: jsonOption('snapshot'),
    keep: { kind: 'flag', help: 'Keep the service running until Ctrl-C' },
    python: {
      kind: 'text',
      valueName: 'path',
      completes: 'file',
      help: 'Python to run it with; python3 on PATH otherwise',
    },
  },
  examples: [
    ['demo', 'what the stacks of a live service look like'],
    ['demo --keep', 'a service to try the other commands on'],
    ['demo --json', 'what programs get of the same stacks'],
  ],

  async run({ json, keep, python }, context) {
    const command = python ?? (await context.api.findProgram('python3'));
    if (command === undefined) throw new NoPythonInstalledError();
    using service = await context.api.launch(command, [SERVICE]);
    const forget = context.onInterrupt(() => service[Symbol.dispose]());
    try {
      if ((await service.firstLine) === undefined) {
        throw new CannotStartProgramError(command, 'it ended before the service was ready');
      }
      using inspection = await context.api.attach(service.pid);
      context.note(
        `A Python service runs as process ${service.pid}. Its threads, as \`pyflight stack\` shows them:\n`,
      );
      printStacks(inspection.snapshot(), json, context);
      for (const line of nextSteps(service.pid, keep)) context.note(line);
      if (keep) await untilInterrupted(context);
      return 'complete';
    } finally {
      forget();
    }
  },
});

function printStacks(snapshot: Snapshot, json: JsonMode | undefined, context: Context): void {
  if (json === undefined) {
    const lines = pystackLines(snapshot, { style: context.style, showLocals: false });
    context.out(`${[...lines].join('\n')}\n`);
    return;
  }
  const printed = { command: 'demo', level: levelOfLook(snapshot), pid: snapshot.process.pid };
  context.out(jsonText(snapshotToJson(snapshot), printed, json, context));
}

function nextSteps(pid: number, isKept: boolean): readonly string[] {
  const steps = [
    ['', 'every thread: who holds the GIL, who waits for it'],
    ['--locals', 'arguments and local variables too'],
    ['--thread checkout-1', 'one thread, by name or id'],
    ['--watch', 'which threads move, and which hang'],
    ['--json', 'the same for programs'],
  ] as const;
  const commands = steps.map(
    ([options, effect]) => `  ${`pyflight stack ${pid} ${options}`.trimEnd().padEnd(44)}${effect}`,
  );
  return [
    '',
    isKept
      ? 'Type next, in another terminal:'
      : 'The service ends now; `pyflight demo --keep` keeps it for these:',
    ...commands,
    ...(isKept ? ['', 'Ctrl-C ends the service.'] : []),
  ];
}

async function untilInterrupted({ onInterrupt }: Context): Promise<void> {
  await new Promise<void>((resolve) => {
    // Nothing else keeps the program alive while it waits for the person.
    const heartbeat = setInterval(() => undefined, 60_000);
    onInterrupt(() => {
      clearInterval(heartbeat);
      resolve();
    });
  });
}
