import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { attach } from '../../src/api/index.ts';
import { buildIdOf, compileHeld, HELD_LINES, hasTool, heldFrames, run } from '../support/held-library.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { Scene } from '../support/matrix.ts';
import { startCommand } from '../support/target.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pyflight-debug-files-'));

afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** What is known of the two functions: their names and lines, their names, what is exported, or nothing of either. */
type Known = 'lines' | 'names' | 'exported';

interface Variant {
  readonly title: string;
  readonly needs: readonly string[];
  readonly known: Known;
  /** Makes `libheld.so` and what belongs to it in a directory. */
  readonly make: (directory: string) => void;
}

/** Puts the debugging information of a library into a file of its own. */
function strip(directory: string, debugFile: string, { hasLink = false } = {}): string {
  const path = join(directory, 'libheld.so');
  mkdirSync(dirname(debugFile), { recursive: true });
  run('objcopy', ['--only-keep-debug', path, debugFile]);
  const link = hasLink ? [`--add-gnu-debuglink=${debugFile}`] : [];
  run('objcopy', ['--strip-all', ...link, path]);
  return debugFile;
}

const held = (directory: string, ...flags: readonly string[]) =>
  compileHeld({ directory, name: 'libheld.so', flags });

function linked(title: string, place: string): Variant {
  return {
    title: `a debug file in ${place}, found by its link`,
    needs: ['objcopy'],
    known: 'lines',
    make(directory) {
      held(directory);
      strip(directory, join(directory, title), { hasLink: true });
    },
  };
}

/** What gcc calls the split file of a library that it makes of a source at once. */
const DWO = 'libheld.so-held-call.dwo';

const VARIANTS: readonly Variant[] = [
  linked('held.debug', 'the same directory'),
  linked('.debug/held.debug', '.debug'),
  {
    title: 'a debug file of another build, which is refused',
    needs: ['objcopy'],
    known: 'exported',
    make(directory) {
      held(directory);
      const debugFile = strip(directory, join(directory, 'held.debug'), { hasLink: true });
      const other = join(directory, 'other');
      mkdirSync(other);
      held(other, '-DEXPORTED=other_exported', '-DHIDDEN=other_hidden');
      run('objcopy', ['--only-keep-debug', join(other, 'libheld.so'), debugFile]);
    },
  },
  {
    title: 'a debug file without a build id that has the checksum of the link',
    needs: ['objcopy'],
    known: 'lines',
    make(directory) {
      held(directory, '-Wl,--build-id=none');
      strip(directory, join(directory, 'held.debug'), { hasLink: true });
    },
  },
  {
    title: 'a debug file with another checksum than the link, which is refused',
    needs: ['objcopy'],
    known: 'exported',
    make(directory) {
      held(directory, '-Wl,--build-id=none');
      const debugFile = strip(directory, join(directory, 'held.debug'), { hasLink: true });
      writeFileSync(debugFile, 'one byte more', { flag: 'a' });
    },
  },
  {
    title: 'nothing, since all was stripped',
    needs: ['strip'],
    known: 'exported',
    make: (directory) => run('strip', ['--strip-all', held(directory)]),
  },
  ...['zlib', 'zlib-gnu', 'zstd'].map(
    (kind): Variant => ({
      title: `sections compressed with ${kind}`,
      needs: [`objcopy --compress-debug-sections=${kind}`],
      known: 'lines',
      make: (directory) => run('objcopy', [`--compress-debug-sections=${kind}`, held(directory)]),
    }),
  ),
  {
    title: 'its unwind rules in .debug_frame alone',
    needs: ['readelf'],
    known: 'lines',
    make(directory) {
      const sections = run('readelf', ['-SW', held(directory, ...RULES_FOR_DEBUGGERS)]);
      expect(sections).toContain('.debug_frame');
    },
  },
  {
    title: 'a .dwo',
    needs: [],
    known: 'lines',
    make: (directory) => held(directory, '-gsplit-dwarf', '-gdwarf-5'),
  },
  {
    title: 'a .dwo of DWARF 4',
    needs: [],
    known: 'lines',
    make: (directory) => held(directory, '-gsplit-dwarf', '-gdwarf-4'),
  },
  // That of GNU crashes on DWARF 5.
  ...(
    [
      ['dwp', 4],
      ['llvm-dwp', 5],
    ] as const
  ).map(
    ([tool, version]): Variant => ({
      title: `a .dwp of DWARF ${version} beside the library, without the .dwo`,
      needs: [tool],
      known: 'lines',
      make(directory) {
        held(directory, '-gsplit-dwarf', `-gdwarf-${version}`);
        run(tool, ['-e', 'libheld.so', '-o', 'libheld.so.dwp'], directory);
        rmSync(join(directory, DWO));
      },
    }),
  ),
  {
    title: 'a .dwo of another build, of which nothing is taken but the lines of the library itself',
    needs: [],
    known: 'lines',
    make(directory) {
      held(directory, '-gsplit-dwarf', '-gdwarf-5');
      const other = join(directory, 'other');
      mkdirSync(other);
      held(other, '-gsplit-dwarf', '-gdwarf-5', '-DEXPORTED=other_exported', '-DHIDDEN=other_hidden');
      copyFileSync(join(other, DWO), join(directory, DWO));
    },
  },
  {
    title: '.gnu_debugdata',
    needs: ['objcopy', 'xz'],
    known: 'names',
    make(directory) {
      const path = held(directory);
      const mini = join(directory, 'mini');
      run('objcopy', ['--only-keep-debug', '--strip-debug', path, mini]);
      run('xz', ['--check=crc64', mini]);
      run('objcopy', ['--strip-all', path]);
      run('objcopy', ['--add-section', `.gnu_debugdata=${mini}.xz`, path]);
    },
  },
  {
    title: 'a debug file that shares what dwz moved to another',
    needs: ['objcopy', 'dwz'],
    known: 'lines',
    make(directory) {
      held(directory);
      const debugFile = strip(directory, join(directory, 'held.debug'), { hasLink: true });
      const second = join(directory, 'second.debug');
      copyFileSync(debugFile, second);
      run('dwz', ['-m', 'common.debug', '-M', 'common.debug', debugFile, second], directory);
      expect(run('readelf', ['-S', debugFile])).toContain('.gnu_debugaltlink');
    },
  },
];

/** Unwind rules for debuggers alone, which are not loaded with the library. */
const RULES_FOR_DEBUGGERS = ['-fno-asynchronous-unwind-tables', '-fno-exceptions', '-fomit-frame-pointer'];

const EXPECTED: Readonly<Record<Known, readonly (readonly [string | undefined, number | undefined])[]>> = {
  lines: [
    ['hold_hidden', HELD_LINES.hidden],
    ['hold_exported', HELD_LINES.exported],
  ],
  names: [
    ['hold_hidden', undefined],
    ['hold_exported', undefined],
  ],
  exported: [
    [undefined, undefined],
    ['hold_exported', undefined],
  ],
};

const interpreter = findInterpreters().find(({ family, kind }) => family === '3.11' && kind === 'shared');

function isMissing(tool: string): boolean {
  const [program = '', option] = tool.split(' ');
  if (!hasTool(program)) return true;
  return option?.endsWith('=zstd') === true && !run(program, ['--help']).includes('zstd');
}

describe.skipIf(interpreter === undefined || !hasTool('gcc'))('what is known of a library with', () => {
  for (const { title, needs, known, make } of VARIANTS) {
    const missing = needs.filter(isMissing);
    const suffix = missing.length === 0 ? '' : ` (no ${missing.join(', ')} here)`;
    test.skipIf(missing.length > 0)(`${title}${suffix}`, async () => {
      if (interpreter === undefined) return;
      const directory = mkdtempSync(join(scratch, 'library-'));
      make(directory);
      const path = join(directory, 'libheld.so');
      await using scene = await Scene.open(interpreter, 'held-call.py', { env: { HELD_LIBRARY: path } });
      const snapshot = await scene.snapshot({ native: 'python-threads' });
      expect(heldFrames(snapshot, path).map(({ symbol, line }) => [symbol, line])).toEqual(EXPECTED[known]);
      const notes = snapshot.problems.filter(({ message }) => message.includes(path));
      expect(notes.map(({ kind }) => kind)).toEqual(known === 'exported' ? ['stripped-module'] : []);
    });
  }
});

/** In a mount namespace of its own, has the first word for /usr/lib/debug. */
const WITH_DEBUG_DIRECTORY = 'mount --bind "$0" /usr/lib/debug && exec "$@"';

const canMount = process.getuid?.() === 0 && hasTool('unshare') && hasTool('objcopy') && hasTool('gcc');

test.skipIf(interpreter === undefined || !canMount)(
  'a debug file is found by build id, in the root of the target',
  async () => {
    if (interpreter === undefined) return;
    const directory = mkdtempSync(join(scratch, 'rooted-'));
    const path = held(directory);
    const id = buildIdOf(path);
    strip(directory, join(directory, 'debug/.build-id', id.slice(0, 2), `${id.slice(2)}.debug`));
    const program = join(import.meta.dirname, '../programs/held-call.py');
    const words = ['unshare', '--mount', 'sh', '-c', WITH_DEBUG_DIRECTORY, join(directory, 'debug')];
    const env = { HELD_LIBRARY: path };
    await using target = await startCommand(
      interpreter,
      [...words, ...interpreter.command, '-S', '-B', program],
      {
        env,
      },
    );
    using inspection = await attach(target.groundTruth.pid);
    const snapshot = inspection.snapshot({ native: 'python-threads' });
    expect(heldFrames(snapshot, path).map(({ symbol, line }) => [symbol, line])).toEqual(EXPECTED.lines);
  },
);
