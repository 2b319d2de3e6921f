import { AgentAnswerError } from '../base/errors.ts';

/** The longest text that is taken where nothing else is said. */
const LONGEST_TEXT = 1_000_000;
const MOST_ITEMS = 200_000;

/**
 * One JSON object of the agent, read field by field. Each reader throws {@link AgentAnswerError} for what is not there
 * or is something else.
 */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #what: string;

  private constructor(values: ReadonlyMap<string, unknown>, what: string) {
    this.#values = values;
    this.#what = what;
  }

  /** Takes any JSON value; `what` names it in a message. */
  static of(value: unknown, what: string): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new AgentAnswerError(`${what} is no object`);
    }
    return new Fields(new Map(Object.entries(value)), what);
  }

  /** Whether it has a field that is not null. */
  has(name: string): boolean {
    return this.#get(name) !== undefined;
  }

  text(name: string): string {
    const value = this.#get(name);
    if (typeof value !== 'string') throw this.#wrong(name, 'text');
    if (value.length > LONGEST_TEXT) throw this.#wrong(name, 'text of that length');
    return value;
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  flag(name: string): boolean {
    const value = this.#get(name);
    if (typeof value !== 'boolean') throw this.#wrong(name, 'true or false');
    return value;
  }

  number(name: string): number {
    const value = this.#get(name);
    if (typeof value !== 'number') throw this.#wrong(name, 'number');
    return value;
  }

  /** A count, an id or an address. */
  whole(name: string): number {
    const value = this.number(name);
    if (!Number.isSafeInteger(value) || value < 0) throw this.#wrong(name, 'whole number');
    return value;
  }

  optionalWhole(name: string): number | undefined {
    return this.has(name) ? this.whole(name) : undefined;
  }

  list<Item>(name: string, parse: (item: unknown, what: string) => Item): readonly Item[] {
    const value = this.#get(name);
    if (!Array.isArray(value)) throw this.#wrong(name, 'list');
    if (value.length > MOST_ITEMS) throw this.#wrong(name, 'list of that length');
    return value.map((item) => parse(item, `${this.#what}.${name}`));
  }

  texts(name: string): readonly string[] {
    return this.list(name, (item, what) => {
      if (typeof item !== 'string' || item.length > LONGEST_TEXT)
        throw new AgentAnswerError(`${what} holds no text`);
      return item;
    });
  }

  fields(name: string): Fields {
    return Fields.of(this.#get(name), `${this.#what}.${name}`);
  }

  /** Any value, for a parser of its own; `undefined` for null and for none. */
  value(name: string): unknown {
    return this.#get(name);
  }

  /** One of a few words. */
  word<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.text(name);
    const found = words.find((word) => word === value);
    if (found === undefined) throw this.#wrong(name, words.join(' or '));
    return found;
  }

  #get(name: string): unknown {
    return this.#values.get(name) ?? undefined;
  }

  #wrong(name: string, wanted: string): AgentAnswerError {
    return new AgentAnswerError(`${this.#what}.${name} is no ${wanted}`);
  }
}
