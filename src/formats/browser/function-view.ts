import {
  calleeTree,
  callerTree,
  emptyNode,
  type FunctionSum,
  functionSums,
  wholeOf,
} from '../page-model/call-node.ts';
import type { FunctionColumn, Measure } from '../page-model/measure.ts';
import type { PageStacks, SeenStacks } from '../page-model/page-data.ts';
import { make, part, patternOf } from './elements.ts';
import { FlameCanvas, type FlameEvents } from './flame-canvas.ts';

/** More rows help nobody, and take the browser long. */
const MOST_ROWS = 400;

/** A table of functions and, of the one that is chosen, what calls it and what it calls. */
export class FunctionView {
  #stacks: PageStacks;
  readonly #measure: Measure;
  readonly #table = part('functions', HTMLTableElement);
  readonly #chosenName = part('chosen', HTMLElement);
  readonly #callers: FlameCanvas;
  readonly #callees: FlameCanvas;
  #seen: SeenStacks = { now: [], before: [] };
  #whole = emptyNode(-1);
  #sums: readonly FunctionSum[] = [];
  #column = 0;
  #chosen = -1;
  #pattern: RegExp | undefined;

  constructor(stacks: PageStacks, measure: Measure, events: FlameEvents) {
    this.#stacks = stacks;
    this.#measure = measure;
    const opened = {
      ...events,
      opened: (frame: number) => this.choose(this.#stacks.frames[frame]?.function ?? frame),
    };
    this.#callers = new FlameCanvas(part('callers', HTMLElement), stacks, measure, opened);
    this.#callees = new FlameCanvas(part('callees', HTMLElement), stacks, measure, opened);
  }

  /** Takes other data, in which a function may have another number. */
  refresh(stacks: PageStacks): void {
    const chosen = this.#stacks.frames[this.#chosen];
    this.#stacks = stacks;
    this.#chosen = stacks.frames.findIndex(
      ({ name, file, function: own }, index) =>
        own === index && name === chosen?.name && file === chosen.file,
    );
    const nothing = emptyNode(-1);
    this.#callers.refresh(stacks, nothing, nothing);
    this.#callees.refresh(stacks, nothing, nothing);
  }

  show(seen: SeenStacks): void {
    this.#seen = seen;
    this.#whole = wholeOf(seen);
    this.#sums = functionSums(this.#stacks, seen);
    this.draw();
    this.choose(this.#chosen >= 0 ? this.#chosen : (this.#sorted()[0]?.frame ?? -1));
  }

  search(text: string): void {
    this.#pattern = patternOf(text);
    this.draw();
  }

  /** Draws what depends on the size of the window too. */
  draw(): void {
    const head = make('tr', '');
    for (const [index, { heading }] of this.#measure.columns.entries()) {
      const cell = make('th', index === this.#column ? 'number sorted' : 'number', heading);
      cell.addEventListener('click', () => {
        this.#column = index;
        this.draw();
      });
      head.append(cell);
    }
    head.append(make('th', '', 'function'));
    const rows = this.#sorted()
      .slice(0, MOST_ROWS)
      .map((sum) => this.#row(sum));
    this.#table.replaceChildren(head, ...rows);
    this.#callers.draw();
    this.#callees.draw();
  }

  /** Shows what calls a function and what it calls. */
  choose(frame: number): void {
    this.#chosen = frame;
    const chosen = this.#stacks.frames[frame];
    this.#chosenName.textContent = chosen === undefined ? '' : `${chosen.name} (${chosen.place})`;
    this.#callers.show(callerTree(this.#stacks, this.#seen, frame), this.#whole);
    this.#callees.show(calleeTree(this.#stacks, this.#seen, frame), this.#whole);
    for (const row of this.#table.rows) row.classList.toggle('chosen', row.dataset['frame'] === `${frame}`);
  }

  #sorted(): readonly FunctionSum[] {
    const column = this.#measure.columns[this.#column];
    const order = (sum: FunctionSum): number => column?.order(sum, this.#whole) ?? 0;
    const isShown = ({ frame }: FunctionSum): boolean => {
      const { name, file } = this.#stacks.frames[frame] ?? { name: '', file: '' };
      return this.#pattern === undefined || this.#pattern.test(name) || this.#pattern.test(file);
    };
    return this.#sums
      .filter(isShown)
      .sort((one, other) => order(other) - order(one) || other.now.total - one.now.total);
  }

  #row(sum: FunctionSum): HTMLElement {
    const { name, place, origin } = this.#stacks.frames[sum.frame] ?? {
      name: '?',
      place: '',
      origin: 'other',
    };
    const row = make(
      'tr',
      sum.frame === this.#chosen ? 'chosen' : '',
      ...this.#measure.columns.map((column) => this.#cell(column, sum)),
      make('td', 'name', make('i', `dot ${origin}`), name, ' ', make('span', 'faint', place)),
    );
    row.dataset['frame'] = `${sum.frame}`;
    row.addEventListener('click', () => this.choose(sum.frame));
    return row;
  }

  #cell({ text, bar, color }: FunctionColumn, sum: FunctionSum): HTMLElement {
    const cell = make('td', 'number', text(sum, this.#whole));
    if (bar !== undefined) {
      cell.classList.add('bar');
      cell.style.setProperty('--part', `${bar(sum, this.#whole) * 100}%`);
    }
    if (color !== undefined) {
      cell.classList.add('painted');
      cell.style.setProperty('--paint', color(sum, this.#whole));
    }
    return cell;
  }
}
