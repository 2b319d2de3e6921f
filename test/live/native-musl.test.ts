import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { hasTool, run } from '../support/held-library.ts';
import { unwindProcess } from '../support/native-threads.ts';
import { PlatformTarget } from '../support/platform-target.ts';

const PROGRAMS = fileURLToPath(new URL('../programs', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'pyflight-musl-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** The functions of the program and its library on each of its threads, in the order in which it tells of them. */
const STOOD_IN: readonly (readonly string[])[] = [
  ['in_condition', 'go'],
  ['wait_for_ever', 'hold_hidden', 'hold_exported', 'in_library', 'go'],
  ['wait_for_ever', 'compare', 'in_sort', 'go'],
  ['wait_for_ever', 'visit', 'in_tree', 'go'],
  ['wait_for_ever', 'write_out', 'in_print', 'go'],
  ['wait_for_ever', 'handle', 'in_handler', 'go'],
  ['main'],
];
const OWN = new Set<string | undefined>(STOOD_IN.flat());

const FLAGS = ['-g', '-O1', '-fno-optimize-sibling-calls'];

/** gdb is no measure here: Debian's musl has no unwind rules, and gdb loses its way in the first system call. */
test.skipIf(!hasTool('musl-gcc') || process.arch !== 'x64').each([
  ['shared', []],
  ['static', ['-static']],
])(
  `the stacks of threads in a %s musl are those that the program tells${hasTool('musl-gcc') ? '' : ' (no musl-gcc)'}`,
  async (kind, flags) => {
    const program = join(directory, kind);
    const library = join(directory, `libheld-${kind}.${kind === 'static' ? 'o' : 'so'}`);
    const form = kind === 'static' ? ['-c'] : ['-shared', '-fPIC'];
    run('musl-gcc', [...FLAGS, ...form, '-o', library, join(PROGRAMS, 'held-call.c')]);
    run('musl-gcc', [...FLAGS, ...flags, '-o', program, join(PROGRAMS, 'musl-threads.c'), library]);
    await using target = await PlatformTarget.start(program, []);
    const told: readonly (readonly number[])[] = JSON.parse(await target.nextLine());
    const threads = await unwindProcess(target.pid);
    expect([...threads.keys()].sort()).toEqual(told.map(([id = 0]) => id).sort());
    for (const [at, [id = 0, ...returnAddresses]] of told.entries()) {
      const { calls = [], cutOff } = threads.get(id) ?? {};
      const frames = calls.flatMap((call) => call.frames);
      const own = frames.map(({ symbol }) => symbol).filter((symbol) => OWN.has(symbol));
      expect(own).toEqual(STOOD_IN[at]);
      const counters = frames.map(({ pc }) => Number(pc));
      expect(counters.filter((pc) => returnAddresses.includes(pc))).toEqual(returnAddresses);
      expect(cutOff).toBeUndefined();
    }
  },
);
