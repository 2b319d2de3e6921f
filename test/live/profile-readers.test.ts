import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { findFormat } from '../../src/formats/registry.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { makeProfile, SHOP_PROFILE } from '../support/profiles.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-formats-'));
afterAll(() => rmSync(directory, { recursive: true }));

const BROWSERS = ['chromium', 'google-chrome', 'chromium-browser'];
const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).error === undefined);
const hasGo = spawnSync('go', ['version']).error === undefined;

function writtenFile(name: string, baseline?: Profile): string {
  const path = join(directory, name);
  const options = { producer: 'pyflight 0.1.0', ...(baseline === undefined ? {} : { baseline }) };
  const parts = [...findFormat(name).write(SHOP_PROFILE, options)];
  writeFileSync(path, Buffer.concat(parts.map((part) => Buffer.from(part))));
  return path;
}

/** What the document is after its scripts have run. */
function shownDocument(path: string): string {
  const home = `--user-data-dir=${join(directory, 'browser')}`;
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--window-size=900,700', home];
  const args = [...flags, '--virtual-time-budget=2000', '--dump-dom', pathToFileURL(path).href];
  return execFileSync(browser ?? '', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

test.skipIf(!hasGo)('go tool pprof reads what is written for it', () => {
  const top = execFileSync(
    'go',
    ['tool', 'pprof', '-top', '-sample_index=samples', writtenFile('shop.pb.gz')],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  expect(top).toMatch(/Total samples = 200\s/);
  expect(top).toMatch(/90 45\.00%.* wait\n/);
  expect(top).toMatch(/85 42\.50%\s+view|20 10\.00%.*85 42\.50%.* view\n/);
});

test.skipIf(browser === undefined)('a browser runs the script of the flame graph', () => {
  const svg = shownDocument(writtenFile('shop.svg'));
  expect(svg).toMatch(/<svg[^>]* width="100%"/);
  expect(svg).not.toMatch(/<svg[^>]* viewBox=/);
  expect(svg).toContain('placeholder="search (Ctrl-F)"');
  // The whole is as wide as the window, and text is cut to its box.
  expect(svg).toMatch(/<title>all [^<]*<\/title><rect x="10.0" y="74" width="879.5"/);
});

test.skipIf(browser === undefined)('a browser runs the script of the page', () => {
  const page = shownDocument(writtenFile('shop.html'));
  expect(page).toContain('100 of 100 Hz, 200 samples');
  expect(page).toContain('<option class="">all threads (2)</option>');
  expect(page.match(/<tr class="[^"]*" data-frame=/g)).toHaveLength(12);
  expect(page).toContain('thread (5011): worker &lt;1&gt;');
});

test.skipIf(browser === undefined)(
  'a browser shows a difference, finds in it what is typed, and sorts it',
  () => {
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
    const said = /<title>([^<]*)<\/title>/.exec(shownDocument(path))?.[1]?.split('\n');
    expect(said).toEqual([
      'audit (audit.py) — 70.0 % before, 0.0 % after: −70.0 %',
      'true false',
      '100.0 % before, 42.5 % after matched',
      '−70.0 % 70.0 % 0.0 % −70.0 % 70.0 % 0.0 % audit audit.py; −20.0 % 30.0 % 10.0 % +12.5 % 30.0 % 42.5 % view views.py',
      '−20.0 % 30.0 % 10.0 % +12.5 % 30.0 % 42.5 % view views.py; −70.0 % 70.0 % 0.0 % −70.0 % 70.0 % 0.0 % audit audit.py',
    ]);
  },
);
