import { expect, test } from 'vitest';
import { toAddress } from '../base/address.ts';
import type { ObjectView } from '../model/object-view.ts';
import { objectTree } from './object-tree.ts';

const AT = toAddress(0x7f00_1000);
const str = (value: string, omitted = 0): ObjectView => ({ kind: 'str', value, omitted, python2: undefined });
const int = (value: number): ObjectView => ({ kind: 'int', value: BigInt(value), isLong: false });
const list = (...items: ObjectView[]): ObjectView => ({ kind: 'sequence', type: 'list', items, omitted: 0 });
const tuple = (...items: ObjectView[]): ObjectView => ({
  kind: 'sequence',
  type: 'tuple',
  items,
  omitted: 0,
});
const dict = (...entries: (readonly [ObjectView, ObjectView])[]): ObjectView => ({
  kind: 'mapping',
  type: 'dict',
  entries: entries.map(([key, value]) => ({ key, value })),
  omitted: 0,
});
const instance = (typeName: string, attributes: Readonly<Record<string, ObjectView>>): ObjectView => ({
  kind: 'instance',
  typeName,
  address: AT,
  isDataclass: false,
  attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
  omitted: 0,
});

const CART = instance('shop.cart.Cart', {
  _Cart__rev: int(3),
  id: int(17),
  meta: dict([str('a'), dict([str('b'), tuple(int(1))])]),
});

const TREES: readonly (readonly [string, ObjectView, number, readonly string[]])[] = [
  [
    'an instance, and what is too deep on one line',
    CART,
    2,
    ['Cart({', '  "_Cart__rev": 3,', '  "id": 17,', '  "meta": {', `    "a": {'b': (1,)}`, '  }', '})'],
  ],
  [
    'the same one level deep',
    CART,
    1,
    ['Cart({', '  "_Cart__rev": 3,', '  "id": 17,', `  "meta": {'a': {'b': (1,)}}`, '})'],
  ],
  [
    'keys of several types, in their order',
    dict([int(2), int(1)], [str('1'), int(2)]),
    1,
    ['{', '  2: 1,', '  "1": 2', '}'],
  ],
  ['a tuple of one', tuple(int(1)), 1, ['(', '  1,', ')']],
  ['what is empty', list(tuple(), dict()), 2, ['[', '  (),', '  {}', ']']],
  [
    'how many were left out',
    { kind: 'sequence', type: 'set', items: [int(1)], omitted: 12 },
    1,
    ['set(', '  1,', '  ... 12 more', ')'],
  ],
  [
    'a named tuple',
    { kind: 'subclass', typeName: 'm.Point', base: tuple(int(1), list(int(2))), fieldNames: ['x', 'y'] },
    1,
    ['Point(', '  x=1,', '  y=[2]', ')'],
  ],
  [
    'a subclass of a dict',
    { kind: 'subclass', typeName: 'OrderedDict', base: dict([str('k'), int(1)]) },
    1,
    ['OrderedDict({', '  "k": 1', '})'],
  ],
  [
    'a cycle',
    list({ kind: 'cycle', typeName: 'list', address: AT }),
    1,
    ['[', '  <cycle: list at 0x7f001000>', ']'],
  ],
  [
    'an exception with a message',
    { kind: 'exception', typeName: 'ValueError', args: tuple(str('no'), int(3)) },
    2,
    [`ValueError('no', 3)`],
  ],
  [
    'an exception that holds a container',
    { kind: 'exception', typeName: 'ValueError', args: tuple(list(int(3))) },
    2,
    ['ValueError(', '  [', '    3', '  ]', ')'],
  ],
  ['a string without its controls', str('\u001b[31m"a"\\\n\u202e'), 1, ['"\\x1b[31m\\"a\\"\\\\\\n\\u202e"']],
  ['a string that goes on', str('abc', 7), 1, ['"abc"... 7 more characters']],
  [
    'an array',
    {
      kind: 'array',
      typeName: 'numpy.ndarray',
      address: AT,
      dtype: 'int64',
      shape: [3],
      items: [int(1), int(2)],
      omitted: 1,
    },
    1,
    ['<numpy.ndarray at 0x7f001000 dtype=int64 shape=(3,) [1, 2, …(+1 more)]>'],
  ],
  [
    'what a class computes',
    { kind: 'descriptor', type: 'property', name: 'Cart.total', address: AT },
    1,
    ['<property Cart.total at 0x7f001000>'],
  ],
];
test.each(TREES)('objectTree() shows %s', (_, view, depth, lines) => {
  expect(objectTree(view, { depth, budget: 10_000 })).toEqual({ lines, isCut: false });
});

test('objectTree() stops when its budget is spent, and says how many items that leaves out', () => {
  const view = list(...Array.from({ length: 1000 }, (_, index) => int(index)));
  const { lines, isCut } = objectTree(view, { depth: 1, budget: 20 });
  expect(isCut).toBe(true);
  expect(lines.at(-2)).toBe('  ... 991 more');
  expect(lines.length).toBe(12);
});
