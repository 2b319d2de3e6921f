import { expect, test } from 'vitest';
import { toAddress } from '../base/address.ts';
import type { ObjectView } from '../model/object-view.ts';
import { formatObject } from './object-text.ts';

const WHOLE = 1000;
const address = toAddress(0x7f00);

function int(value: bigint | number): ObjectView {
  return { kind: 'int', value: BigInt(value), isLong: false };
}

function str(value: string, omitted = 0): ObjectView {
  return { kind: 'str', value, omitted, python2: undefined };
}

type Sequence = Extract<ObjectView, { kind: 'sequence' }>;

function sequence(type: Sequence['type'], items: readonly ObjectView[], omitted = 0): Sequence {
  return { kind: 'sequence', type, items, omitted };
}

const bounds = { start: int(0), stop: int(5), step: int(1) };

test.each<[string, ObjectView]>([
  ['None', { kind: 'none' }],
  ['Ellipsis', { kind: 'ellipsis' }],
  ['NotImplemented', { kind: 'not-implemented' }],
  ['True', { kind: 'bool', value: true }],
  ['5L', { kind: 'int', value: 5n, isLong: true }],
  ["'it'", str('it')],
  [`"it's"`, str("it's")],
  ["'\\x1b[31m\\n\\u202e'", str('\x1b[31m\n\u202e')],
  [
    "u'caf\\xe9\\u20ac\\U0001f600'",
    { kind: 'str', value: 'caf\u00e9\u20ac\u{1f600}', omitted: 0, python2: 'unicode' },
  ],
  ["'caf\\xe9'", { kind: 'str', value: 'caf\u00e9', omitted: 0, python2: 'str' }],
  ["b'\\x00a'", { kind: 'bytes', type: 'bytes', value: Uint8Array.of(0, 97), omitted: 0 }],
  ["bytearray(b'a')", { kind: 'bytes', type: 'bytearray', value: Uint8Array.of(97), omitted: 0 }],
  ['()', sequence('tuple', [])],
  ['(1,)', sequence('tuple', [int(1)])],
  ['(1, 2)', sequence('tuple', [int(1), int(2)])],
  ['(1, …(+3 more))', sequence('tuple', [int(1)], 3)],
  ['[]', sequence('list', [])],
  ['set()', sequence('set', [])],
  ['{1}', sequence('set', [int(1)])],
  ['frozenset()', sequence('frozenset', [])],
  ['frozenset({1})', sequence('frozenset', [int(1)])],
  ['deque([1])', sequence('deque', [int(1)])],
  ['{}', { kind: 'mapping', type: 'dict', entries: [], omitted: 0 }],
  [
    "{'a': 1, …(+2 more)}",
    { kind: 'mapping', type: 'dict', entries: [{ key: str('a'), value: int(1) }], omitted: 2 },
  ],
  ['range(0, 5)', { kind: 'range', type: 'range', ...bounds }],
  ['range(0, 5, 2)', { kind: 'range', type: 'range', ...bounds, step: int(2) }],
  ['xrange(5)', { kind: 'range', type: 'xrange', ...bounds }],
  ['xrange(1, 5)', { kind: 'range', type: 'xrange', ...bounds, start: int(1) }],
  ['slice(0, 5, None)', { kind: 'slice', ...bounds, step: { kind: 'none' } }],
  ['<cell: 1>', { kind: 'cell', content: int(1) }],
  ['<cell: empty>', { kind: 'cell', content: undefined }],
  ['<Color.RED: 1>', { kind: 'enum-member', typeName: 'Color', memberName: 'RED', value: int(1) }],
  ["ValueError('no')", { kind: 'exception', typeName: 'ValueError', args: sequence('tuple', [str('no')]) }],
  ['ValueError(*None)', { kind: 'exception', typeName: 'ValueError', args: { kind: 'none' } }],
  [
    'Point(x=1, y=2)',
    {
      kind: 'subclass',
      typeName: 'Point',
      base: sequence('tuple', [int(1), int(2)]),
      fieldNames: ['x', 'y'],
    },
  ],
  ['MyList([1])', { kind: 'subclass', typeName: 'MyList', base: sequence('list', [int(1)]) }],
  ['MySet({1})', { kind: 'subclass', typeName: 'MySet', base: sequence('frozenset', [int(1)]) }],
  ['MySet()', { kind: 'subclass', typeName: 'MySet', base: sequence('set', []) }],
  ["<class 'pkg.Thing'>", { kind: 'class', name: 'pkg.Thing', address }],
  ["<module 'os'>", { kind: 'module', name: 'os', address }],
  ['<function f at 0x7f00>', { kind: 'function', name: 'f', address }],
  ['<code object f at 0x7f00>', { kind: 'code', name: 'f', address }],
  ['<object object at 0x7f00>', { kind: 'opaque', typeName: 'object', address }],
  ['[...]', { kind: 'cycle', typeName: 'list', address }],
  ['<pkg.Node ... at 0x7f00>', { kind: 'cycle', typeName: 'pkg.Node', address }],
  ['<list … at 0x7f00>', { kind: 'omitted', typeName: 'list', address }],
  ['<invalid object at 0x7f00: torn>', { kind: 'invalid', typeName: undefined, address, reason: 'torn' }],
  ['<invalid list object at 0x7f00: torn>', { kind: 'invalid', typeName: 'list', address, reason: 'torn' }],
])('formatObject() writes %s', (text, view) => {
  expect(formatObject(view, WHOLE)).toBe(text);
});

const thing = {
  kind: 'instance',
  typeName: 'pkg.Thing',
  address,
  attributes: [
    { name: 'a', value: int(1) },
    { name: 'b', value: str('x') },
  ],
} as const;

test.each<[string, ObjectView]>([
  ["<pkg.Thing at 0x7f00 a=1, b='x'>", { ...thing, isDataclass: false, omitted: 0 }],
  ["<pkg.Thing at 0x7f00 a=1, b='x', …(+4 more)>", { ...thing, isDataclass: false, omitted: 4 }],
  ["Data(a=1, b='x')", { ...thing, typeName: 'Data', isDataclass: true, omitted: 0 }],
  ['<pkg.Thing object at 0x7f00>', { ...thing, isDataclass: false, attributes: [], omitted: 0 }],
  ['<pkg.Thing at 0x7f00 …(+2 more)>', { ...thing, isDataclass: false, attributes: [], omitted: 2 }],
])('formatObject() writes the instance %s', (text, view) => {
  expect(formatObject(view, WHOLE)).toBe(text);
});

test('formatObject() escapes control characters in every name', () => {
  const name = 'a\x1b]0;title\x07\nb';
  const views: readonly ObjectView[] = [
    { kind: 'class', name, address },
    { kind: 'module', name, address },
    { kind: 'function', name, address },
    { kind: 'opaque', typeName: name, address },
    { kind: 'invalid', typeName: name, address, reason: name },
    { kind: 'enum-member', typeName: name, memberName: name, value: int(1) },
    { ...thing, isDataclass: false, typeName: name, attributes: [{ name, value: int(1) }], omitted: 0 },
  ];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not come through
  for (const view of views) expect(formatObject(view, WHOLE)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test.each<[string, number, ObjectView]>([
  ["'xxxxxxxx'…(+92 more)", 10, str('x'.repeat(100))],
  ["'xxxxxxxx'…(+97 more)", 10, str('x'.repeat(100), 5)],
  ["'\\n\\n\\n\\n'…(+6 more)", 10, str('\n'.repeat(10))],
  ["b'\\x00\\x00'…(+8 more)", 11, { kind: 'bytes', type: 'bytes', value: new Uint8Array(10), omitted: 0 }],
  ['[1, 2, 3, …(+7 more)]', 8, sequence('list', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(int))],
  ['[[[1, …(+1 more)], …(+1 more)], …(+1 more)]', 4, nested(3)],
  ['123456789012345678901234', 5, int(123456789012345678901234n)],
  [`1${'0'.repeat(23)}…(+77 digits)`, 5, int(10n ** 100n)],
  [`1${'0'.repeat(35)}…(+65 digits)`, 50, int(10n ** 100n)],
])('formatObject() writes %s within a budget of %i', (text, budget, view) => {
  expect(formatObject(view, budget)).toBe(text);
});

function nested(depth: number): ObjectView {
  return sequence('list', [depth === 1 ? int(1) : nested(depth - 1), int(2)]);
}

test('formatObject() cuts a name that would flood the report', () => {
  const text = formatObject({ kind: 'function', name: 'f'.repeat(100_000), address }, 80);
  expect(text).toBe(`<function ${'f'.repeat(200)}…(+99800 more) at 0x7f00>`);
});
