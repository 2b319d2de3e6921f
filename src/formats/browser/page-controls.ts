import { part, patternOf } from './elements.ts';
import type { FlameCanvas } from './flame-canvas.ts';
import type { FunctionView } from './function-view.ts';

/** What a page shows, by views that can be opened. */
export interface PageParts {
  /** The views by the ids of their sections, and what draws each: canvases have no size while they are hidden. */
  readonly views: Readonly<Record<string, () => void>>;
  readonly flame: FlameCanvas;
  readonly functions: FunctionView;
}

/** What every page can be told: views, search, keys, colours of day and night. */
export class PageControls {
  readonly #parts: PageParts;
  readonly #names: readonly string[];
  readonly #search = part('search', HTMLInputElement);
  readonly #matched = part('matched', HTMLElement);
  readonly #upright = part('upright', HTMLButtonElement);
  readonly #help = part('help', HTMLDialogElement);
  readonly #keys: Readonly<Record<string, () => void>>;
  #shown = '';
  #isUpright = false;

  constructor(parts: PageParts) {
    this.#parts = parts;
    this.#names = Object.keys(parts.views);
    this.#keys = {
      ...Object.fromEntries(this.#names.map((name, index) => [`${index + 1}`, () => this.open(name)])),
      '/': () => this.#search.select(),
      '?': () => this.#help.showModal(),
      Escape: () => this.#reset(),
      f: () => this.#turn(),
      t: () => this.#changeTheme(),
    };
    this.#listen();
  }

  /** Shows a view, and hides the others. */
  open(view: string): void {
    this.#shown = view;
    for (const name of this.#names) {
      part(name, HTMLElement).hidden = name !== view;
      tabOf(name)?.setAttribute('aria-selected', `${name === view}`);
    }
    this.draw();
  }

  /** Draws the view that is shown. */
  draw(): void {
    this.#parts.views[this.#shown]?.();
  }

  /** Marks what was searched in what is shown by now. */
  find(): void {
    const text = this.#search.value;
    this.#matched.textContent = this.#parts.flame.search(patternOf(text));
    this.#parts.functions.search(text);
  }

  #listen(): void {
    for (const name of this.#names) tabOf(name)?.addEventListener('click', () => this.open(name));
    this.#search.addEventListener('input', () => this.find());
    this.#upright.addEventListener('click', () => this.#turn());
    part('theme', HTMLButtonElement).addEventListener('click', () => this.#changeTheme());
    part('show-help', HTMLButtonElement).addEventListener('click', () => this.#help.showModal());
    window.addEventListener('keydown', (event) => this.#keyDown(event));
    window.addEventListener('resize', () => this.draw());
  }

  #reset(): void {
    this.#search.value = '';
    this.find();
    this.#parts.flame.reset();
  }

  #turn(): void {
    this.#isUpright = !this.#isUpright;
    this.#parts.flame.isUpright = this.#isUpright;
    this.#upright.textContent = this.#isUpright ? 'flame ▲' : 'icicle ▼';
  }

  #changeTheme(): void {
    const { dataset } = document.documentElement;
    const isDark =
      dataset['theme'] === undefined
        ? matchMedia('(prefers-color-scheme: dark)').matches
        : dataset['theme'] === 'dark';
    dataset['theme'] = isDark ? 'light' : 'dark';
    this.draw();
  }

  #keyDown(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    const isFind = event.key === 'f' && (event.ctrlKey || event.metaKey);
    if (isFind) this.#search.select();
    else if (event.key === 'Escape' && isTyping) {
      this.#reset();
      this.#search.blur();
    } else if (isTyping || this.#help.open || event.ctrlKey || event.metaKey || event.altKey) return;
    else if (this.#keys[event.key] === undefined) return;
    else this.#keys[event.key]?.();
    event.preventDefault();
  }
}

function tabOf(view: string): Element | null {
  return document.querySelector(`[data-view="${view}"]`);
}
