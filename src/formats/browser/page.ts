/** What runs in the page of a profile. */
import { callTree } from '../page-model/call-node.ts';
import { SAMPLES } from '../page-model/measure.ts';
import type { PageData, PageThread, SeenStacks } from '../page-model/page-data.ts';
import { make, part } from './elements.ts';
import { FlameCanvas } from './flame-canvas.ts';
import { FunctionView } from './function-view.ts';
import { LinesView } from './lines-view.ts';
import { PageControls } from './page-controls.ts';
import { StatusLine } from './status-line.ts';
import { TimelineView } from './timeline-view.ts';

let data: PageData = JSON.parse(part('data', HTMLScriptElement).textContent ?? '{}');
const choice = part('threads', HTMLSelectElement);
const status = new StatusLine();
const told = status.tell;
const functions = new FunctionView(data, SAMPLES, { told, opened: () => undefined });
const flame = new FlameCanvas(part('flame-host', HTMLElement), data, SAMPLES, { told, opened: openFunction });
const timeline = new TimelineView(data, told);
const lines = new LinesView(data);
const controls = new PageControls({
  views: {
    flame: () => flame.draw(),
    'functions-view': () => functions.draw(),
    timeline: () => timeline.show(threads()),
    'lines-view': () => lines.show(),
    about: () => undefined,
  },
  flame,
  functions,
});

function openFunction(frame: number): void {
  functions.choose(data.frames[frame]?.function ?? frame);
  controls.open('functions-view');
}

function threads(): readonly PageThread[] {
  const index = choice.selectedIndex - 1;
  return data.threads.filter((_, place) => index < 0 || place === index);
}

function seen(): SeenStacks {
  return { now: threads().map(({ weights }) => weights), before: [] };
}

function showThreads(): void {
  const root = callTree(data, seen());
  flame.show(root, root);
  functions.show(seen());
  controls.find();
  controls.draw();
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
  status.sentence = data.sentence;
}

/** Shows what was recorded by now in the place of what was before. */
export function refresh(next: PageData): void {
  data = next;
  fillLists();
  timeline.refresh(data);
  lines.refresh(data);
  functions.refresh(data);
  const root = callTree(data, seen());
  flame.refresh(data, root, root);
  functions.show(seen());
  controls.find();
  controls.draw();
}

/** Says that nothing more comes. */
export function endRecording(): void {
  status.sentence = `the recording has ended: ${data.sentence}`;
}

choice.addEventListener('change', showThreads);
fillLists();
showThreads();
controls.open('flame');
