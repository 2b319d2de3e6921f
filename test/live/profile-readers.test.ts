import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { findFormat } from '../../src/formats/registry.ts';
import { SHOP_PROFILE } from '../support/profiles.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-formats-'));
afterAll(() => rmSync(directory, { recursive: true }));

const BROWSERS = ['chromium', 'google-chrome', 'chromium-browser'];
const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).error === undefined);
const hasGo = spawnSync('go', ['version']).error === undefined;

function writtenFile(name: string): string {
  const path = join(directory, name);
  const parts = [...findFormat(name).write(SHOP_PROFILE, { producer: 'pyflight 0.1.0' })];
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
