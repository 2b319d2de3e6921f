import { expect, test } from 'vitest';
import { makeAccount, makeProfile, writtenText } from '../../test/support/profiles.ts';
import { differenceContent } from './difference-html.ts';
import { gainColor } from './frame-color.ts';
import { DIFFERENCE_PAGE_SCRIPT } from './generated/page-scripts.ts';
import { html } from './html.ts';
import { callBoxes, calleeTree, callTree, functionSums, wholeOf } from './page-model/call-node.ts';
import { DIFFERENCE } from './page-model/measure.ts';

const BEFORE = makeProfile(
  [
    { stack: 'main;slow@/srv/app.py:5', looks: 5 },
    { stack: 'main;gone', looks: 5 },
  ],
  { account: makeAccount({ samples: 10 }) },
);
const AFTER = makeProfile(
  [
    { stack: 'main;slow@/srv/app.py:9', looks: 15 },
    { stack: 'main;new', looks: 5 },
  ],
  { account: makeAccount({ samples: 20, mostTasks: 3, tasksRead: 300 }) },
);
const DATA = differenceContent(BEFORE, AFTER, { producer: 'pyflight 0.1.0' });
const WHOLE = wholeOf(DATA);

function nameOf(frame: number): string {
  return DATA.frames[frame]?.name ?? 'all';
}

test('a page of a difference has boxes for what has grown, shrunk, come and gone, whatever line it is at', () => {
  const root = callTree(DATA, DATA);
  const boxes = callBoxes(root, (node) => DIFFERENCE.width(node, WHOLE)).map(({ node, width, depth }) => {
    const place = { node, root, whole: WHOLE };
    const color = DIFFERENCE.color(place, DATA.frames[node.frame]);
    return [`${depth} ${nameOf(node.frame)} ${width}`, DIFFERENCE.text(place), color];
  });
  expect(boxes.slice(1)).toEqual([
    ['1 main 1', '100.0 % before, 100.0 % after: +0.0 %', gainColor(0)],
    ['2 slow 0.625', '50.0 % before, 75.0 % after: +25.0 %', gainColor(0.25)],
    ['2 gone 0.25', '50.0 % before, 0.0 % after: −50.0 %', gainColor(-0.5)],
    ['2 new 0.125', '0.0 % before, 25.0 % after: +25.0 %', gainColor(0.25)],
  ]);
});

test('its table has the shares before and after and what lies between them, what has changed most first', () => {
  const [byChange] = DIFFERENCE.columns;
  const rows = functionSums(DATA, DATA)
    .toSorted((one, other) => (byChange?.order(other, WHOLE) ?? 0) - (byChange?.order(one, WHOLE) ?? 0))
    .map((sum) => [nameOf(sum.frame), ...DIFFERENCE.columns.map(({ text }) => text(sum, WHOLE))]);
  const headings = DIFFERENCE.columns.map(({ heading }) => heading);
  expect(headings).toEqual(['own ±', 'before', 'after', 'total ±', 'before', 'after']);
  expect(rows).toEqual([
    ['gone', '−50.0 %', '50.0 %', '0.0 %', '−50.0 %', '50.0 %', '0.0 %'],
    ['slow', '+25.0 %', '50.0 %', '75.0 %', '+25.0 %', '50.0 %', '75.0 %'],
    ['new', '+25.0 %', '0.0 %', '25.0 %', '+25.0 %', '0.0 %', '25.0 %'],
    ['main', '+0.0 %', '0.0 %', '0.0 %', '+0.0 %', '100.0 %', '100.0 %'],
  ]);
});

test('what a function calls is told as shares of all, and a search says both', () => {
  const slow = DATA.frames.findIndex(({ name }) => name === 'slow');
  const root = calleeTree(DATA, DATA, slow);
  expect(DIFFERENCE.text({ node: root, root, whole: WHOLE })).toBe('50.0 % before, 75.0 % after: +25.0 %');
  expect(DIFFERENCE.matched([root], WHOLE)).toBe('50.0 % before, 75.0 % after matched');
});

test('it says how both came about, and what only one of them has', () => {
  const account = new Map(DATA.account.map(({ subject, before, after }) => [subject, [before, after]]));
  expect(account.get('samples')).toEqual(['10, none left out', '20, none left out']);
  expect(account.get('tasks')).toEqual(['', expect.stringMatching(/^3 at most/)]);
  expect(account.get('program')).toEqual([
    'python3 /srv/shop/app.py --fast',
    'python3 /srv/shop/app.py --fast',
  ]);
  expect(account.get('left out')).toEqual(['nothing', 'nothing']);
});

test('html with a baseline is one page that asks the network for nothing, with an element for each id of its script', () => {
  const page = writtenText(html.write(AFTER, { producer: 'pyflight 0.1.0', baseline: BEFORE }));
  expect(page).not.toMatch(/\b(?:src|href)=|url\(|https?:|import\(|fetch\(/);
  const ids = [...DIFFERENCE_PAGE_SCRIPT.matchAll(/\("([a-z-]+)",HTML\w*\)/g)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(8);
  for (const id of ids) expect(page).toContain(`id="${id}"`);
});
