import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPythonThreads } from '../../src/agent/injection/python-threads.ts';
import { encodeOsString } from '../../src/base/os-string.ts';
import { findRemoteDebugger, requestBitOf, requestOf } from '../../src/cpython/injection/remote-debugging.ts';
import { MemoryWriter } from '../../src/platform/memory-writer.ts';
import { openTarget } from '../../src/target/live-target.ts';
import { until } from '../support/counting-target.ts';
import { injectMark, markPlaceOf, untilAsleep } from '../support/injection.ts';
import { firstOfEach } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';

/** As one does who is killed then, before the thread that sleeps in read(2) is nudged. */
function leaveRequest(pid: number, path: string): void {
  using target = openTarget(pid);
  const main = readPythonThreads(target)?.threads.find(({ isMain }) => isMain);
  const places = main && findRemoteDebugger(target.runtime.layout, main.state);
  if (places === undefined) throw new TypeError('the main thread was not found');
  using writer = MemoryWriter.open(pid);
  using _ = target.pause();
  writer.write([
    ...requestOf(places, encodeOsString(path)),
    requestBitOf(target.changingMemory, places, false),
  ]);
}

test.each(firstOfEach(['3.14', '3.15']))(
  'inject() wakes a thread that sleeps over a request that somebody has left, though another one runs ($name)',
  async (interpreter) => {
    await using target = await startTarget(interpreter, 'one-instruction-loop.py');
    const place = markPlaceOf(target);
    await untilAsleep(target.pid, /^(0|63) 0x0 /u);
    const outside = (name: string) => join(place.root ?? '/', place.directory, name);
    writeFileSync(outside('left.py'), `open('${place.directory}/left', 'x').close()\n`);
    leaveRequest(target.pid, `${place.directory}/left.py`);
    await injectMark(target.pid, place);
    await until(() => existsSync(outside('left')), 'what was left has run');
    expect(existsSync(outside('left'))).toBe(true);
  },
);
