/** What runs in the page of a difference. */
import { callTree } from '../page-model/call-node.ts';
import { DIFFERENCE } from '../page-model/measure.ts';
import type { DifferenceData } from '../page-model/page-data.ts';
import { make, part } from './elements.ts';
import { FlameCanvas } from './flame-canvas.ts';
import { FunctionView } from './function-view.ts';
import { PageControls } from './page-controls.ts';
import { StatusLine } from './status-line.ts';

const data: DifferenceData = JSON.parse(part('data', HTMLScriptElement).textContent ?? '{}');
const status = new StatusLine();
const told = status.tell;
const functions = new FunctionView(data, DIFFERENCE, { told, opened: () => undefined });
const flame = new FlameCanvas(part('flame-host', HTMLElement), data, DIFFERENCE, {
  told,
  opened: openFunction,
});
const controls = new PageControls({
  views: { flame: () => flame.draw(), 'functions-view': () => functions.draw(), about: () => undefined },
  flame,
  functions,
});

function openFunction(frame: number): void {
  functions.choose(frame);
  controls.open('functions-view');
}

function fillAccount(): void {
  const rows = data.account.map(({ subject, before, after }) =>
    make('tr', '', make('th', '', subject), make('td', '', before), make('td', '', after)),
  );
  const head = make('tr', '', make('th', ''), make('th', '', 'before'), make('th', '', 'after'));
  part('account', HTMLTableElement).replaceChildren(head, ...rows);
}

const root = callTree(data, data);
flame.show(root, root);
functions.show(data);
fillAccount();
status.sentence = data.sentence;
controls.open('flame');
