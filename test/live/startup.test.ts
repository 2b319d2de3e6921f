import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'pyflight-startup-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Lists the files of the command line and of the threads that sample, and those of them whose compiled code V8 refuses. */
const REFUSED = `
  const { readFileSync, readdirSync } = require('node:fs');
  const { Worker, isMainThread, parentPort } = require('node:worker_threads');
  const { setFlags, compileSoon, compile } = require(process.cwd() + '/bin/compile.cjs');
  function lookAt(directory) {
    const files = readdirSync(directory).filter((name) => name.endsWith('.cjs')).map((name) => directory + '/' + name);
    const refused = files.filter((file) => compile(file, readFileSync(file + '.compiled')).cachedDataRejected);
    return { files: files.length, refused };
  }
  if (isMainThread) {
    setFlags();
    const commandLine = lookAt('dist/cli');
    compileSoon();
    const worker = new Worker(process.env.REFUSED, { eval: true });
    worker.on('message', (workers) => console.log(JSON.stringify({ commandLine, workers })));
  } else parentPort.postMessage(lookAt('dist/workers'));
`;

test('V8 takes what it compiled when the program was built', () => {
  const env = { ...process.env, REFUSED };
  const said = execFileSync(process.execPath, ['-e', REFUSED], { cwd: REPOSITORY, encoding: 'utf8', env });
  const { commandLine, workers } = JSON.parse(said);
  expect(commandLine.files).toBeGreaterThan(3);
  expect(workers.files).toBe(2);
  expect([...commandLine.refused, ...workers.refused]).toEqual([]);
});

test.each([
  ['is cut off', (file: string) => truncateSync(file, 1000)],
  ['is not there', (file: string) => rmSync(file)],
])('the program runs when its compiled code %s', (title, spoil) => {
  const copy = join(directory, title);
  for (const part of ['bin', 'dist']) cpSync(join(REPOSITORY, part), join(copy, part), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'));
  const cli = join(copy, 'dist/cli');
  for (const name of readdirSync(cli)) if (name.endsWith('.compiled')) spoil(join(cli, name));
  for (const program of ['pyflight', 'flight_profiler']) {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(copy, `bin/${program}.cjs`), '--version'],
      { encoding: 'utf8' },
    );
    expect({ stdout: stdout.trim(), stderr, status }).toEqual({
      stdout: manifest.version,
      stderr: '',
      status: 0,
    });
  }
});
