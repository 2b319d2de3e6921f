import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Address } from '../../src/base/address.ts';
import { readExecutedPath } from '../../src/elf/core/core-modules.ts';
import { openCoreSource } from '../../src/target/core-source.ts';
import { CoreDirectory, crash, hasTool, kernelWritesCores } from '../support/core-maker.ts';
import { CORE_PYTHON, SEGFAULT } from '../support/core-programs.ts';
import { writeCore } from '../support/core-writer.ts';
import { OpenedCore, tryRead } from '../support/opened-core.ts';

const hasKernelCores = kernelWritesCores();
const hasGcc = hasTool('gcc');

const DEATHS: readonly (readonly [what: string, program: readonly string[], cause: RegExp])[] = [
  [
    'a NULL pointer',
    ['import ctypes', 'ctypes.string_at(0)'],
    /^The process died due a segmentation fault accessing address: 0x0 \(a NULL pointer, nothing is mapped there\)$/,
  ],
  [
    'memory that it may not write to',
    [
      'import ctypes, mmap',
      'page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE)',
      'at = ctypes.addressof(ctypes.c_char.from_buffer(page))',
      'ctypes.CDLL(None).mprotect(ctypes.c_void_p(at), 4096, 1)',
      'ctypes.memset(at, 1, 1)',
    ],
    /accessing address: 0x[0-9a-f]+ \(the memory there does not permit that access\)$/,
  ],
  [
    'an address that no process has',
    ['import ctypes', 'ctypes.string_at(0x8000000000000000)'],
    /receiving signal SIGSEGV \(a general protection fault, the address is not known\)$/,
  ],
  [
    'abort()',
    ['import os', 'os.abort()'],
    /receiving signal SIGABRT \(sent with tgkill, .*\) sent by pid \d+ \(itself\)$/,
  ],
  [
    'kill()',
    ['import os, signal', 'os.kill(os.getpid(), signal.SIGQUIT)'],
    /receiving signal SIGQUIT \(sent with kill\) sent by pid \d+ \(itself\)$/,
  ],
  [
    'a file that became shorter',
    [
      'import mmap, tempfile',
      'file = tempfile.TemporaryFile()',
      'file.truncate(4096)',
      'page = mmap.mmap(file.fileno(), 4096)',
      'file.truncate(0)',
      'page[0]',
    ],
    /receiving signal SIGBUS \(no memory backs that address, .* accessing address 0x[0-9a-f]+\)$/,
  ],
];

test.skipIf(!hasKernelCores).each(DEATHS)('the cause of death by %s is told', (_, program, cause) => {
  using directory = new CoreDirectory();
  using opened = new OpenedCore(crash(directory, [CORE_PYTHON, '-c', program.join('\n')]));
  expect(opened.cause).toMatch(cause);
});

const FAULTS: readonly (readonly [code: string, cause: RegExp])[] = [
  [
    'volatile int one = 1, zero = 0; return one / zero;',
    /SIGFPE \(integer division by zero, at instruction 0x[0-9a-f]+\)$/,
  ],
  ['__builtin_trap(); return 0;', /SIGILL \(illegal operand, at instruction 0x[0-9a-f]+\)$/],
  ['__asm__("int3"); return 0;', /SIGTRAP \(a breakpoint instruction\)$/],
];

test.skipIf(!hasKernelCores || !hasGcc || process.arch !== 'x64').each(FAULTS)(
  'the cause of death by `%s` is told',
  (code, cause) => {
    using directory = new CoreDirectory();
    const program = join(directory.path, 'faulty');
    writeFileSync(`${program}.c`, `int main(void) { ${code} }\n`);
    spawnSync('gcc', ['-o', program, `${program}.c`]);
    using opened = new OpenedCore(crash(directory, [program]));
    expect(opened.cause).toMatch(cause);
  },
);

test.skipIf(!hasKernelCores || !hasGcc)('memory that was kept out of a core is not taken for zeros', () => {
  using directory = new CoreDirectory();
  const program = join(directory.path, 'secretive');
  const code = [
    '#include <sys/mman.h>',
    '#include <stdio.h>',
    'int main(void) {',
    '  char *kept = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);',
    '  kept[0] = 7; madvise(kept, 1 << 20, MADV_DONTDUMP);',
    '  *(volatile char **)16 = kept; return 0; }',
  ];
  writeFileSync(`${program}.c`, `${code.join('\n')}\n`);
  spawnSync('gcc', ['-O0', '-o', program, `${program}.c`]);
  using opened = new OpenedCore(crash(directory, [program]));
  const kept = opened.core.segments.filter(
    ({ start, end, dumpedBytes }) => end - start >= 1 << 20 && dumpedBytes === 0,
  );
  const unnamed = kept.filter(({ start }) =>
    opened.image.modules.every((module) => !holds(module.mappings, start)),
  );
  expect(unnamed.length).toBeGreaterThan(0);
  for (const { start } of unnamed) expect(tryRead(opened.image.memory, start, 1)).toBeUndefined();
});

function holds(mappings: readonly { readonly start: number; readonly end: number }[], at: Address): boolean {
  return mappings.some(({ start, end }) => start <= at && at < end);
}

test.skipIf(!hasKernelCores)('a script leads to the interpreter that ran it', () => {
  using directory = new CoreDirectory();
  const script = join(directory.path, 'job.py');
  writeFileSync(script, `#!${CORE_PYTHON}\n${SEGFAULT.join('\n')}\n`, { mode: 0o755 });
  using opened = new OpenedCore(crash(directory, [script]));
  const program = opened.image.modules.find(({ isMainProgram }) => isMainProgram);
  expect(program?.file?.isVerified).toBe(true);
  expect(program?.path).toMatch(/python/u);
  expect(readExecutedPath(opened.core, opened.image.memory)).toBe(script);
});

const COMPRESSORS = [
  ['gzip', ['gzip', '-1', '-c']],
  ['zstd', ['zstd', '-q', '-c']],
  ['xz', ['xz', '-0', '-c']],
  ['lz4', ['lz4', '-q', '-c']],
] as const;

for (const [compression, [tool, ...args]] of COMPRESSORS) {
  test.skipIf(!hasKernelCores || !hasTool(tool))(
    `a core that ${tool} compressed is the same core`,
    async () => {
      using directory = new CoreDirectory();
      const path = crash(directory, [CORE_PYTHON, '-c', SEGFAULT.join('\n')]);
      const { stdout } = spawnSync(tool, [...args, path], { maxBuffer: 2 ** 28 });
      writeFileSync(`${path}.packed`, stdout);
      using opened = await openCoreSource(`${path}.packed`);
      expect(opened).toMatchObject({ compression, problem: undefined });
      const whole = readFileSync(path);
      expect(Buffer.from(opened.source.read(0, opened.source.sizeBytes)).equals(whole)).toBe(true);
    },
  );
}

test('a core of 20 GB takes no more memory than a small one', () => {
  using directory = new CoreDirectory();
  const path = join(mkdtempSync(join(directory.path, 'large-')), 'core');
  const sizeBytes = 20e9;
  writeFileSync(path, writeCore({ memory: [{ start: 0x1000, sizeBytes, dumpedBytes: sizeBytes }] }));
  truncateSync(path, statSync(path).size + sizeBytes);
  const before = process.memoryUsage().rss;
  using opened = new OpenedCore(path);
  expect(opened.core.missingBytes).toBe(0);
  for (let at = 0x1000; at < sizeBytes; at += 1e9)
    expect(tryRead(opened.image.memory, at, 8)).toBe('0'.repeat(16));
  expect(process.memoryUsage().rss - before).toBeLessThan(20 << 20);
});
