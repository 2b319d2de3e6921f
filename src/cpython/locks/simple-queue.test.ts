import { expect, test } from 'vitest';
import { measuredLayout, PythonWriter } from '../../../test/support/python-writer.ts';
import { toAddress } from '../../base/address.ts';
import { ObjectReader } from '../objects/object-reader.ts';
import { isSimpleQueueAwaited } from './simple-queue.ts';

const OBJECT_BYTES = 80;
const semaphore = toAddress(0x7f00_0000_1000);

test('isSimpleQueueAwaited() of 3.12 compares the lock that is its first member', () => {
  const writer = new PythonWriter(measuredLayout('3.12'));
  const objects = new ObjectReader(writer.memory, writer.layout);
  const { address } = writer
    .object(writer.type('_queue.SimpleQueue').address, OBJECT_BYTES)
    .word(16, semaphore);
  const other = writer.object(writer.type('list').address, OBJECT_BYTES).word(16, semaphore).address;
  expect(isSimpleQueueAwaited(objects, address, { semaphore, parkedAt: undefined })).toBe(true);
  expect(isSimpleQueueAwaited(objects, other, { semaphore, parkedAt: undefined })).toBe(false);
  const elsewhere = toAddress(semaphore + 32);
  expect(isSimpleQueueAwaited(objects, address, { semaphore: elsewhere, parkedAt: undefined })).toBe(false);
});

test('isSimpleQueueAwaited() of 3.14 looks whether the thread is parked at one of its members', () => {
  const writer = new PythonWriter(measuredLayout('3.14'));
  const objects = new ObjectReader(writer.memory, writer.layout);
  const type = writer.type('_queue.SimpleQueue').word(writer.layout.type.basicSize, OBJECT_BYTES).address;
  const { address } = writer.object(type, OBJECT_BYTES);
  const parkedAt = (offset: number) => ({ semaphore, parkedAt: toAddress(address + offset) });
  expect(isSimpleQueueAwaited(objects, address, parkedAt(16))).toBe(true);
  expect(isSimpleQueueAwaited(objects, address, parkedAt(OBJECT_BYTES))).toBe(false);
  expect(isSimpleQueueAwaited(objects, address, { semaphore, parkedAt: undefined })).toBe(false);
});
