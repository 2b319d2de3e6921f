import type { Interface, Key } from 'node:readline';

/** The lines to search, and the prompt that stands before them otherwise. */
interface Searched {
  readonly prompt: string;
  /** Oldest first. */
  readonly history: readonly string[];
}

interface Search {
  readonly query: string;
  /** Place of the line that is shown; the number of lines when none was found yet. */
  readonly place: number;
  readonly isFailing: boolean;
}

/** Ctrl-R: the newest line that holds what is typed now, and older ones at each further Ctrl-R, as in a shell. */
export class HistorySearch {
  readonly #lines: Interface;
  readonly #searched: Searched;
  #search: Search | undefined;
  #lineBefore = '';

  constructor(lines: Interface, searched: Searched) {
    this.#lines = lines;
    this.#searched = searched;
  }

  /** Takes a key when it belongs to a search; any other key ends it with the line that was found. */
  take(text: string | undefined, { ctrl = false, meta = false, name }: Key): boolean {
    const search = this.#search;
    if (ctrl && name === 'r') {
      this.#older(search);
      return true;
    }
    if (search === undefined) return false;
    if (ctrl && (name === 'g' || name === 'c')) this.#end(this.#lineBefore);
    else if (name === 'backspace') this.#find(search.query.slice(0, -1), this.#searched.history.length - 1);
    else if (!ctrl && !meta && text !== undefined && !/\p{Cc}/u.test(text))
      this.#find(search.query + text, Math.min(search.place, this.#searched.history.length - 1));
    else {
      this.#end(this.#lines.line);
      return false;
    }
    return true;
  }

  #older(search: Search | undefined): void {
    if (search !== undefined) {
      this.#find(search.query, search.place - 1);
      return;
    }
    this.#lineBefore = this.#lines.line;
    this.#show({ query: '', place: this.#searched.history.length, isFailing: false }, this.#lineBefore);
  }

  #find(query: string, from: number): void {
    const { history } = this.#searched;
    for (let place = from; query !== '' && place >= 0; place -= 1) {
      const line = history[place];
      if (line?.includes(query) !== true) continue;
      this.#show({ query, place, isFailing: false }, line);
      return;
    }
    const place = this.#search?.place ?? history.length;
    this.#show({ query, place, isFailing: query !== '' }, this.#lines.line);
  }

  #show(search: Search, line: string): void {
    this.#search = search;
    this.#lines.setPrompt(`(${search.isFailing ? 'not found' : 'search'}) ${search.query}: `);
    this.#setLine(line);
  }

  #end(line: string): void {
    this.#search = undefined;
    this.#lines.setPrompt(this.#searched.prompt);
    this.#setLine(line);
  }

  #setLine(line: string): void {
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
    this.#lines.write(line);
    this.#lines.prompt(true);
  }
}
