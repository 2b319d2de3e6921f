import { expect, test } from 'vitest';
import { violations } from '../../test/support/schemas.ts';
import { makeSnapshot } from '../../test/support/snapshots.ts';
import type { CoreFacts } from '../model/core-signal.ts';
import { coreToJson } from './core-json.ts';
import { corePreambleLines } from './core-preamble.ts';
import { ANSI, PLAIN } from './style.ts';

const FACTS: CoreFacts = {
  writer: 'kernel',
  process: {
    state: 'R',
    isZombie: false,
    niceness: 0,
    uid: 1000,
    gid: 1000,
    pid: 4242,
    parentPid: 4001,
    processGroup: 4242,
    session: 2414,
    name: 'python3.12',
    commandLine: 'python3.12 job.py --fast ',
  },
  signal: { number: 11, code: 1, address: 0x75bcd15n, sender: undefined, systemCall: undefined },
  missingBytes: 0,
};
const NOTHING: CoreFacts = { writer: undefined, process: undefined, signal: undefined, missingBytes: 7 };

test('corePreambleLines() says what PyStack says, and the truth of zombies', () => {
  expect([...corePreambleLines(FACTS, PLAIN)]).toEqual([
    '',
    'Core file information:',
    'state: R zombie: False niceness: 0',
    'pid: 4242 ppid: 4001 sid: 2414',
    'uid: 1000 gid: 1000 pgrp: 4242',
    'executable: python3.12 arguments: python3.12 job.py --fast ',
    '',
    'The process died due a segmentation fault accessing address: 0x75bcd15 (nothing is mapped there)',
  ]);
});

test('corePreambleLines() paints the heading blue and the values green', () => {
  const [, heading, state] = corePreambleLines(FACTS, ANSI);
  expect(heading).toBe('\u001b[34mCore file information:\u001b[0m');
  expect(state).toContain('state: \u001b[32mR\u001b[0m zombie: ');
});

test('corePreambleLines() leaves out what a core does not say', () => {
  expect([...corePreambleLines(NOTHING, PLAIN)]).toEqual(['']);
});

test('corePreambleLines() escapes what a process called itself', () => {
  const process = FACTS.process && { ...FACTS.process, name: 'a\u001b[2J' };
  expect([...corePreambleLines({ ...FACTS, process }, PLAIN)].join()).toContain('a\\x1b[2J');
});

const LACKING = [
  { state: 'mismatching', path: '/a/x.so', expectedBuildId: 'ab', foundBuildId: undefined },
] as const;

test.each([FACTS, NOTHING])('coreToJson() holds to its schema', (facts) => {
  expect(violations('core', coreToJson(makeSnapshot([]), { facts, lackingFiles: LACKING }))).toEqual([]);
});
