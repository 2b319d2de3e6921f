import { expect, test } from 'vitest';
import { CODE, type CodeFileToWrite, codeFile } from '../../test/support/code-file.ts';
import { R, relocations, STUBS, stubs } from '../../test/support/plt-writer.ts';
import { FunctionSymbols } from './function-symbols.ts';
import { ProcedureLinkage } from './plt.ts';

const WORDS = 0x5000;

const DYNSYM = [
  { name: 'read', value: 0, sectionIndex: 0 },
  { name: 'malloc', value: CODE, sizeBytes: 16 },
  { name: 'memcpy', value: CODE + 32, sizeBytes: 16, type: 10 },
];

function nameAt(file: CodeFileToWrite, address: number): string | undefined {
  return new FunctionSymbols(codeFile({ dynsym: DYNSYM, ...file })).find([address]).get(address)?.name;
}

test('find() names each stub by the word that it jumps through', () => {
  const sections = [
    stubs('.plt', [undefined, { word: WORDS + 8 }, { word: WORDS }]),
    relocations('.rela.plt', [
      { word: WORDS, symbol: 1 },
      { word: WORDS + 8, symbol: 2 },
    ]),
  ];
  const names = [0, 15, 16, 31, 32, 47, 48].map((offset) => nameAt({ sections }, STUBS + offset));
  expect(names).toEqual([
    undefined,
    undefined,
    'malloc@plt',
    'malloc@plt',
    'read@plt',
    'read@plt',
    undefined,
  ]);
});

test('find() gives where the stub begins', () => {
  const sections = [
    stubs('.plt', [undefined, { word: WORDS }]),
    relocations('.rela.plt', [{ word: WORDS, symbol: 1 }]),
  ];
  const linkage = new ProcedureLinkage(codeFile({ dynsym: DYNSYM, sections }), () => undefined);
  expect(linkage.find(STUBS + 20)).toEqual({ name: 'read@plt', start: STUBS + 16, sizeBytes: 16 });
});

test.each([
  ['endbr64', [0xf3, 0x0f, 0x1e, 0xfa]],
  ['endbr64 and bnd', [0xf3, 0x0f, 0x1e, 0xfa, 0xf2]],
])('find() reads stubs that begin with %s', (_what, before) => {
  const sections = [
    stubs('.plt.sec', [{ before, word: WORDS }]),
    relocations('.rela.plt', [{ word: WORDS, symbol: 1 }]),
  ];
  expect(nameAt({ sections }, STUBS)).toBe('read@plt');
});

test('find() reads the stubs of 8 bytes in .plt.got, whose words are relocated with the data', () => {
  const sections = [
    stubs('.plt.got', [{ word: WORDS }, { word: WORDS + 8 }], 8),
    relocations('.rela.dyn', [
      { word: WORDS, type: R.relative, addend: 4 },
      { word: WORDS + 8, type: R.globDat, symbol: 1 },
    ]),
  ];
  expect(nameAt({ sections }, STUBS)).toBeUndefined();
  expect(nameAt({ sections }, STUBS + 8)).toBe('read@plt');
});

test('find() names the stub of an indirect function of the same file by its resolver', () => {
  const sections = [
    stubs('.plt', [{ word: WORDS }, { word: WORDS + 8 }]),
    relocations('.rela.plt', [
      { word: WORDS, type: R.irelative, addend: CODE + 32 },
      { word: WORDS + 8, type: R.irelative, addend: 0x3000 },
    ]),
  ];
  expect(nameAt({ sections }, STUBS)).toBe('memcpy@plt');
  expect(nameAt({ sections }, STUBS + 16)).toBe('*ABS*+0x3000@plt');
});

test('find() asks a stub last: a symbol there goes before it', () => {
  const sections = [stubs('.plt', [{ word: WORDS }]), relocations('.rela.plt', [{ word: WORDS, symbol: 1 }])];
  expect(nameAt({ symtab: [{ name: 'own', value: STUBS, sizeBytes: 16 }], sections }, STUBS)).toBe('own');
});
