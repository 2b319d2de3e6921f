import { expect, test } from 'vitest';
import type { Command } from '../command.ts';
import { defineCommand } from '../command.ts';
import { type CompletionSources, completionsOf } from './completion.ts';

const SAMPLE = defineCommand({
  name: 'sample',
  summary: 'Try',
  arguments: {
    target: { kind: 'target', help: 'Process' },
    module: { kind: 'word', completes: 'module', help: 'Module' },
    field: { kind: 'optional-word', completes: 'name', help: 'Name' },
  },
  options: {
    locals: { kind: 'flag', short: 'l', help: '' },
    thread: { kind: 'text', short: 't', valueName: 'id', completes: 'thread', help: '' },
    format: { kind: 'choice', choices: ['one', 'other'], help: '' },
    json: { kind: 'modes', modes: { json: '', jsonl: '' } },
  },
  examples: [],
  run: async () => 'complete',
});

const WORDS = defineCommand({
  name: 'words',
  summary: 'Try many',
  arguments: {
    target: { kind: 'target', help: 'Process' },
    words: { kind: 'rest', help: 'Words', completes: ['module', 'name', 'name'] },
  },
  options: {
    class: {
      kind: 'words',
      short: 'c',
      valueNames: ['module', 'class'],
      help: '',
      completes: ['module', 'class'],
    },
  },
  examples: [],
  run: async () => 'complete',
});

const load = async (): Promise<Command> => SAMPLE;

const SOURCES: CompletionSources = {
  commands: { sample: load, same: load, other: load, words: async () => WORDS },
  words: {
    file: async (beginning) => [`${beginning}x/`, `${beginning}a b`],
    thread: async () => ['main', 'worker-1', 'worker-2'],
    module: async () => ['shop.', 'shop.cart', 'app'],
    class: async (_, before) => [`class.of.${before.at(-1)}`],
    name: async (_, before) => [`of.${before.join('.')}`],
  },
};

test.each([
  ['', ['sample', 'same', 'other', 'words'], ''],
  ['sa', ['sample', 'same'], 'sa'],
  ['o', ['other '], 'o'],
  ['x', [], 'x'],
  ['nothing ', [], ''],
  ['sample --lo', ['--locals '], '--lo'],
  ['sample -l --l', ['--lib-search-path', '--lib-search-root'], '--l'],
  ['sample --json --js', [], '--js'],
  ['sample --format ', ['one', 'other'], ''],
  ['sample --format=ot', ['--format=other '], '--format=ot'],
  ['sample --thread wo', ['worker-1', 'worker-2'], 'wo'],
  ['sample -t m', ['main '], 'm'],
  ['sample sho', ['shop.', 'shop.cart'], 'sho'],
  ['sample -t main app', ['app '], 'app'],
  ['sample app o', ['of.app '], 'o'],
  ['sample --core d', ['dx/'], 'd'],
  ['sample app o more ', [], ''],
  ['words sho', ['shop.', 'shop.cart'], 'sho'],
  ['words app ', ['of.app '], ''],
  ['words app Cart ', ['of.app.Cart '], ''],
  ['words app Cart total ', [], ''],
  ['words -c sho', ['shop.', 'shop.cart'], 'sho'],
  ['words -c app cl', ['class.of.app '], 'cl'],
  ['words -c app Cart sh', ['shop.', 'shop.cart'], 'sh'],
  ['sample > d', ['dx/'], 'd'],
  ['sample | d', [], 'd'],
  [`sample 'd`, [], "'d"],
  [`sample 'a b' o`, ['of.a b'], 'o'],
])('completionsOf("%s")', async (line, words, replaced) => {
  const [found, part] = await completionsOf(line, SOURCES);
  // What would need quotes is not offered.
  expect([found, part]).toEqual([words.filter((word) => !word.trim().includes(' ')), replaced]);
});
