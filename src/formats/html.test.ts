import { expect, test } from 'vitest';
import { makeProfile, makeProfiledProcess, SHOP_PROFILE, writtenText } from '../../test/support/profiles.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './generated/page-scripts.ts';
import { html } from './html.ts';
import { pageContent } from './page-content.ts';

function written(profile = SHOP_PROFILE): string {
  return writtenText(html.write(profile, { producer: 'pyflight 0.1.0' }));
}

function dataIn(page: string): unknown {
  return JSON.parse(/<script id="data" type="application\/json">(.*?)<\/script>/s.exec(page)?.[1] ?? '');
}

test('html holds what it shows as data, and asks the network for nothing', () => {
  const page = written();
  expect(dataIn(page)).toEqual(pageContent(SHOP_PROFILE, { producer: 'pyflight 0.1.0' }));
  expect(page).not.toMatch(/\b(?:src|href)=|url\(|https?:|import\(|fetch\(/);
});

test('html stays within its scripts, whatever names hold', () => {
  const name = '</script><script>alert(1)</script><!--';
  const page = written(
    makeProfile([{ stack: [`${name}@/srv/${name}.py:1`] }], {
      processes: [makeProfiledProcess({ commandLine: [name, '"', "'"] })],
    }),
  );
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page).not.toContain('<!--');
  expect(JSON.stringify(dataIn(page))).toContain(name);
});

test('html has an element for each id that its script asks for', () => {
  const page = written();
  const ids = [...PAGE_SCRIPT.matchAll(/\("([a-z-]+)",HTML\w*\)/g)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(8);
  for (const id of ids) expect(page).toContain(`id="${id}"`);
});

test('the script and style of the page stay small', () => {
  expect(PAGE_SCRIPT.length + PAGE_STYLE.length).toBeLessThan(40_000);
});

test('pageContent() has threads with the busiest first, their states and their spans of time', () => {
  const [main, worker] = pageContent(SHOP_PROFILE, { producer: '' }).threads;
  expect(main).toMatchObject({ name: 'thread (5010): MainThread', looks: 100, onCpu: 1, holdsGil: 0.7 });
  expect(worker).toMatchObject({ name: 'thread (5011): worker <1>', onCpu: 0, waitsForGil: 0.1 });
  expect(new Set(worker?.cpu)).toEqual(new Set([0]));
  expect(new Set(worker?.spans).size).toBe(2);
});

test('pageContent() has the source of lines where it is known', () => {
  const sourceOf = (file: string) =>
    file.endsWith('views.py') ? Array(40).fill('\tx = 1\u001b') : undefined;
  const { sources } = pageContent(SHOP_PROFILE, { producer: '', sourceOf });
  const views = sources.find(({ name }) => name === 'views.py');
  expect(views?.lines.map(([line]) => line)).toEqual([27, 28, 29, 30, 31, 32, 33, 34]);
  expect(views?.lines[3]).toEqual([30, 20, 20, String.raw`    x = 1\x1b`]);
  expect(sources.find(({ name }) => name === 'queue.py')?.lines).toEqual([[4, 90, 90, '']]);
});
