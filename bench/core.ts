/**
 * Times `pyflight core` against `pystack core` and gdb on the same cores in one run, turn by turn; the peak of memory is
 * that of the whole command.
 *
 *     npm run bench:core
 *     npm run bench:core -- --runs 20 --libraries 300
 */

import { statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CoreDirectory, crash, hasTool } from '../test/support/core-maker.ts';
import { CORE_PYTHON } from '../test/support/core-programs.ts';
import { compareTools, findPeer, type Tool } from './comparison.ts';
import { manyLibraries } from './many-libraries.ts';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '8' },
    libraries: { type: 'string', default: '300' },
  },
});
const runs = Number(options.runs);

const THREADS = (count: number) => [
  'import ctypes, mmap, threading',
  'gate = threading.Lock(); gate.acquire()',
  'def work(depth):',
  '    return gate.acquire() if depth == 0 else work(depth - 1)',
  `for index in range(${count}): threading.Thread(target=work, args=(17,), daemon=True).start()`,
];
const SEGFAULT = 'ctypes.string_at(0x75bcd15)';

/** Five gigabytes of which nearly nothing was touched: MAP_NORESERVE, as large arrays and heaps have it. */
const SPARSE = [
  'size = 5 << 30',
  'large = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)',
  'for at in range(0, size, 256 << 20): large[at] = 1',
];

/** Runs a program until it reads its standard input. */
const CRASHING = [
  'import ctypes, sys',
  'class Fatal:',
  `    read = lambda self: ${SEGFAULT}`,
  'sys.stdin = Fatal()',
  'del sys.argv[0]',
  'exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"))',
];

const CASES: readonly (readonly [title: string, command: () => readonly string[]])[] = [
  ['5 threads', () => python([...THREADS(4), SEGFAULT])],
  ['500 threads of 20 frames', () => python([...THREADS(499), SEGFAULT])],
  ['5 threads, 5 GB that are sparse', () => python([...THREADS(4), ...SPARSE, SEGFAULT])],
  [
    `${options.libraries} C++ libraries, a stack through every tenth`,
    () => [CORE_PYTHON, '-S', '-c', CRASHING.join('\n'), ...manyLibraries(Number(options.libraries))],
  ],
];

using directory = new CoreDirectory();
console.log(`Node.js ${process.version}, CPython ${CORE_PYTHON}; ${runs} runs each`);
for (const [title, command] of CASES) {
  const core = crash(directory, command());
  const { size, blocks } = statSync(core);
  console.log(`\n${title}: ${Math.round(size / 1e6)} MB, ${Math.round((blocks * 512) / 1e6)} MB on the disk`);
  compareTools(toolsOf(core, []), 0, runs);
  compareTools(toolsOf(core, ['--native']), 0, runs);
}

function python(program: readonly string[]): readonly string[] {
  return [CORE_PYTHON, '-c', program.join('\n')];
}

function toolsOf(core: string, words: readonly string[]): readonly Tool[] {
  const name = (tool: string) => [tool, ...words].join(' ');
  const ours = [process.execPath, 'bin/pyflight.cjs', 'core', core, ...words];
  const pystack = findPeer('pystack');
  const gdb = ['gdb', '-nx', '-batch', '-ex', 'thread apply all bt', CORE_PYTHON, core];
  return [
    { name: name('pyflight'), command: () => ours },
    ...(pystack === undefined
      ? []
      : [{ name: name('pystack'), command: () => [pystack, 'core', core, ...words] }]),
    // It shows native stacks alone, and those always.
    ...(hasTool('gdb') ? [{ name: 'gdb', command: () => gdb, env: { DEBUGINFOD_URLS: '' } }] : []),
  ];
}
