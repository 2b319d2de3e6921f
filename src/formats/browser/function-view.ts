import {
  calleeTree,
  callerTree,
  emptyNode,
  type FunctionSum,
  functionSums,
} from '../page-model/call-node.ts';
import type { PageData, PageThread } from '../page-model/page-data.ts';
import { duration, make, part, patternOf, percent } from './elements.ts';
import { FlameCanvas, type FlameEvents } from './flame-canvas.ts';

/** More rows help nobody, and take the browser long. */
const MOST_ROWS = 400;

const COLUMNS = [
  { heading: 'own', of: ({ own }: FunctionSum) => own },
  { heading: 'total', of: ({ total }: FunctionSum) => total },
  { heading: 'own time', of: ({ ownNs }: FunctionSum) => ownNs },
] as const;

/** A table of functions and, of the one that is chosen, what calls it and what it calls. */
export class FunctionView {
  #data: PageData;
  readonly #table = part('functions', HTMLTableElement);
  readonly #chosenName = part('chosen', HTMLElement);
  readonly #callers: FlameCanvas;
  readonly #callees: FlameCanvas;
  #threads: readonly PageThread[] = [];
  #sums: readonly FunctionSum[] = [];
  #column = 0;
  #chosen = -1;
  #pattern: RegExp | undefined;

  constructor(data: PageData, events: FlameEvents) {
    this.#data = data;
    const opened = {
      ...events,
      opened: (frame: number) => this.choose(this.#data.frames[frame]?.function ?? frame),
    };
    this.#callers = new FlameCanvas(part('callers', HTMLElement), data, opened);
    this.#callees = new FlameCanvas(part('callees', HTMLElement), data, opened);
  }

  /** Takes other data, in which a function may have another number. */
  refresh(data: PageData): void {
    const chosen = this.#data.frames[this.#chosen];
    this.#data = data;
    this.#chosen = data.frames.findIndex(
      ({ name, file, function: own }, index) =>
        own === index && name === chosen?.name && file === chosen.file,
    );
    this.#callers.refresh(data, emptyNode(-1));
    this.#callees.refresh(data, emptyNode(-1));
  }

  show(threads: readonly PageThread[]): void {
    this.#threads = threads;
    this.#sums = functionSums(this.#data, threads);
    this.draw();
    this.choose(this.#chosen >= 0 ? this.#chosen : (this.#sorted()[0]?.frame ?? -1));
  }

  search(text: string): void {
    this.#pattern = patternOf(text);
    this.draw();
  }

  /** Draws what depends on the size of the window too. */
  draw(): void {
    const whole = this.#threads.reduce((sum, { looks }) => sum + looks, 0);
    const head = make('tr', '');
    for (const [index, { heading }] of COLUMNS.entries()) {
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
      .map((sum) => this.#row(sum, whole));
    this.#table.replaceChildren(head, ...rows);
    this.#callers.draw();
    this.#callees.draw();
  }

  /** Shows what calls a function and what it calls. */
  choose(frame: number): void {
    this.#chosen = frame;
    const chosen = this.#data.frames[frame];
    this.#chosenName.textContent = chosen === undefined ? '' : `${chosen.name} (${chosen.place})`;
    this.#callers.show(callerTree(this.#data, this.#threads, frame));
    this.#callees.show(calleeTree(this.#data, this.#threads, frame));
    for (const row of this.#table.rows) row.classList.toggle('chosen', row.dataset['frame'] === `${frame}`);
  }

  #sorted(): readonly FunctionSum[] {
    const of = COLUMNS[this.#column]?.of ?? COLUMNS[0].of;
    const isShown = ({ frame }: FunctionSum): boolean => {
      const { name, file } = this.#data.frames[frame] ?? { name: '', file: '' };
      return this.#pattern === undefined || this.#pattern.test(name) || this.#pattern.test(file);
    };
    return this.#sums.filter(isShown).sort((one, other) => of(other) - of(one) || other.total - one.total);
  }

  #row(sum: FunctionSum, whole: number): HTMLElement {
    const { name, place, origin } = this.#data.frames[sum.frame] ?? { name: '?', place: '', origin: 'other' };
    const bar = make('td', 'number bar', percent(sum.own, whole));
    bar.style.setProperty('--part', `${(sum.own / Math.max(whole, 1)) * 100}%`);
    const row = make(
      'tr',
      sum.frame === this.#chosen ? 'chosen' : '',
      bar,
      make('td', 'number', percent(sum.total, whole)),
      make('td', 'number', duration(sum.ownNs)),
      make('td', 'name', make('i', `dot ${origin}`), name, ' ', make('span', 'faint', place)),
    );
    row.dataset['frame'] = `${sum.frame}`;
    row.addEventListener('click', () => this.choose(sum.frame));
    return row;
  }
}
