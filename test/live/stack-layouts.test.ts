import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, expect, test } from 'vitest';
import { runPyflight } from '../support/command-line.ts';
import type { TrueFrame, TrueThread } from '../support/ground-truth.ts';
import type { Interpreter } from '../support/interpreters.ts';
import { describeInterpreters, describeScene, isSince, type Scene } from '../support/matrix.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-layouts-'));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('docs/snapshot.schema.json', 'utf8')),
);

/** The order of a report: the newest thread first. */
const ORDER = ['worker-3', 'worker-2', 'worker-1', 'worker-0', 'MainThread'];

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'threads.py' }, (scene) => {
    test.each([
      ['pystack', pystackText],
      ['pyflame', pyflameText],
      ['faulthandler', faulthandlerText],
    ] as const)(
      'pyflight stack --format %s prints what the target says of itself',
      async (format, textOf) => {
        const { status, out, notes } = await runPyflight(['stack', pidOf(scene()), '--format', format]);
        expect(out).toBe(textOf(orderedThreads(scene()), interpreter));
        expect([status, notes]).toEqual([0, '']);
      },
    );

    test('pyflight remote prints the same as PyStack does', async () => {
      const { status, out, notes } = await runPyflight(['remote', pidOf(scene())]);
      expect(out).toBe(pystackText(orderedThreads(scene()), interpreter));
      expect([status, notes]).toEqual([0, '']);
    });

    test('pyflight stack --json prints a document that the schema describes', async () => {
      const { status, out } = await runPyflight(['stack', pidOf(scene()), '--locals', '--json']);
      const document = JSON.parse(out);
      validate(document);
      expect(validate.errors ?? []).toEqual([]);
      expect(document).toMatchObject({
        process: { pid: scene().target.pid },
        threads: orderedThreads(scene()).map(({ nativeId, name, frames }) => ({
          osThreadId: nativeId,
          pythonName: name,
          frames: frames.map((frame) => ({ name: frame.name, position: { line: frame.line } })),
        })),
      });
      expect(status).toBe(0);
    });

    test('pyflight stack --thread prints one thread', async () => {
      const { status, out } = await runPyflight(['stack', pidOf(scene()), '--thread', 'worker-1']);
      const [wanted] = orderedThreads(scene()).filter(({ name }) => name === 'worker-1');
      expect([status, out]).toEqual([0, pystackText(wanted === undefined ? [] : [wanted], interpreter)]);
    });

    test('pyflight <pid> --cmd "stack -f FILE" writes the same into a file', async () => {
      const path = join(directory, `${scene().target.pid}.txt`);
      const { status, out } = await runPyflight([pidOf(scene()), '--cmd', `stack -f ${path}`]);
      expect([status, out]).toEqual([0, `✓ Write stack to ${path} successfully!\n`]);
      expect(readFileSync(path, 'utf8')).toBe(pystackText(orderedThreads(scene()), interpreter));
    });
  });
});

function pidOf({ target }: Scene): string {
  return String(target.pid);
}

function orderedThreads({ truth }: Scene): readonly TrueThread[] {
  return ORDER.flatMap((wanted) => truth.threads.filter(({ name }) => name === wanted));
}

function pystackText(threads: readonly TrueThread[], interpreter: Interpreter): string {
  const blocks = threads.map(({ nativeId, name, frames }) => {
    const program = basename(interpreter.path).slice(0, 15);
    const kernelName = isSince(interpreter, '3.14') && name !== 'MainThread' ? name : program;
    const lines = frames.toReversed().flatMap((frame) => {
      const source = sourceLineOf(frame, interpreter);
      const place = `    (Python) File "${frame.file}", line ${frame.line}, in ${frame.name}`;
      return source === '' ? [place] : [place, `        ${source}`];
    });
    return [`Traceback for thread ${nativeId} (${kernelName}) [] (most recent call last):`, ...lines];
  });
  return joined(blocks);
}

function pyflameText(threads: readonly TrueThread[]): string {
  return joined(
    threads.map(({ ident, frames }) => [
      `${ident}:`,
      ...frames.map(({ file, name, line }) => `${file}:${name}:${line}`),
    ]),
  );
}

function faulthandlerText(threads: readonly TrueThread[]): string {
  return joined(
    threads.map(({ ident, name, frames }) => [
      `(${name}) 0x${ident.toString(16).padStart(16, '0')} (most recent call first):`,
      ...frames.map((frame) => `  File "${frame.file}", line ${frame.line} in ${frame.name}`),
    ]),
  );
}

function joined(blocks: readonly (readonly string[])[]): string {
  return blocks.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function sourceLineOf({ file, line = 0 }: TrueFrame, { root = '/' }: Interpreter): string {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines[line - 1]?.trim() ?? '';
}
