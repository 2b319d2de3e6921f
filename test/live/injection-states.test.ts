import { expect, test } from 'vitest';
import { toAddress } from '../../src/base/address.ts';
import { openProcessMemory } from '../../src/platform/process-memory.ts';
import { injectMark, markPlaceOf, untilAsleep } from '../support/injection.ts';
import type { Interpreter } from '../support/interpreters.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { startTarget, type Target } from '../support/target.ts';

/** In read(2) on its standard input. */
const READS_STDIN = /^(0|63) 0x0 /u;

const RELEASE = "__import__('__main__').release()";

/** States that end by themselves, and no sooner than that. */
const TIMED = new Set([
  'sleep',
  'poll',
  'epoll',
  'event_loop',
  'select_timed',
  'lock_timed',
  'pause',
  'sigwait',
  'importing',
]);

/** By which method a state is entered to 3.13, where only one can be right. */
const METHODS: Readonly<Record<string, string>> = {
  busy: 'pending-call',
  lock: 'pending-call',
  condition: 'pending-call',
  sleep: 'thread-call',
  read: 'thread-call',
};

/** Tells whether all that a step says it has put into memory is cleared. */
function isCleared(pid: number, steps: readonly string[]): boolean {
  using memory = openProcessMemory(pid);
  return steps.every((step) => {
    const [, size, address] = /text of (\d+) bytes at (0x[0-9a-f]+)/u.exec(step) ?? [];
    return (
      address === undefined ||
      memory.read(toAddress(Number(address)), Number(size)).every((byte) => byte === 0)
    );
  });
}

async function expectInjected(target: Target, state: string): Promise<void> {
  const place = markPlaceOf(target);
  const { shortSeconds } = target.groundTruth.facts;
  target.say(state);
  expect((await target.next()).facts).toEqual({ entering: state });
  if (state !== 'busy') await untilAsleep(target.pid);
  const { method, steps } = await injectMark(target.pid, place, { andThen: RELEASE });
  const { facts } = await target.next();
  expect(facts, state).toMatchObject({ state, threads: 1, names: [] });
  if (TIMED.has(state)) expect(facts['lasted'], state).toBeGreaterThanOrEqual(Number(shortSeconds) - 0.01);
  expect(method, state).toBe(
    isSince(target.interpreter, '3.14') ? 'remote-debug' : (METHODS[state] ?? method),
  );
  expect(isCleared(target.pid, steps), state).toBe(true);
}

async function expectAllStates(interpreter: Interpreter): Promise<void> {
  await using target = await startTarget(interpreter, 'injection-states.py');
  const { facts } = target.groundTruth;
  const place = markPlaceOf(target);
  const states = facts['states'];
  if (!Array.isArray(states)) throw new TypeError('the target did not say its states');
  for (const state of states) {
    await expectInjected(target, state);
    Object.assign(target.groundTruth.facts, facts);
  }
  target.say('exit');
  expect((await target.next()).facts).toEqual({ entering: 'shutdown' });
  await untilAsleep(target.pid);
  await injectMark(target.pid, place, { andThen: RELEASE });
  expect((await target.next()).facts).toEqual({ entering: 'atexit' });
  await injectMark(target.pid, place);
  expect((await target.next()).facts).toMatchObject({ state: 'atexit' });
  await target.ended();
}

describeInterpreters('3.6', (interpreter) => {
  const title =
    'inject() runs a program in a main thread in every state, which goes on as if nothing had been';
  test.skipIf(interpreter.isFreeThreaded)(title, async () => {
    await expectAllStates(interpreter);
  });

  const beside =
    'inject() borrows a main thread that sleeps while another one runs a loop of one instruction';
  test.skipIf(interpreter.isFreeThreaded)(beside, async () => {
    await using target = await startTarget(interpreter, 'one-instruction-loop.py');
    const place = markPlaceOf(target);
    await untilAsleep(target.pid, READS_STDIN);
    const { method } = await injectMark(target.pid, place, {
      andThen: "__import__('__main__').marked.set()",
    });
    expect(method).toBe(isSince(interpreter, '3.14') ? 'remote-debug' : 'thread-call');
    target.say('');
    expect((await target.next()).facts).toEqual({ marked: true });
  });
});
