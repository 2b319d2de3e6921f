import { expect, test } from 'vitest';
import { toAddress } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { lookUpWrite, PLEASE_STOP } from './eval-breaker.ts';

const BREAKER = toAddress(0x1000);

function memoryWith(events: number): Memory {
  return {
    read: () => Uint8Array.of(events),
    readMany: () => {
      throw new RangeError('nothing reads many ranges of it');
    },
  };
}

test.each([
  ['keeps the events of a thread that stands still', 0b1001_0001, { isStill: true }, 0b1001_1111],
  ['takes a request to give up the GIL from one that may wake', 0b0001_0001, { isStill: false }, 0b0001_1110],
  ['sets an event beside them', 0, { isStill: true, event: PLEASE_STOP }, 0b0010_1110],
])('lookUpWrite() %s, and writes nothing but their byte', (_what, events, wish, written) => {
  expect(lookUpWrite(memoryWith(events), BREAKER, wish)).toEqual({
    address: BREAKER,
    bytes: Uint8Array.of(written),
  });
});
