import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crc32 } from '../../src/base/crc32.ts';
import { ERROR_STATUS } from '../../src/cli/exit-status.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { Scene } from '../support/matrix.ts';
import { runProgram } from '../support/program-run.ts';
import { untilSettled } from '../support/settled.ts';

// A stripped one where there is one, whose symbols cost little.
const candidates = findInterpreters().filter(({ root, family }) => root === undefined && family !== '2.7');
const interpreter = candidates.find(({ isStripped }) => isStripped) ?? candidates[0];
const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
const RUNS_AT_ONCE = 6;
const KILLED_RUNS = 3;
const LONG_AGO = new Date(Date.now() - 2 * 3_600_000);
const MAX_TOTAL_BYTES = 64 << 20;

const scratch = mkdtempSync(join(tmpdir(), 'pyflight-cache-'));
let count = 0;

/** An empty directory for `XDG_CACHE_HOME`. */
function newHome(): string {
  count += 1;
  const home = join(scratch, `${count}`);
  mkdirSync(home, { mode: 0o700 });
  return home;
}

const cacheIn = (home: string) => join(home, 'pyflight');
const filesIn = (home: string) => readdirSync(cacheIn(home)).sort();
const pathsIn = (home: string) => filesIn(home).map((name) => join(cacheIn(home), name));

describe.skipIf(interpreter === undefined)('what native runs keep for the next one', () => {
  let scene: Scene;
  let report = '';
  let kept = '';
  beforeAll(async () => {
    if (interpreter === undefined) return;
    scene = await Scene.open(interpreter, 'threads.py');
    kept = newHome();
    report = (await look(kept)).out;
    expect(report).toContain('(C) File');
  });
  afterAll(async () => {
    await scene[Symbol.asyncDispose]();
    rmSync(scratch, { recursive: true });
  });

  async function look(home: string) {
    await untilSettled(scene.truth);
    return startLook(home).ended;
  }

  /** A process has one tracer at a time: who comes while another one has it stopped is told so, and comes again. */
  async function lookWhenFree(home: string) {
    for (;;) {
      const result = await look(home);
      if (result.status !== ERROR_STATUS['already-traced']) return result;
    }
  }

  const startLook = (home: string) =>
    runProgram(['stack', `${scene.target.pid}`, '--native'], { env: { XDG_CACHE_HOME: home } });

  /** Kills a run when its first file appears, and says what it left. */
  async function killAsItWrites(home: string): Promise<readonly string[]> {
    await untilSettled(scene.truth);
    const { child, ended } = startLook(home);
    while (!existsSync(cacheIn(home)) || filesIn(home).length === 0) await wait(0);
    child.kill('SIGKILL');
    await ended;
    return pathsIn(home);
  }

  /** A home whose cache is as the first run left it, but for a change of one file or of the directory. */
  function changedHome(change: (path: string, home: string) => void): string {
    const home = newHome();
    mkdirSync(cacheIn(home), { mode: 0o700 });
    for (const name of filesIn(kept))
      writeFileSync(join(cacheIn(home), name), readFileSync(join(cacheIn(kept), name)), { mode: 0o600 });
    const [first = ''] = pathsIn(home).sort((a, b) => statSync(b).size - statSync(a).size);
    change(first, home);
    return home;
  }

  test('is read by the next one', async () => {
    const home = changedHome((path) => rewrite(path, (body) => body.replaceAll('_start', 'from_the_cache')));
    expect(pathsIn(home).some((path) => readFileSync(path, 'utf8').includes('from_the_cache'))).toBe(true);
    expect((await look(home)).out).toContain('from_the_cache');
  });

  test('is whole when several run at once, which all say the same', async () => {
    const home = newHome();
    const runs = await Promise.all(Array.from({ length: RUNS_AT_ONCE }, () => lookWhenFree(home)));
    expect(new Set(runs.map(({ out }) => out))).toEqual(new Set([report]));
    expect(filesIn(home)).toEqual(filesIn(kept));
    for (const path of pathsIn(home)) expect(isWhole(path), path).toBe(true);
    expect(await look(home)).toMatchObject({ status: 0, out: report });
  });

  test('is whole or not there when they are killed as they write', async () => {
    for (let run = 0; run < KILLED_RUNS; run += 1) {
      const home = newHome();
      const left = await killAsItWrites(home);
      expect(left.filter((path) => !isBegun(path) && !isWhole(path))).toEqual([]);
      for (const path of left.filter(isBegun)) utimesSync(path, LONG_AGO, LONG_AGO);
      for (const path of left.slice(0, 1)) rmSync(path);
      // What was begun and left is removed by who writes when it is old.
      writeFileSync(join(cacheIn(home), 'symbols-0011.1234'), 'begun', { mode: 0o600 });
      utimesSync(join(cacheIn(home), 'symbols-0011.1234'), LONG_AGO, LONG_AGO);
      expect(await look(home)).toMatchObject({ status: 0, out: report });
      expect(filesIn(home)).toEqual(filesIn(kept));
    }
  });

  test('takes no more than its bound, and what was used least recently goes first', async () => {
    const home = newHome();
    mkdirSync(cacheIn(home), { mode: 0o700 });
    for (let each = 0; each < 17; each += 1) {
      const path = join(cacheIn(home), `symbols-${String(each).padStart(40, '0')}`);
      writeFileSync(path, '', { mode: 0o600 });
      truncateSync(path, 4 << 20);
      const used = new Date(Date.now() - 60_000 * (each + 1));
      utimesSync(path, used, used);
    }
    expect(await look(home)).toMatchObject({ status: 0, out: report });
    const total = pathsIn(home).reduce((sum, path) => sum + statSync(path).size, 0);
    expect(total).toBeLessThanOrEqual(MAX_TOTAL_BYTES);
    expect(filesIn(home)).toEqual(expect.arrayContaining(filesIn(kept)));
    expect(filesIn(home)).toContain(`symbols-${'0'.repeat(40)}`);
    expect(filesIn(home)).not.toContain(`symbols-${'16'.padStart(40, '0')}`);
  });

  test.each<[string, (path: string, home: string) => void]>([
    ['cut off', (path) => truncateSync(path, Math.floor(statSync(path).size / 2))],
    ['empty', (path) => truncateSync(path, 0)],
    ['not ours', (path) => writeFileSync(path, 'something else')],
    ['altered', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('_start', '_wrong'))],
    ['of another file', (path) => rewrite(path, (body) => body.replace(/"buildId":"../u, '"buildId":"zz'))],
    [
      'of another debug file',
      (path) => rewrite(path, (body) => body.replace('"origin":"', '"origin":"/other ')),
    ],
    ['of another shape', (path) => rewrite(path, () => '{"buildId":[1],"places":7}')],
    ['a link', (path) => moveBehindLink(path)],
    [
      'a directory',
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
    ['open to be written by others', (path) => chmodSync(path, 0o666)],
    ['in a directory open to others', (_path, home) => chmodSync(cacheIn(home), 0o777)],
    ['in a directory that is a link', (_path, home) => moveBehindLink(cacheIn(home))],
  ])('names nothing wrongly, and nothing fails, when it is %s', async (_what, change) => {
    const home = changedHome(change);
    expect(await look(home)).toEqual({ status: 0, out: report, notes: expect.not.stringContaining('cache') });
  });

  test.skipIf(!isRoot)('is not believed when it is of another user', async () => {
    const home = changedHome((path) => {
      rewrite(path, (body) => body.replaceAll('_start', '_wrong'));
      chownSync(path, NOBODY, NOBODY);
    });
    expect(await look(home)).toMatchObject({ status: 0, out: report });
  });

  test.each(['/proc/self', '/dev/null', '/proc/self/nowhere', 'relative'])(
    'is nothing where %s cannot hold it',
    async (home) => {
      expect(await look(home)).toMatchObject({ status: 0, out: report });
    },
  );
});

/** Changes the contents of a file, whose checksum is then right again. */
function rewrite(path: string, change: (body: string) => string): void {
  const [header = '', ...rest] = readFileSync(path, 'utf8').split('\n');
  const body = Buffer.from(change(rest.join('\n')));
  writeFileSync(path, Buffer.concat([Buffer.from(`${header.replace(/ \S+$/u, '')} ${sumOf(body)}\n`), body]));
}

/** Whether it is a file that was being written. */
const isBegun = (path: string) => /\.\d+$/u.test(path);

/** Whether its checksum is that of its contents. */
function isWhole(path: string): boolean {
  const bytes = readFileSync(path);
  const headerEnd = bytes.indexOf(0x0a);
  const header = bytes.subarray(0, headerEnd).toString('latin1');
  return header.endsWith(` ${sumOf(bytes.subarray(headerEnd + 1))}`);
}

function sumOf(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(8, '0');
}

function moveBehindLink(path: string): void {
  const moved = `${path}-moved`;
  renameSync(path, moved);
  symlinkSync(moved, path);
}
