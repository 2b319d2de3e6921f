import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgentAnswerError, BadArgumentError } from '../base/errors.ts';
import { encodeRequest, FrameReader } from './frames.ts';

test('encodeRequest() writes the length and the request with its id', () => {
  const bytes = encodeRequest(7, { op: 'ping' });
  expect(Buffer.from(bytes).toString('latin1')).toBe('\0\0\0\x14{"op":"ping","id":7}');
});

test('encodeRequest() refuses what the agent would not take', () => {
  expect(() => encodeRequest(1, { op: 'evaluate', expression: 'x'.repeat(2 ** 20) })).toThrow(
    BadArgumentError,
  );
});

test('FrameReader gives the same messages however the bytes are cut', () => {
  const whole = Buffer.concat([1, 2, 3].map((id) => encodeRequest(id, { op: 'é'.repeat(id) })));
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 8 }), (cuts) => {
      const reader = new FrameReader();
      const ends = [0, ...cuts.sort((a, b) => a - b), whole.length];
      const messages = ends.slice(1).flatMap((end, index) => reader.push(whole.subarray(ends[index], end)));
      expect(messages).toEqual([1, 2, 3].map((id) => ({ op: 'é'.repeat(id), id })));
    }),
  );
});

test.each([
  ['longer than any', [0xff, 0xff, 0xff, 0xff], 'a message of 4294967295 bytes is too long'],
  ['one byte longer than the longest', [0x01, 0, 0, 1], 'a message of 16777217 bytes is too long'],
  ['no JSON', [0, 0, 0, 1, 0x7b], 'a message is not JSON'],
])('FrameReader throws for a message that is %s', (_, bytes, state) => {
  expect(() => new FrameReader().push(Uint8Array.from(bytes))).toThrow(new AgentAnswerError(state));
});
