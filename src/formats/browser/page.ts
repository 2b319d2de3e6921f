/** What runs in the page of a profile: views, threads, search, keys, colours of day and night. */
import { callTree } from '../page-model/call-node.ts';
import type { PageData, PageThread } from '../page-model/page-data.ts';
import { make, part, patternOf } from './elements.ts';
import { FlameCanvas } from './flame-canvas.ts';
import { FunctionView } from './function-view.ts';
import { LinesView } from './lines-view.ts';
import { TimelineView } from './timeline-view.ts';

const VIEWS = ['flame', 'functions-view', 'timeline', 'lines-view', 'about'] as const;

let data: PageData = JSON.parse(part('data', HTMLScriptElement).textContent ?? '{}');
const status = part('status', HTMLElement);
const search = part('search', HTMLInputElement);
const choice = part('threads', HTMLSelectElement);
const help = part('help', HTMLDialogElement);
const upright = part('upright', HTMLButtonElement);

const told = (text: string | undefined): void => {
  status.textContent = text ?? data.sentence;
};
const functions = new FunctionView(data, { told, opened: () => undefined });
const flame = new FlameCanvas(part('flame-host', HTMLElement), data, { told, opened: openFunction });
const timeline = new TimelineView(data, told);
const lines = new LinesView(data);
let isUpright = false;
let shown: (typeof VIEWS)[number] = 'flame';

function openFunction(frame: number): void {
  functions.choose(data.frames[frame]?.function ?? frame);
  open('functions-view');
}

function open(view: (typeof VIEWS)[number]): void {
  shown = view;
  for (const each of VIEWS) {
    part(each, HTMLElement).hidden = each !== view;
    document.querySelector(`[data-view="${each}"]`)?.setAttribute('aria-selected', `${each === view}`);
  }
  draw();
}

function threads(): readonly PageThread[] {
  const index = choice.selectedIndex - 1;
  return data.threads.filter((_, place) => index < 0 || place === index);
}

/** Canvases have no size while they are hidden, so each view is drawn when it is opened. */
function draw(): void {
  if (shown === 'flame') flame.draw();
  if (shown === 'functions-view') functions.draw();
  if (shown === 'timeline') timeline.show(threads());
  if (shown === 'lines-view') lines.show();
}

function showThreads(): void {
  flame.show(callTree(data, threads()));
  functions.show(threads());
  find();
  draw();
}

function find(): void {
  const share = flame.search(patternOf(search.value));
  functions.search(search.value);
  part('matched', HTMLElement).textContent =
    search.value === '' ? '' : `${(share * 100).toFixed(1)} % matched`;
}

function turn(): void {
  isUpright = !isUpright;
  flame.isUpright = isUpright;
  upright.textContent = isUpright ? 'flame ▲' : 'icicle ▼';
}

function changeTheme(): void {
  const { dataset } = document.documentElement;
  const isDark =
    dataset['theme'] === undefined
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : dataset['theme'] === 'dark';
  dataset['theme'] = isDark ? 'light' : 'dark';
  draw();
}

function reset(): void {
  search.value = '';
  find();
  flame.reset();
}

/** What stands in lists: threads, and how the profile came about. */
function fillLists(): void {
  const names = data.threads.map(({ name }) => name);
  const chosen = choice.selectedIndex > 0 ? names.indexOf(choice.value) + 1 : 0;
  const options = [`all threads (${names.length})`, ...names];
  choice.replaceChildren(...options.map((name) => make('option', '', name)));
  choice.selectedIndex = chosen;
  const facts = [...data.account, { subject: 'written by', state: data.producer }];
  const lines = facts.flatMap(({ subject, state }) => [make('dt', '', subject), make('dd', '', state)]);
  part('account', HTMLElement).replaceChildren(...lines);
}

/** Shows what was recorded by now in the place of what was before. */
export function refresh(next: PageData): void {
  data = next;
  fillLists();
  timeline.refresh(data);
  lines.refresh(data);
  functions.refresh(data);
  flame.refresh(data, callTree(data, threads()));
  functions.show(threads());
  find();
  draw();
  told(undefined);
}

/** Says that nothing more comes. */
export function endRecording(): void {
  data = { ...data, sentence: `the recording has ended: ${data.sentence}` };
  told(undefined);
}

const KEYS: Readonly<Record<string, () => void>> = {
  '1': () => open('flame'),
  '2': () => open('functions-view'),
  '3': () => open('timeline'),
  '4': () => open('lines-view'),
  '5': () => open('about'),
  '/': () => search.select(),
  '?': () => help.showModal(),
  Escape: reset,
  f: turn,
  t: changeTheme,
};

function keyDown(event: KeyboardEvent): void {
  const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  const isFind = event.key === 'f' && (event.ctrlKey || event.metaKey);
  if (isFind) search.select();
  else if (event.key === 'Escape' && isTyping) {
    reset();
    search.blur();
  } else if (isTyping || help.open || event.ctrlKey || event.metaKey || event.altKey) return;
  else if (KEYS[event.key] === undefined) return;
  else KEYS[event.key]?.();
  event.preventDefault();
}

for (const view of VIEWS)
  document.querySelector(`[data-view="${view}"]`)?.addEventListener('click', () => open(view));
choice.addEventListener('change', showThreads);
search.addEventListener('input', find);
upright.addEventListener('click', turn);
part('theme', HTMLButtonElement).addEventListener('click', changeTheme);
part('show-help', HTMLButtonElement).addEventListener('click', () => help.showModal());
window.addEventListener('keydown', keyDown);
window.addEventListener('resize', draw);
told(undefined);
fillLists();
showThreads();
open('flame');
