import { type Address, toAddress } from '../base/address.ts';
import { AgentAnswerError } from '../base/errors.ts';
import type { ObjectView } from '../model/object-view.ts';
import { Fields } from './fields.ts';

/** The agent goes 100 deep at most, and each level of its tree is two of ours. */
const DEEPEST_VIEW = 250;

type Parse = (fields: Fields, depth: number) => ObjectView;

/**
 * Reads an object as the agent has rendered it (`object_view.py` in `src/agent/python`). Integers are hexadecimal there,
 * floats as Python writes them, bytes hexadecimal.
 */
export function parseView(value: unknown, depth = DEEPEST_VIEW): ObjectView {
  if (depth === 0) throw new AgentAnswerError('an object is too deep');
  const fields = Fields.of(value, 'object');
  const kind = fields.text('kind');
  const parse = PARSERS.get(kind);
  if (parse === undefined) throw new AgentAnswerError('an object is of an unknown kind');
  return parse(fields, depth - 1);
}

const DESCRIPTOR_TYPES = ['property', 'classmethod', 'staticmethod', 'member', 'getset'] as const;
const SEQUENCE_TYPES = ['tuple', 'list', 'set', 'frozenset', 'deque'] as const;

const PARSERS: ReadonlyMap<string, Parse> = new Map<string, Parse>([
  ['none', () => ({ kind: 'none' })],
  ['ellipsis', () => ({ kind: 'ellipsis' })],
  ['not-implemented', () => ({ kind: 'not-implemented' })],
  ['bool', (fields) => ({ kind: 'bool', value: fields.flag('value') })],
  ['int', (fields) => ({ kind: 'int', value: hexadecimalOf(fields.text('value')), isLong: false })],
  ['float', (fields) => ({ kind: 'float', value: floatOf(fields.text('value')) })],
  [
    'complex',
    (fields) => ({
      kind: 'complex',
      real: floatOf(fields.text('real')),
      imaginary: floatOf(fields.text('imaginary')),
    }),
  ],
  [
    'str',
    (fields) => ({
      kind: 'str',
      value: fields.text('value'),
      omitted: fields.whole('omitted'),
      python2: undefined,
    }),
  ],
  [
    'bytes',
    (fields) => ({
      kind: 'bytes',
      value: Uint8Array.from(Buffer.from(fields.text('value'), 'hex')),
      omitted: fields.whole('omitted'),
      type: fields.word('type', ['bytes', 'bytearray']),
    }),
  ],
  [
    'sequence',
    (fields, depth) => ({
      kind: 'sequence',
      type: fields.word('type', SEQUENCE_TYPES),
      items: fields.list('items', (item) => parseView(item, depth)),
      omitted: fields.whole('omitted'),
    }),
  ],
  ['mapping', parseMapping],
  ['range', (fields, depth) => ({ kind: 'range', type: 'range', ...parseBounds(fields, depth) })],
  ['slice', (fields, depth) => ({ kind: 'slice', ...parseBounds(fields, depth) })],
  [
    'cell',
    (fields, depth) => ({
      kind: 'cell',
      content: fields.has('content') ? parseView(fields.value('content'), depth) : undefined,
    }),
  ],
  [
    'enum-member',
    (fields, depth) => ({
      kind: 'enum-member',
      typeName: fields.text('typeName'),
      memberName: fields.text('memberName'),
      value: parseView(fields.value('value'), depth),
    }),
  ],
  [
    'exception',
    (fields, depth) => ({
      kind: 'exception',
      typeName: fields.text('typeName'),
      args: parseView(fields.value('args'), depth),
    }),
  ],
  ['subclass', parseSubclass],
  ['class', (fields) => ({ kind: 'class', ...parseNamed(fields) })],
  ['module', (fields) => ({ kind: 'module', ...parseNamed(fields) })],
  ['function', (fields) => ({ kind: 'function', ...parseNamed(fields) })],
  ['code', (fields) => ({ kind: 'code', ...parseNamed(fields) })],
  ['method', (fields) => ({ kind: 'method', ...parseNamed(fields) })],
  ['builtin', (fields) => ({ kind: 'builtin', ...parseNamed(fields) })],
  ['descriptor', parseDescriptor],
  ['array', parseArray],
  ['instance', parseInstance],
  [
    'literal',
    (fields) => ({ kind: 'literal', typeName: fields.text('typeName'), text: fields.text('text') }),
  ],
  ['opaque', (fields) => ({ kind: 'opaque', ...parsePlaceholder(fields) })],
  ['cycle', (fields) => ({ kind: 'cycle', ...parsePlaceholder(fields) })],
  ['omitted', (fields) => ({ kind: 'omitted', ...parsePlaceholder(fields) })],
  ['invalid', (fields) => ({ kind: 'invalid', ...parsePlaceholder(fields), reason: fields.text('reason') })],
]);

function parseMapping(fields: Fields, depth: number): ObjectView {
  const entries = fields.list('entries', (item, what) => {
    const entry = Fields.of(item, what);
    return { key: parseView(entry.value('key'), depth), value: parseView(entry.value('value'), depth) };
  });
  return { kind: 'mapping', type: 'dict', entries, omitted: fields.whole('omitted') };
}

function parseBounds(
  fields: Fields,
  depth: number,
): { readonly start: ObjectView; readonly stop: ObjectView; readonly step: ObjectView } {
  return {
    start: parseView(fields.value('start'), depth),
    stop: parseView(fields.value('stop'), depth),
    step: parseView(fields.value('step'), depth),
  };
}

function parseSubclass(fields: Fields, depth: number): ObjectView {
  const typeName = fields.text('typeName');
  const base = parseView(fields.value('base'), depth);
  return fields.has('fieldNames')
    ? { kind: 'subclass', typeName, base, fieldNames: fields.texts('fieldNames') }
    : { kind: 'subclass', typeName, base };
}

function parseInstance(fields: Fields, depth: number): ObjectView {
  const attributes = fields.list('attributes', (item, what) => {
    const attribute = Fields.of(item, what);
    return { name: attribute.text('name'), value: parseView(attribute.value('value'), depth) };
  });
  return {
    kind: 'instance',
    ...parsePlaceholder(fields),
    isDataclass: fields.flag('isDataclass'),
    attributes,
    omitted: fields.whole('omitted'),
  };
}

function parseDescriptor(fields: Fields): ObjectView {
  return {
    kind: 'descriptor',
    type: fields.word('type', DESCRIPTOR_TYPES),
    name: fields.optionalText('name'),
    address: toAddress(fields.whole('address')),
  };
}

function parseArray(fields: Fields, depth: number): ObjectView {
  return {
    kind: 'array',
    ...parsePlaceholder(fields),
    dtype: fields.text('dtype'),
    device: fields.optionalText('device'),
    shape: fields.list('shape', lengthOf),
    items: fields.list('items', (item) => parseView(item, depth)),
    omitted: fields.whole('omitted'),
  };
}

function lengthOf(item: unknown): number {
  if (typeof item === 'number' && Number.isSafeInteger(item) && item >= 0) return item;
  throw new AgentAnswerError('an array has a length that is none');
}

function parseNamed(fields: Fields): { readonly name: string; readonly address: Address } {
  return { name: fields.text('name'), address: toAddress(fields.whole('address')) };
}

function parsePlaceholder(fields: Fields): { readonly typeName: string; readonly address: Address } {
  return { typeName: fields.text('typeName'), address: toAddress(fields.whole('address')) };
}

/** `-1f` */
function hexadecimalOf(text: string): bigint {
  const [, sign, digits] = /^(-?)([0-9a-f]+)$/u.exec(text) ?? [];
  if (digits === undefined) throw new AgentAnswerError('an int is no hexadecimal number');
  const value = BigInt(`0x${digits}`);
  return sign === '-' ? -value : value;
}

/** `1.5`, `1e-07`, `inf`, `-inf`, `nan` */
function floatOf(text: string): number {
  const infinity = /^(-?)inf$/u.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (text !== 'nan' && !/^-?[0-9.]+(?:e[+-]?[0-9]+)?$/u.test(text)) {
    throw new AgentAnswerError('a float is no number');
  }
  return Number(text);
}
