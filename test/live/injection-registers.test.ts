import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { injectMark, markPlaceOf, untilAsleep } from '../support/injection.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { isSince } from '../support/matrix.ts';
import { startTarget } from '../support/target.ts';

const SOURCE = fileURLToPath(new URL('../programs/held-registers.c', import.meta.url));
const ROUNDS = 5;

/** In read(2), and not on its standard input. */
const READS_PIPE = /^(0|63) 0x[1-9a-f]/u;

const canCompile = spawnSync('gcc', ['--version']).error === undefined;
const isX86 = process.arch === 'x64';
const hasVectors = !isX86 || / avx /u.test(readFileSync('/proc/cpuinfo', 'latin1'));
const directory = mkdtempSync(join(tmpdir(), 'pyflight-registers-'));
afterAll(() => rmSync(directory, { recursive: true }));

function compile(): string {
  const path = join(directory, 'libheld.so');
  execFileSync('gcc', ['-O1', ...(isX86 ? ['-mavx'] : []), '-shared', '-fPIC', '-o', path, SOURCE]);
  return path;
}

const borrowed = findInterpreters().filter(
  (each) => each.root === undefined && isSince(each, '3.6') && !isSince(each, '3.14') && !each.isFreeThreaded,
);

describe.skipIf(!canCompile || !hasVectors)(
  'a thread that is borrowed in a system call of foreign code',
  () => {
    const library = canCompile && hasVectors ? compile() : '';

    test.each(borrowed)('has all its registers afterwards ($name)', async (interpreter) => {
      await using target = await startTarget(interpreter, 'injection-registers.py', { args: [library] });
      const place = markPlaceOf(target);
      for (let round = 0; round < ROUNDS; round += 1) {
        target.say('');
        await untilAsleep(target.pid, READS_PIPE);
        const { method, steps } = await injectMark(target.pid, place, {
          andThen: "__import__('__main__').release()",
        });
        expect(method).toBe('thread-call');
        expect(steps.at(-1)).toMatch(/begins its system call again afterwards$/u);
        expect((await target.next()).facts).toEqual({ changed: 0 });
      }
    });
  },
);
