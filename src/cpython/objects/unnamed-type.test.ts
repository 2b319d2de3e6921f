import { expect, test } from 'vitest';
import { TYPE_FLAGS } from './type-flags.ts';
import { nameOfUnnamedType } from './unnamed-type.ts';

const { heapType, longSubclass, dictSubclass } = TYPE_FLAGS;

test.each([
  ['object', 0, undefined, 'object'],
  ['int', longSubclass, 0, 'int'],
  ['bool', longSubclass, longSubclass, undefined],
  ['dict', dictSubclass, 0, 'dict'],
  ['a class of Python code that derives from dict', dictSubclass | heapType, dictSubclass, undefined],
  ['float', 0, 0, undefined],
])('nameOfUnnamedType() of %s', (_, flags, baseFlags, name) => {
  expect(nameOfUnnamedType(flags, baseFlags)).toBe(name);
});
