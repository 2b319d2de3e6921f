import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shownDocument } from './browser.ts';

/** A row of a table that a reader makes of a profile: what was seen, in looks or nanoseconds, and what it is called. */
export interface ReadRow {
  readonly name: string;
  readonly own: number;
  readonly total: number;
}

/** Opens its table as soon as the profile is there, and writes what is in it where a test finds it. */
const DEEDS = `
const timer = setInterval(() => {
  const tabs = [...document.querySelectorAll('div')].filter(({ textContent }) => textContent.endsWith('Sandwich'));
  tabs.at(-1)?.click();
  window.dispatchEvent(new Event('resize'));
  const rows = [...document.querySelectorAll('tr')].map(({ cells }) => [...cells].map(({ textContent }) => textContent));
  const found = rows.filter(([total, , name]) => total.endsWith('%)') && name !== undefined);
  if (found.length === 0) return;
  clearInterval(timer);
  const result = document.createElement('pre');
  result.id = 'result';
  result.textContent = JSON.stringify(found);
  document.body.append(result);
}, 100);`;

/** Has speedscope itself read a file; answers the rows of its table. */
export async function readBySpeedscope(path: string): Promise<readonly ReadRow[]> {
  const page = fileURLToPath(import.meta.resolve('speedscope/dist/release/index.html'));
  const script = `${path}.js`;
  const content = readFileSync(path).toString('base64');
  // As its own command line opens files.
  writeFileSync(
    script,
    `speedscope.loadFileFromBase64(${JSON.stringify(basename(path))}, "${content}");${DEEDS}`,
  );
  const shown = await shownDocument(`file://${page}#localProfilePath=${script}`);
  const found = /<pre id="result">([^<]*)</.exec(shown)?.[1] ?? '[]';
  const rows: readonly (readonly string[])[] = JSON.parse(withoutEntities(found));
  return rows.map(([total = '', own = '', name = '']) => ({
    name,
    own: amountOf(own),
    total: amountOf(total),
  }));
}

const NANOSECONDS: Readonly<Record<string, number>> = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };

/** `547.33ms (18%)` in nanoseconds, `541 (62%)` as it is. */
function amountOf(text: string): number {
  const [, amount = '', unit = ''] = /^([\d.,]+)(\D*?) \(/.exec(text) ?? [];
  return Math.round(Number(amount.replaceAll(',', '')) * (NANOSECONDS[unit] ?? 1));
}

function withoutEntities(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
