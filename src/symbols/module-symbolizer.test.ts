import { expect, test } from 'vitest';
import { CODE, codeFile } from '../../test/support/code-file.ts';
import { readDemanglerCode } from '../../test/support/demangler-code.ts';
import { MalformedInputError } from '../base/errors.ts';
import { Demangler } from './demangler.ts';
import { FunctionSymbols } from './function-symbols.ts';
import { ModuleSymbolizer } from './module-symbolizer.ts';
import type { LineInfo, SourceFrame, SymbolFrame } from './symbol-frame.ts';

const ELF = codeFile({ symtab: [{ name: 'poll.cold', value: CODE, sizeBytes: 16 }] });

function symbolizerOf(lines?: LineInfo): ModuleSymbolizer {
  const demangler = new Demangler(() => {
    throw new Error('no name here is mangled');
  });
  const functions = new FunctionSymbols(ELF);
  return new ModuleSymbolizer(
    lines === undefined ? { functions, demangler } : { functions, demangler, lines },
  );
}

function frame(name: string | undefined, line: number, isInlined: boolean): SourceFrame {
  return { name, linkageName: undefined, file: 'poll.c', line, isInlined };
}

function framesOf(symbolizer: ModuleSymbolizer, address: number): readonly SymbolFrame[] {
  return symbolizer.framesAt([address]).get(address) ?? [];
}

test('framesAt() gives the symbol and how far behind its beginning each address is', () => {
  const found = symbolizerOf().framesAt([CODE + 5, CODE, CODE + 16]);
  expect([...found].map(([address, frames]) => [address, frames[0]?.offset])).toEqual([
    [CODE + 5, 5],
    [CODE, 0],
    [CODE + 16, undefined],
  ]);
});

test('framesAt() gives the symbol alone where there are no lines', () => {
  expect(framesOf(symbolizerOf(), CODE + 5)).toEqual([
    { name: 'poll.cold', offset: 5, file: undefined, line: undefined, isInlined: false },
  ]);
  expect(framesOf(symbolizerOf(), CODE + 16)).toEqual([]);
});

test('framesAt() gives inlined functions before the one that has the symbol', () => {
  const symbolizer = symbolizerOf({
    resolve: () => [frame('inner', 7, true), frame('poll', 29, false)],
  });
  expect(framesOf(symbolizer, CODE + 5)).toEqual([
    { name: 'inner', offset: undefined, file: 'poll.c', line: 7, isInlined: true },
    { name: 'poll.cold', offset: 5, file: 'poll.c', line: 29, isInlined: false },
  ]);
});

test('framesAt() names a function without a symbol by its debugging information, or leaves it out', () => {
  const symbolizer = symbolizerOf({ resolve: () => [frame(undefined, 7, true), frame('poll', 29, false)] });
  expect(framesOf(symbolizer, CODE + 64)).toEqual([
    { name: 'poll', offset: undefined, file: 'poll.c', line: 29, isInlined: false },
  ]);
});

test('framesAt() takes the name of the linker before the shorter one of the source', () => {
  const demangler = new Demangler(readDemanglerCode);
  const inlined = { ...frame('bar', 7, true), linkageName: '_ZN3foo3barEv' };
  const symbolizer = new ModuleSymbolizer({
    functions: new FunctionSymbols(ELF),
    demangler,
    lines: { resolve: () => [inlined, frame('poll', 29, false)] },
  });
  expect(framesOf(symbolizer, CODE).map(({ name }) => name)).toEqual(['foo::bar()', 'poll.cold']);
});

test('framesAt() goes without lines where these are malformed', () => {
  const symbolizer = symbolizerOf({
    resolve: () => {
      throw new MalformedInputError('.debug_line of test.so', 4, 'version 9 is unknown');
    },
  });
  expect(framesOf(symbolizer, CODE).map(({ name }) => name)).toEqual(['poll.cold']);
  framesOf(symbolizer, CODE);
  expect(symbolizer.problems.map(({ message }) => message)).toEqual([
    'Cannot read .debug_line of test.so at offset 4: version 9 is unknown',
  ]);
});
