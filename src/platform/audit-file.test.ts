import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let state: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'pyflight-audit-'));
});

afterEach(() => rmSync(state, { recursive: true }));

/** A process of its own, as several of us are. */
const WRITER = `
const [module, writer, lines, bytes] = process.argv.slice(1);
const { appendToAudit } = await import(module);
for (let line = 0; line < Number(lines); line += 1)
  if (!appendToAudit([writer, line, 'x'.repeat(Number(bytes))].join(' '))) process.exit(1);
`;

async function write(writer: string, lines: number, bytes: number): Promise<void> {
  const module = new URL('audit-file.ts', import.meta.url).href;
  const words = [
    '--import',
    'tsx',
    '--input-type=module',
    '-e',
    WRITER,
    module,
    writer,
    `${lines}`,
    `${bytes}`,
  ];
  const child = spawn(process.execPath, words, { env: { XDG_STATE_HOME: state }, stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([0, null]);
}

/** The sizes of the files, and the numbers of each writer's lines. */
function read(): {
  readonly sizes: readonly number[];
  readonly lines: ReadonlyMap<string, readonly number[]>;
} {
  const directory = join(state, 'pyflight');
  const [current = '', ...aside] = readdirSync(directory).toSorted();
  expect(current).toBe('audit.log');
  const paths = [...aside, current].map((name) => join(directory, name));
  for (const path of paths) expect(statSync(path).mode & 0o777).toBe(0o600);
  const lines = new Map<string, number[]>();
  for (const line of paths.flatMap((path) => readFileSync(path, 'utf8').split('\n').slice(0, -1))) {
    const [writer = '', number] = line.split(' ');
    lines.set(writer, [...(lines.get(writer) ?? []), Number(number)]);
  }
  for (const numbers of lines.values()) numbers.sort((a, b) => a - b);
  return { sizes: paths.map((path) => statSync(path).size), lines };
}

test('appendToAudit() keeps the newest MiB of what several write at once, without a gap', async () => {
  const [count, bytes] = [400, 4000];
  await Promise.all(['a', 'b', 'c'].map((writer) => write(writer, count, bytes)));
  const { sizes, lines } = read();
  const total = sizes.reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThanOrEqual(1 << 20);
  expect(total).toBeLessThan(1 << 21);
  // One that had ended early may have none left.
  for (const numbers of lines.values()) {
    expect(numbers.at(-1)).toBe(count - 1);
    expect(numbers).toEqual(numbers.map((_, index) => count - numbers.length + index));
  }
});

test('appendToAudit() keeps a line that is longer than all that is to be kept, and the one before', async () => {
  await write('a', 1, 10);
  await write('b', 2, 3 << 20);
  await write('c', 1, 10);
  expect([...read().lines.keys()].filter((writer) => writer !== 'a')).toEqual(['b', 'c']);
});
