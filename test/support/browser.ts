import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A real browser of this machine; `undefined` where there is none. */
export const BROWSER = ['chromium', 'google-chrome', 'chromium-browser'].find(
  (name) => spawnSync(name, ['--version']).error === undefined,
);

/** The clock of a page runs as fast as it has nothing to do, for so long. */
const PAGE_TIME_MS = 7000;

/** Opens a page without a window; answers its document after its scripts have run. */
export async function shownDocument(url: string): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'pyflight-browser-'));
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    // Some pages draw by WebGL, which is computed here.
    '--enable-unsafe-swiftshader',
    '--window-size=900,700',
    `--user-data-dir=${home}`,
    `--virtual-time-budget=${PAGE_TIME_MS}`,
    '--dump-dom',
  ];
  try {
    return (await promisify(execFile)(BROWSER ?? '', [...flags, url], { maxBuffer: 64 * 1024 * 1024 }))
      .stdout;
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
