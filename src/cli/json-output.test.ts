import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../test/support/fake-cli.ts';
import { violations } from '../../test/support/schemas.ts';
import { makeProcess, makeSnapshot, makeThread } from '../../test/support/snapshots.ts';

const WORLD = {
  snapshots: [makeSnapshot([makeThread()])],
  processes: [makeProcess()],
  storedCores: [],
  coreFacts: { writer: undefined, process: undefined, signal: undefined, missingBytes: 0 },
};

const COMMANDS: readonly (readonly [string, string, object])[] = [
  ['stack 5010', 'snapshot', { command: 'stack', level: 'L1', pid: 5010 }],
  ['locks 5010', 'locks', { command: 'locks', level: 'L1', pid: 5010 }],
  ['core core.5010', 'core', { command: 'core', level: 'L0', pid: null }],
  ['stack --core core.5010', 'core', { command: 'stack', level: 'L0', pid: null }],
  ['core', 'stored-cores', { command: 'core', level: 'L0', pid: null, takenAt: '1970-01-01T00:00:00.000Z' }],
  ['ps', 'processes', { command: 'ps', level: 'L0', pid: null, problems: [] }],
  ['help', 'help', { command: 'help', level: 'L0', pid: null }],
  ['help stack', 'help', { command: 'help', commands: [{ name: 'stack', level: 'L1' }] }],
  ['history', 'history', { command: 'history', lines: [] }],
];

describe.each(COMMANDS)('%s', (line, schema, expected) => {
  test('--json prints a document of its schema in the envelope', async () => {
    const { out } = await runCommandLine([...line.split(' '), '--json'], WORLD);
    const document: unknown = JSON.parse(out);
    expect(violations(schema, document)).toEqual([]);
    expect(violations('envelope', document)).toEqual([]);
    expect(document).toMatchObject(expected);
  });

  test('--jsonl prints it on one line', async () => {
    const json = await runCommandLine([...line.split(' '), '--json'], WORLD);
    const { out } = await runCommandLine([...line.split(' '), '--jsonl'], WORLD);
    expect(out.split('\n')).toHaveLength(2);
    expect(JSON.parse(out)).toEqual(JSON.parse(json.out));
  });
});

test('stack --watch prints a document a line', async () => {
  const argv = ['stack', '5010', '--watch', '--jsonl'];
  const { out } = await runCommandLine(argv, { ...WORLD, interruptedWait: 3 });
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(violations('envelope', JSON.parse(line))).toEqual([]);
});
