import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DebugInfo, openDebugInfo } from '../../src/dwarf/debug-info/debug-info.ts';
import { debugSectionsOf } from '../../src/dwarf/debug-info/debug-sections.ts';
import { type ElfFile, readElf } from '../../src/elf/elf-file.ts';
import { codeAddresses, compareWithAddr2line, type Difference } from '../support/addr2line.ts';
import { FileSource } from '../support/file-source.ts';

const PROGRAMS = resolve(import.meta.dirname, '../programs');

const missing = ['gcc', 'addr2line'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
const reason = missing.length === 0 ? '' : ` (no ${missing.join(', ')})`;

/** What the library of a CPython is called, newest first; those of pyenv have their debugging information. */
function libraries(): readonly string[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  if (!existsSync(versions)) return [];
  return readdirSync(versions)
    .map((name) => join(versions, name, 'lib'))
    .filter(existsSync)
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => /^libpython\d\.\d+.*\.so\.1\.0$/.test(name))
        .map((name) => realpathSync(join(folder, name))),
    )
    .sort()
    .reverse();
}

/** Files stay open: the debugging information is read when it is asked. */
function openProgram(path: string): { readonly elf: ElfFile; readonly info: DebugInfo } {
  const elf = readElf(new FileSource(path));
  const open = (name: string) =>
    existsSync(name) ? debugSectionsOf(readElf(new FileSource(name))) : undefined;
  const info = openDebugInfo(debugSectionsOf(elf), {
    findSplitFile: ({ name, compilationDirectory }) => open(resolve(compilationDirectory ?? '', name)),
  });
  return { elf, info };
}

/**
 * addr2line of binutils 2.40 sometimes gives the main file of the unit, or the symbol, for the innermost frame while
 * gdb and llvm-symbolizer say what we say; line and all other frames are the same then.
 */
function isFirstFrameAlone({ ours, theirs }: Difference): boolean {
  const lineOf = (frame: string | undefined): string | undefined => /:(\d+|\?)$/.exec(frame ?? '')?.[1];
  return (
    ours.length === theirs.length &&
    lineOf(ours[0]) === lineOf(theirs[0]) &&
    ours.slice(1).join('\n') === theirs.slice(1).join('\n')
  );
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'debug-info-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function compile(name: string, ...options: readonly string[]): string {
  const path = join(folder, name);
  execFileSync('gcc', ['-O2', '-g', ...options, '-o', path, join(PROGRAMS, 'inlined-calls.c')], {
    // Split files are written beside the program.
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return path;
}

describe.skipIf(missing.length > 0)(`resolve() says what addr2line -f -i says${reason}`, () => {
  test.each([
    ['DWARF 2', ['-gdwarf-2']],
    ['DWARF 3', ['-gdwarf-3']],
    ['DWARF 4', ['-gdwarf-4']],
    ['DWARF 5', ['-gdwarf-5']],
    ['64-bit DWARF 4', ['-gdwarf-4', '-gdwarf64']],
    ['compressed sections', ['-gz']],
    ['sections compressed in the old way', ['-gz=zlib-gnu']],
    ['discarded functions', ['-ffunction-sections', '-Wl,--gc-sections']],
    ['no inlining', ['-O0']],
    ['link-time optimization', ['-flto']],
  ])('of a C program with %s', (title, options) => {
    const path = compile(title.replaceAll(' ', '-'), ...options);
    const { elf, info } = openProgram(path);
    // The addr2line of binutils 2.40 does not read the old way itself; the same code has the same answers.
    const judge = title.includes('old way') ? compile('judge') : path;
    const { known, differences } = compareWithAddr2line(judge, info, codeAddresses(elf, 400));
    expect(known).toBeGreaterThan(100);
    expect(differences.filter((difference) => !isFirstFrameAlone(difference))).toEqual([]);
  });

  test.each([['-gdwarf-4'], ['-gdwarf-5']])('of a program with split files and %s', (version) => {
    const judge = compile(`whole${version}`, version);
    const { elf, info } = openProgram(compile(`split${version}`, version, '-gsplit-dwarf'));
    const { known, inlined, differences } = compareWithAddr2line(judge, info, codeAddresses(elf, 400));
    expect(known).toBeGreaterThan(100);
    expect(inlined).toBeGreaterThan(20);
    expect(differences.filter((difference) => !isFirstFrameAlone(difference))).toEqual([]);
  });

  const [library] = libraries();
  test.skipIf(library === undefined)('of the newest libpython', () => {
    const { elf, info } = openProgram(library ?? '');
    if (elf.findSection('.debug_info') === undefined) return;
    const { known, inlined, differences } = compareWithAddr2line(
      library ?? '',
      info,
      codeAddresses(elf, 1000),
    );
    expect(known).toBeGreaterThan(900);
    expect(inlined).toBeGreaterThan(300);
    expect(differences.filter((difference) => !isFirstFrameAlone(difference))).toEqual([]);
    expect(differences.length).toBeLessThan(known / 30);
  });
});
