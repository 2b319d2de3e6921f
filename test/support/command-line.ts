import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The program as it was built. */
export const PYFLIGHT_PROGRAM = fileURLToPath(new URL('../../bin/pyflight.cjs', import.meta.url));

/** What a run of the program left. */
export interface CommandLineResult {
  readonly status: number | null;
  readonly out: string;
  readonly notes: string;
}

/** How a command line is run. */
export interface CommandLineOptions {
  /** All that it is told on standard input. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Words before its own, which may change who runs it. */
  readonly through?: readonly string[];
}

/** Runs `pyflight` as it was built, without a terminal. */
export async function runPyflight(
  words: readonly string[],
  { input = '', env = {}, through = [] }: CommandLineOptions = {},
): Promise<CommandLineResult> {
  const [program = '', ...all] = [...through, process.execPath, PYFLIGHT_PROGRAM, ...words];
  const child = spawn(program, all, {
    stdio: 'pipe',
    // Where tests keep what is written for the user: in no place of his.
    env: { PATH: process.env['PATH'], XDG_STATE_HOME: process.env['XDG_STATE_HOME'], ...env },
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
