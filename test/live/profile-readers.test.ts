import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { escapeForTerminal } from '../../src/base/escaping.ts';
import { collapsedPart } from '../../src/formats/collapsed.ts';
import { findFormat } from '../../src/formats/registry.ts';
import { FrameLabels } from '../../src/profile/frame-label.ts';
import { type FunctionRow, functionRows, lineRows } from '../../src/profile/function-table.ts';
import type { Profile, ProfileFrame } from '../../src/profile/profile.ts';
import { type Weight, WeightedTree } from '../../src/profile/weighted-tree.ts';
import { BROWSER, shownDocument } from '../support/browser.ts';
import { makeProfile, SHOP_PROFILE } from '../support/profiles.ts';
import { type ReadRow, readBySpeedscope } from '../support/speedscope.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-formats-'));
afterAll(() => rmSync(directory, { recursive: true }));

const hasGo = spawnSync('go', ['version']).error === undefined;

function writtenFile(name: string, baseline?: Profile): string {
  const path = join(directory, name);
  const options = { producer: 'pyflight 0.1.0', ...(baseline === undefined ? {} : { baseline }) };
  const parts = [...findFormat(name).write(SHOP_PROFILE, options)];
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))));
  return path;
}

function urlOf(path: string): string {
  return pathToFileURL(path).href;
}

/** The rows that a reader is to have: ours. */
function expectedRows(
  rows: readonly FunctionRow[],
  unit: keyof Weight,
  nameOf: (frame: ProfileFrame) => string,
): readonly ReadRow[] {
  return inOrder(
    rows.map(({ frame, own, total }) => ({ name: nameOf(frame), own: own[unit], total: total[unit] })),
  );
}

function inOrder(rows: readonly ReadRow[]): readonly ReadRow[] {
  const keyOf = ({ name, own, total }: ReadRow): string => `${name} ${own} ${total}`;
  return rows.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

const LABELS = new FrameLabels(SHOP_PROFILE);
const ALL = new WeightedTree(SHOP_PROFILE);
const MAIN = new WeightedTree(SHOP_PROFILE, (thread) => thread === 0);

function pprofText(...words: readonly string[]): string {
  const args = ['tool', 'pprof', ...words, writtenFile('shop.pb.gz')];
  return execFileSync('go', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

test.skipIf(!hasGo).each([
  ['samples', 'looks'],
  ['wall', 'ns'],
] as const)('go tool pprof -top -sample_index=%s has our figures of every function', (index, unit) => {
  const all = ['-nodecount=10000', '-nodefraction=0', '-unit=ns', '-filefunctions'];
  const top = pprofText('-top', `-sample_index=${index}`, ...all);
  const row = /^ *(\d+)(?:ns)? +\S+ +\S+ +(\d+)(?:ns)? +\S+ {2}(.*)$/gm;
  const found = [...top.matchAll(row)].map(([, own, total, name = '']) => ({
    name,
    own: Number(own),
    total: Number(total),
  }));
  const nameOf = (frame: ProfileFrame): string => `${LABELS.name(frame)} ${LABELS.path(frame)}`.trim();
  expect(inOrder(found)).toEqual(expectedRows(functionRows(ALL), unit, nameOf));
});

test.skipIf(!hasGo)(
  'go tool pprof -raw has every stack with its lines, its thread and how it came about',
  () => {
    const raw = pprofText('-raw');
    const locations = new Map(
      [...raw.matchAll(/^ *(\d+): 0x0 M=1 (.*) (\S*):(\d+):0 s=\d+\(\)$/gm)].map(([, id, name, , line]) => [
        id,
        `${name}:${line}`,
      ]),
    );
    const samples = [
      ...raw.matchAll(/^ *(\d+) +(\d+): ([\d ]+)\n *thread:\[(.*)\]\n *pid:\[5010\] tid:\[(\d+)\]$/gm),
    ].map(([, looks, ns, stack = '', ...thread]) => {
      const frames = stack
        .trim()
        .split(' ')
        .map((id) => locations.get(id));
      return [...thread, Number(looks), Number(ns), frames.reverse().join(';')];
    });
    expect(samples).toHaveLength(7);
    expect(samples).toContainEqual(['MainThread', '5010', 40, 4e8, '<module>:1;serve:10;view:31;render:7']);
    expect(samples).toContainEqual(['worker <1>', '5011', 90, 9e8, 'run:5;wait:4']);
    expect(raw).toMatch(/^PeriodType: wall nanoseconds\nPeriod: 10000000\nTime: 2026-03-01 12:00:00/m);
    expect(raw).toMatch(
      /^Comment: pyflight 0\.1\.0\n(?:Comment: .*\n)*Comment: samples: 200, none left out$/m,
    );
  },
);

const names = ({ name }: ProfileFrame): string => escapeForTerminal(name);

test.skipIf(BROWSER === undefined).each([
  ['shop.speedscope.json', 'lines of the first thread', expectedRows(lineRows(MAIN), 'ns', names)],
  [
    'shop.trace.json',
    'functions of the first thread',
    expectedRows(functionRows(MAIN), 'ns', (frame) => {
      const args = { filename: LABELS.path(frame), line: frame.firstLine };
      return `${names(frame)} ${JSON.stringify(args)}`;
    }),
  ],
  ['shop.pb.gz', 'functions', expectedRows(functionRows(ALL), 'ns', names)],
  [
    'shop.collapsed',
    'lines',
    expectedRows(lineRows(ALL), 'looks', (frame) => collapsedPart(LABELS.label(frame))),
  ],
])('speedscope reads %s, and has our figures of all %s', async (name, _, rows) => {
  expect(inOrder(await readBySpeedscope(writtenFile(name)))).toEqual(rows);
});

test.skipIf(BROWSER === undefined)('a browser runs the script of the flame graph', async () => {
  const svg = await shownDocument(urlOf(writtenFile('shop.svg')));
  expect(svg).toMatch(/<svg[^>]* width="100%"/);
  expect(svg).not.toMatch(/<svg[^>]* viewBox=/);
  expect(svg).toContain('placeholder="search (Ctrl-F)"');
  // The whole is as wide as the window, and text is cut to its box.
  expect(svg).toMatch(/<title>all [^<]*<\/title><rect x="10.0" y="74" width="879.5"/);
});

test.skipIf(BROWSER === undefined)('a browser runs the script of the page', async () => {
  const page = await shownDocument(urlOf(writtenFile('shop.html')));
  expect(page).toContain('100 of 100 Hz, 200 samples');
  expect(page).toContain('<option class="">all threads (2)</option>');
  expect(page.match(/<tr class="[^"]*" data-frame=/g)).toHaveLength(12);
  expect(page).toContain('thread (5011): worker &lt;1&gt;');
});

test.skipIf(BROWSER === undefined)(
  'a browser shows a difference, finds in it what is typed, and sorts it',
  async () => {
    const before = makeProfile([
      { stack: '<module>;serve@/srv/shop/app.py:8;view@/srv/shop/views.py:20', looks: 30 },
      { stack: '<module>;serve@/srv/shop/app.py:8;audit@/srv/shop/audit.py:2', looks: 70 },
    ]);
    const path = writtenFile('difference.html', before);
    const deeds = `
    const press = (key) => window.dispatchEvent(new KeyboardEvent('keydown', { key }));
    const shown = (view) => !document.getElementById(view).hidden;
    const said = [];
    const host = document.getElementById('flame-host');
    for (const key of [...Array(4).fill('ArrowDown'), 'ArrowRight']) host.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    said.push(document.getElementById('status').textContent);
    press('2');
    said.push(shown('functions-view') + ' ' + shown('flame'));
    const search = document.getElementById('search');
    search.value = 'audit|view';
    search.dispatchEvent(new Event('input'));
    said.push(document.getElementById('matched').textContent);
    const rows = () => [...document.querySelectorAll('#functions tr[data-frame]')].map(({ cells }) => [...cells].map(({ textContent }) => textContent).join(' ')).join('; ');
    said.push(rows());
    document.querySelectorAll('#functions th')[2].click();
    said.push(rows());
    document.title = said.join('\\n');`;
    writeFileSync(path, readFileSync(path, 'utf8').replace('</body>', `<script>${deeds}</script></body>`));
    const said = /<title>([^<]*)<\/title>/.exec(await shownDocument(urlOf(path)))?.[1]?.split('\n');
    expect(said).toEqual([
      'audit (audit.py) — 70.0 % before, 0.0 % after: −70.0 %',
      'true false',
      '100.0 % before, 42.5 % after matched',
      '−70.0 % 70.0 % 0.0 % −70.0 % 70.0 % 0.0 % audit audit.py; −20.0 % 30.0 % 10.0 % +12.5 % 30.0 % 42.5 % view views.py',
      '−20.0 % 30.0 % 10.0 % +12.5 % 30.0 % 42.5 % view views.py; −70.0 % 70.0 % 0.0 % −70.0 % 70.0 % 0.0 % audit audit.py',
    ]);
  },
);
