import { expect, test } from 'vitest';
import { PYTHON_3_12 } from '../../../test/support/snapshots.ts';
import { TestMemory } from '../../../test/support/test-memory.ts';
import { toAddress } from '../../base/address.ts';
import { greenletLayoutFor } from '../layouts/greenlet-layouts.ts';
import { layoutFor } from '../layouts/layout-for.ts';
import { ObjectReader } from '../objects/object-reader.ts';
import { type GreenletState, readGreenletState } from './greenlet-state.ts';

const TYPE = toAddress(0x7f00_0000_1000);
const OBJECT = toAddress(0x7f00_0000_2000);
const REST = 0x7f00_0000_3000;
const FRAME = 0x7f00_0000_4000;
const STOP = 0x7ffc_0000_8000;

/** What lies where a greenlet may be, on CPython 3.12: its words, and those of the rest. */
function read(
  version: string,
  object: Readonly<Record<number, number>>,
  rest: Readonly<Record<number, number | bigint>> = {},
): GreenletState | undefined {
  const greenlet = greenletLayoutFor(version, PYTHON_3_12);
  if (greenlet === undefined) throw new RangeError('the version is not known');
  const { stack, topFrame } = greenlet;
  const memory = new TestMemory()
    .mapWords(OBJECT, 40, { 0: 2, 8: TYPE, 32: REST, ...object })
    .mapWords(REST, 240, { [stack]: STOP - 64, [stack + 8]: STOP, [topFrame]: FRAME, ...rest });
  const objects = new ObjectReader(memory, layoutFor(PYTHON_3_12));
  return readGreenletState({ objects, greenlet, types: new Set([TYPE]) }, OBJECT);
}

test('readGreenletState() reads where a greenlet stands', () => {
  for (const state of [read('3.0.3', {}), read('3.5.6', {}, { 8: OBJECT })])
    expect(state).toMatchObject({ address: OBJECT, isMain: false, stackStop: STOP, topFrame: FRAME });
});

test('readGreenletState() knows a main greenlet by its stack, which has no end', () => {
  const { stack = 0 } = greenletLayoutFor('3.0.3', PYTHON_3_12) ?? {};
  expect(read('3.0.3', {}, { [stack + 8]: 2n ** 64n - 1n })).toMatchObject({
    isMain: true,
    stackStop: undefined,
  });
});

test.each([
  ['is of another class', '3.0.3', { 8: TYPE + 16 }, {}],
  ['has not been initialised', '3.0.3', { 32: 0 }, {}],
  ['has a pointer for a count of references, as the stack of a call may', '3.0.3', { 0: FRAME }, {}],
  ['has no references', '3.0.3', { 0: 0 }, {}],
  ['has for attributes what is no dict', '3.0.3', { 24: FRAME }, {}],
  ['is not what the rest belongs to', '3.5.6', {}, { 8: OBJECT + 16 }],
  ['has a rest that is not mapped', '3.5.6', { 32: 0x1000 }, {}],
])('readGreenletState() takes for none what %s', (_, version, object, rest) => {
  expect(read(version, object, rest)).toBeUndefined();
});
