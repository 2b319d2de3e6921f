import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bin/pyflight.cjs', import.meta.url));

/** What a run of the program left. */
export interface CommandLineResult {
  readonly status: number | null;
  readonly out: string;
  readonly notes: string;
}

/** Runs `pyflight` as it was built, without a terminal; `input` is all that it is told. */
export async function runPyflight(
  words: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CommandLineResult> {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], ...env },
  });
  child.stdin.on('error', () => undefined).end(input);
  const texts = { out: '', notes: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    texts.notes += text;
  });
  const [status] = await once(child, 'close');
  return { status, ...texts };
}
