import { expect, test } from 'vitest';
import { makeThread } from '../../test/support/snapshots.ts';
import { toAddress } from '../base/address.ts';
import { byNesting } from './nesting-order.ts';

test.each([
  ['the one whose stack is further up', [toAddress(0x1000), toAddress(0x2000)], [2, 1]],
  ['the older interpreter when the version tells no place', [undefined, undefined], [1, 2]],
  ['the one that has a place, since one without frames has none', [undefined, toAddress(0x1000)], [2, 1]],
])('byNesting() puts outermost %s', (_what, [first, second], order) => {
  const threads = [
    makeThread({ interpreterId: 1, stackAnchor: first }),
    makeThread({ interpreterId: 2, stackAnchor: second }),
  ];
  expect(threads.sort(byNesting).map(({ interpreterId }) => interpreterId)).toEqual(order);
  expect(
    threads
      .reverse()
      .sort(byNesting)
      .map(({ interpreterId }) => interpreterId),
  ).toEqual(order);
});
