import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findInterpreters } from '../support/interpreters.ts';
import { Scene } from '../support/matrix.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** A program of someone who has installed the package: it uses what the package exports, and nothing else. */
const CONSUMER = `
import { attach, formatObject, InspectorError, listPythonProcesses, snapshotToJson, type Frame } from 'pyflight';

declare const process: { readonly argv: readonly string[] };
declare const console: { log(text: string): void };

const pid = Number(process.argv[2]);

function describeFrame({ name, position, variables = [] }: Frame): string {
  const values = variables.map((variable) => \`\${variable.name}=\${formatObject(variable.value, 20)}\`);
  return \`\${name}:\${position?.line} \${values.join(' ')}\`.trim();
}

async function main(): Promise<void> {
  using inspection = await attach(pid);
  const snapshot = inspection.snapshot({ locals: true, thread: 'MainThread' });
  const frames: readonly string[] = snapshot.threads.flatMap((thread) => thread.frames.map(describeFrame));
  const isListed = (await listPythonProcesses()).some((each) => each.pid === pid);
  const json = JSON.stringify(snapshotToJson(snapshot));
  console.log(JSON.stringify({ frames, isListed, isJson: json.startsWith('{"schemaVersion":1,') }));
}

async function failing(): Promise<string> {
  try {
    using inspection = await attach(4194304);
    return inspection.facts.executable;
  } catch (error) {
    if (error instanceof InspectorError) return \`\${error.name} \${error.code}\`;
    throw error;
  }
}

await main();
console.log(await failing());
`;

const directory = mkdtempSync(join(tmpdir(), 'pyflight-consumer-'));

beforeAll(() => {
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(REPOSITORY, join(directory, 'node_modules/pyflight'));
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(directory, 'consumer.ts'), CONSUMER);
  writeFileSync(
    join(directory, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'ES2022',
        lib: ['ES2022', 'ESNext.Disposable'],
        module: 'NodeNext',
        types: [],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
      },
      files: ['consumer.ts'],
    }),
  );
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

test('the types of the package compile in a program that imports it', () => {
  const tsc = spawnSync(join(REPOSITORY, 'node_modules/.bin/tsc'), ['-p', directory], { encoding: 'utf8' });
  expect(tsc.stdout).toBe('');
  expect(tsc.status).toBe(0);
});

test('attach(), snapshot() and using work in a program that imports the package', async () => {
  const interpreter = findInterpreters().findLast(({ kind }) => kind === 'shared' || kind === 'static');
  if (interpreter === undefined) throw new RangeError('there is no Python to run');
  await using scene = await Scene.open(interpreter, 'single-thread.py');
  const words = [join(directory, 'consumer.js'), String(scene.target.pid)];
  const out = execFileSync(process.execPath, words, { encoding: 'utf8' });
  const [told = '', failure] = out.trimEnd().split('\n');
  const lines = scene.truth.threads[0]?.frames.map(({ name, line }) => `${name}:${line}`);
  expect(JSON.parse(told)).toEqual({
    frames: lines?.map((line) => expect.stringMatching(new RegExp(`^${line}( |$)`))),
    isListed: true,
    isJson: true,
  });
  expect(JSON.parse(told).frames).toContain(`${lines?.find((line) => line.startsWith('inner:'))} depth=2`);
  expect(failure).toBe('NoSuchProcessError no-such-process');
});
