import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attach, InspectorError } from '../../src/api/index.ts';
import {
  buildDlopenHost,
  buildStaticEmbed,
  hasCompiler,
  libpythonOf,
  prefixOf,
  type StaticLook,
} from '../support/altered-pythons.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { untilMainThreadReads } from '../support/sandboxes.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';
import { programsSeenBy, startCommand, type Target } from '../support/target.ts';

const canCompile = hasCompiler();
const shared = findInterpreters().filter(({ kind }) => kind === 'shared');

function ofFamilies(families: readonly string[]): readonly (readonly [string, Interpreter])[] {
  return canCompile
    ? shared.filter(({ family }) => families.includes(family)).map((each) => [each.name, each])
    : [];
}

function load(interpreter: Interpreter): readonly string[] {
  return ['load', libpythonOf(interpreter), 'home', prefixOf(interpreter)];
}

function programOf(interpreter: Interpreter, name: string): string {
  return join(programsSeenBy(interpreter), name);
}

/** Runs the steps of `dlopen-host.c`. */
async function startHost(interpreter: Interpreter, steps: readonly string[]): Promise<Target> {
  const target = await startCommand(interpreter, [buildDlopenHost(), ...steps]);
  await untilMainThreadReads(target.pid);
  return target;
}

async function failureOf(pid: number): Promise<string> {
  try {
    using inspection = await attach(pid);
    return `found by ${inspection.snapshot().foundBy}`;
  } catch (error) {
    if (error instanceof InspectorError) return error.message;
    throw error;
  }
}

describe.each(ofFamilies(['2.7', '3.6', '3.8', '3.11', '3.12', '3.13']))(
  '%s as a plug-in',
  (_, interpreter) => {
    test('attach() shows a libpython that a program loaded with local symbols', async () => {
      await using target = await startHost(interpreter, [
        ...load(interpreter),
        ...['init', 'run', programOf(interpreter, 'single-thread.py')],
      ]);
      using inspection = await attach(target.pid);
      const snapshot = inspection.snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(target.groundTruth));
      expect(snapshot.problems).toEqual([]);
    });

    test('attach() shows the thread of an interpreter that runs no Python code', async () => {
      await using target = await startHost(interpreter, [...load(interpreter), 'init', 'wait']);
      using inspection = await attach(target.pid);
      const { threads } = inspection.snapshot();
      expect(threads.map(({ osThreadId, gil, frames }) => ({ osThreadId, gil, frames }))).toEqual([
        { osThreadId: target.pid, gil: 'holds', frames: [] },
      ]);
    });

    test('attach() shows an exit handler of an interpreter that is being finalised', async () => {
      await using target = await startHost(interpreter, [
        ...load(interpreter),
        ...['init', 'run', programOf(interpreter, 'atexit-blocked.py'), 'finalize'],
      ]);
      using inspection = await attach(target.pid);
      const frames = inspection.snapshot().threads.map((thread) => thread.frames.map(({ name }) => name));
      expect(frames).toEqual(
        target.groundTruth.threads.map((thread) => thread.frames.map(({ name }) => name)),
      );
    });

    test.each([
      ['not yet initialised', ['wait']],
      ['already finalised', ['init', 'run', 'import threading', 'finalize', 'wait']],
    ])('attach() says of a libpython that is %s what it is', async (_state, steps) => {
      await using target = await startHost(interpreter, [...load(interpreter), ...steps]);
      expect(await failureOf(target.pid)).toBe(
        `Cannot find the interpreter state: ${libpythonOf(interpreter)} is loaded, but not initialised yet or already finalised`,
      );
    });
  },
);

const [older] = ofFamilies(['3.8']).map(([, each]) => each);
const [newer] = ofFamilies(['3.13']).map(([, each]) => each);

describe.skipIf(older === undefined || newer === undefined)('Two libpythons in one process', () => {
  const pair = older === undefined || newer === undefined ? [] : ([older, newer] as const);

  test.each([
    ['the first', 0],
    ['the second', 1],
  ])('attach() shows the one that is initialised: %s', async (_, initialised) => {
    const running = pair[initialised];
    const idle = pair[1 - initialised];
    if (running === undefined || idle === undefined) throw new RangeError('there is no pair');
    await using target = await startHost(running, [
      ...[...load(idle), ...load(running)],
      ...['init', 'run', programOf(running, 'single-thread.py')],
    ]);
    using inspection = await attach(target.pid);
    const snapshot = inspection.snapshot();
    expect(seenThreads(snapshot)).toEqual(trueThreads(target.groundTruth));
    expect(snapshot.problems).toEqual([]);
  });

  test('attach() says that there is another when both are initialised', async () => {
    const [first, second] = pair;
    if (first === undefined || second === undefined) throw new RangeError('there is no pair');
    await using target = await startHost(second, [
      ...[...load(first), 'init', 'run', 'import sys'],
      ...[...load(second), 'init', 'run', programOf(second, 'single-thread.py')],
    ]);
    using inspection = await attach(target.pid);
    const { process: shown, problems } = inspection.snapshot();
    const other = shown.python.minor === 8 ? second : first;
    expect(problems.map(({ kind, message }) => `${kind}: ${message.replace(/\(.*\)/u, '(…)')}`)).toEqual([
      `other-python: The process holds another CPython, ${other.version} (…), which is not shown`,
    ]);
  });
});

test.each(ofFamilies(['3.8', '3.12']))(
  'attach() shows %s beside its stub libpython3.so',
  async (_, interpreter) => {
    await using target = await startHost(interpreter, [
      ...['load', join(prefixOf(interpreter), 'lib', 'libpython3.so')],
      ...[...load(interpreter), 'init', 'run', programOf(interpreter, 'single-thread.py')],
    ]);
    using inspection = await attach(target.pid);
    expect(seenThreads(inspection.snapshot())).toEqual(trueThreads(target.groundTruth));
  },
);

/** With hidden symbols 2.7 and 3.6 cannot load their own extension modules, which programs need. */
const STATIC_LOOKS: readonly (readonly [StaticLook, readonly string[], RegExp])[] = [
  ['exported', ['2.7', '3.6', '3.8', '3.11', '3.12', '3.13'], /^(symbol|section) /u],
  ['hidden', ['3.8', '3.11', '3.12', '3.13'], /^(section \.PyRuntime|scan of the data) of /u],
  ['bare', ['3.8', '3.11', '3.12', '3.13'], /^scan of the data of /u],
];

describe.each(STATIC_LOOKS)(
  'A program with a static libpython whose symbols are %s',
  (look, families, foundBy) => {
    test.each(ofFamilies(families))('attach() shows %s', async (_, interpreter) => {
      const program = buildStaticEmbed(interpreter, look);
      if (program === undefined) throw new Error(`${interpreter.name} has no static libpython`);
      await using target = await startCommand(interpreter, [program], {
        env: {
          PYFLIGHT_EMBEDDED: programOf(interpreter, 'single-thread.py'),
          PYTHONHOME: prefixOf(interpreter),
        },
      });
      await untilMainThreadReads(target.pid);
      using inspection = await attach(target.pid);
      const snapshot = inspection.snapshot();
      expect(seenThreads(snapshot)).toEqual(trueThreads(target.groundTruth));
      expect(snapshot.problems).toEqual([]);
      expect(snapshot.foundBy).toMatch(foundBy);
    });
  },
);
