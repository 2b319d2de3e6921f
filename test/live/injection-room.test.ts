import { expect, test } from 'vitest';
import { findInterpreterCode } from '../../src/agent/injection/interpreter-code.ts';
import { slackOf } from '../../src/agent/injection/program-memory.ts';
import { readPythonThreads } from '../../src/agent/injection/python-threads.ts';
import { MemoryWriter } from '../../src/platform/memory-writer.ts';
import { readMaps } from '../../src/platform/process-files.ts';
import { openTarget } from '../../src/target/live-target.ts';
import { injectMark, markPlaceOf } from '../support/injection.ts';
import { firstOfEach } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';

/** Longer than a ring of 32 calls of 16 bytes. */
const LONG = `${'#'.repeat(500)}\n __import__('__main__').release()`;

/** As if all modules filled their last page: those of some builds do, or their file goes on there. */
function fillSlack(pid: number): void {
  using target = openTarget(pid);
  const found = readPythonThreads(target);
  const code = found && findInterpreterCode(target, found.interpreter.facts.address);
  if (code === undefined) throw new TypeError('the interpreter was not found');
  using writer = MemoryWriter.open(pid);
  writer.write(
    slackOf(code, readMaps(pid)).map(({ address, sizeBytes }) => ({
      address,
      bytes: new Uint8Array(sizeBytes).fill(0xff),
    })),
  );
}

test.each(firstOfEach(['3.6', '3.8', '3.11', '3.12']))(
  'inject() has a file run where memory has no room for its program ($name)',
  async (interpreter) => {
    await using target = await startTarget(interpreter, 'injection-states.py');
    const place = markPlaceOf(target);
    target.say('busy');
    await target.next();
    fillSlack(target.pid);
    const { method, steps } = await injectMark(target.pid, place, { how: 'pending-call', andThen: LONG });
    expect(method).toBe('pending-call');
    const [, size] = /text of (\d+) bytes/u.exec(steps.join('\n')) ?? [];
    expect(Number(size)).toBeLessThan(400);
    expect((await target.next()).facts).toMatchObject({ state: 'busy', threads: 1, names: [], modules: [] });
  },
);
