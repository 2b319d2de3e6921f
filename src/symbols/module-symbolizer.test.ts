import { expect, test } from 'vitest';
import { CODE, codeFile } from '../../test/support/code-file.ts';
import { readDemanglerCode } from '../../test/support/demangler-code.ts';
import { MalformedInputError } from '../base/errors.ts';
import { Demangler } from './demangler.ts';
import { FunctionSymbols } from './function-symbols.ts';
import { ModuleSymbolizer } from './module-symbolizer.ts';
import type { LineInfo, SourceFrame } from './symbol-frame.ts';

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

test('symbolAt() gives the symbol and how far behind its beginning the address is', () => {
  expect(symbolizerOf().symbolAt(CODE + 5)).toEqual({ rawName: 'poll.cold', name: 'poll.cold', offset: 5 });
  expect(symbolizerOf().symbolAt(CODE + 16)).toBeUndefined();
});

test('framesAt() gives the symbol alone where there are no lines', () => {
  expect(symbolizerOf().framesAt(CODE + 5)).toEqual([
    { name: 'poll.cold', offset: 5, file: undefined, line: undefined, isInlined: false },
  ]);
  expect(symbolizerOf().framesAt(CODE + 16)).toEqual([]);
});

test('framesAt() gives inlined functions before the one that has the symbol', () => {
  const symbolizer = symbolizerOf({
    resolve: () => [frame('inner', 7, true), frame('poll', 29, false)],
  });
  expect(symbolizer.framesAt(CODE + 5)).toEqual([
    { name: 'inner', offset: undefined, file: 'poll.c', line: 7, isInlined: true },
    { name: 'poll.cold', offset: 5, file: 'poll.c', line: 29, isInlined: false },
  ]);
});

test('framesAt() names a function without a symbol by its debugging information, or leaves it out', () => {
  const symbolizer = symbolizerOf({ resolve: () => [frame(undefined, 7, true), frame('poll', 29, false)] });
  expect(symbolizer.framesAt(CODE + 64)).toEqual([
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
  expect(symbolizer.framesAt(CODE).map(({ name }) => name)).toEqual(['foo::bar()', 'poll.cold']);
});

test('framesAt() goes without lines where these are malformed', () => {
  const symbolizer = symbolizerOf({
    resolve: () => {
      throw new MalformedInputError('.debug_line of test.so', 4, 'version 9 is unknown');
    },
  });
  expect(symbolizer.framesAt(CODE).map(({ name }) => name)).toEqual(['poll.cold']);
  symbolizer.framesAt(CODE);
  expect(symbolizer.problems.map(({ message }) => message)).toEqual([
    'Cannot read .debug_line of test.so at offset 4: version 9 is unknown',
  ]);
});
