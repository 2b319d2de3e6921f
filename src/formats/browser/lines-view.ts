import type { PageData } from '../page-model/page-data.ts';
import { percent } from '../page-model/quantity-text.ts';
import { make, part } from './elements.ts';

/** The lines of a source file, as warm as what was seen of them. */
export class LinesView {
  #data: PageData;
  readonly #choice = part('files', HTMLSelectElement);
  readonly #table = part('lines', HTMLTableElement);

  constructor(data: PageData) {
    this.#data = data;
    this.#choice.addEventListener('change', () => this.show());
    this.refresh(data);
  }

  /** Shows other lines, of the same file if they have it. */
  refresh(data: PageData): void {
    const chosen = this.#data.sources[this.#choice.selectedIndex]?.file;
    this.#data = data;
    this.#choice.replaceChildren(...data.sources.map(({ name }) => make('option', '', name)));
    this.#choice.selectedIndex = Math.max(
      0,
      data.sources.findIndex(({ file }) => file === chosen),
    );
    this.show();
  }

  show(): void {
    const whole = this.#data.threads.reduce((sum, { looks }) => sum + looks, 0);
    const source = this.#data.sources[this.#choice.selectedIndex];
    const lines = source?.lines ?? [];
    const most = Math.max(1, ...lines.map(([, own]) => own));
    const head = make(
      'tr',
      '',
      make('th', 'number', 'own'),
      make('th', 'number', 'total'),
      make('th', 'number', 'line'),
      make('th', '', ''),
    );
    const rows = lines.map(([line, own, total, text], index) => {
      const isApart = index > 0 && line !== (lines[index - 1]?.[0] ?? 0) + 1;
      const row = make(
        'tr',
        isApart ? 'apart' : '',
        make('td', 'number', own === 0 ? '' : percent(own, whole)),
        make('td', 'number', total === 0 ? '' : percent(total, whole)),
        make('td', 'number faint', `${line}`),
        make('td', 'source', text),
      );
      row.style.setProperty('--heat', `${Math.round(Math.sqrt(own / most) * 60)}%`);
      return row;
    });
    this.#table.replaceChildren(head, ...rows);
  }
}
