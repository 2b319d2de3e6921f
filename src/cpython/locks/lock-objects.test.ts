import { expect, test } from 'vitest';
import { measuredLayout, PythonWriter } from '../../../test/support/python-writer.ts';
import { toAddress } from '../../base/address.ts';
import { ObjectReader } from '../objects/object-reader.ts';
import { readLock, readParkedAddress } from './lock-objects.ts';

const LOCK_BYTES = 128;

function readerOf(writer: PythonWriter): ObjectReader {
  return new ObjectReader(writer.memory, writer.layout);
}

for (const name of ['2.7', '3.6', '3.11', '3.13', '3.13t']) {
  test(`readLock() of ${name} tells by its semaphore whether a lock is taken`, () => {
    const writer = new PythonWriter(measuredLayout(name));
    const type = writer.type(name === '2.7' ? 'thread.lock' : '_thread.lock').address;
    for (const value of [0, 1]) {
      const semaphore = writer.struct(32).u32(0, value).address;
      const { address } = writer.object(type, LOCK_BYTES).word(writer.layout.lock.semaphore ?? -1, semaphore);
      expect(readLock(readerOf(writer), address)).toMatchObject({
        kind: 'lock',
        sleepsOn: semaphore,
        isLocked: value === 0,
      });
    }
  });
}

for (const name of ['3.13.1', '3.13.1t', '3.14', '3.14t', '3.15']) {
  test(`readLock() of ${name} tells by its mutex whether a lock is taken`, () => {
    const writer = new PythonWriter(measuredLayout(name));
    const place = writer.layout.lock.mutex ?? -1;
    for (const bits of [0, 1, 2, 3]) {
      const { address } = writer.object(writer.type('_thread.lock').address, LOCK_BYTES).u8(place, bits);
      const lock = readLock(readerOf(writer), address);
      expect(lock).toMatchObject({ kind: 'lock', sleepsOn: address + place, isLocked: bits % 2 === 1 });
    }
  });
}

for (const name of ['3.6', '3.11', '3.13', '3.13.1t', '3.14', '3.15']) {
  test(`readLock() of ${name} tells who holds an RLock and how often`, () => {
    const writer = new PythonWriter(measuredLayout(name));
    const { rlock } = writer.layout;
    if (rlock === undefined) throw new RangeError('Python 3 has an RLock');
    const object = writer.object(writer.type('_thread.RLock').address, LOCK_BYTES).word(rlock.owner, 0x7000);
    if (rlock.mutex === undefined)
      object.word(rlock.semaphore ?? -1, writer.struct(32).address).word(rlock.count, 2);
    else object.u8(rlock.mutex, 1).word(rlock.count, 1);
    expect(readLock(readerOf(writer), object.address)).toMatchObject({
      kind: 'rlock',
      isLocked: true,
      owner: 0x7000,
      count: 2,
    });
  });
}

test('readLock() is undefined for any other object', () => {
  const writer = new PythonWriter(measuredLayout('3.12'));
  expect(readLock(readerOf(writer), writer.none())).toBeUndefined();
});

test('readParkedAddress() reads the word before the semaphore, where threads are parked', () => {
  const writer = new PythonWriter(measuredLayout('3.14'));
  const { address } = writer.struct(64).word(8, 0x7f00_0000_1010);
  expect(readParkedAddress(readerOf(writer), toAddress(address + 16))).toBe(0x7f00_0000_1010);
  const older = new PythonWriter(measuredLayout('3.12'));
  expect(readParkedAddress(readerOf(older), older.struct(64).address)).toBeUndefined();
});
