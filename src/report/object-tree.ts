import { hex } from '../base/address.ts';
import { escapeForTerminal, quoteDoubly } from '../base/escaping.ts';
import type { ObjectView } from '../model/object-view.ts';
import { formatObject } from './object-text.ts';

type View<Kind extends ObjectView['kind']> = Extract<ObjectView, { readonly kind: Kind }>;

/** How much of an object a tree shows. */
export interface TreeManner {
  /** Levels that have a line for each item; what is deeper stands on one. */
  readonly depth: number;
  /** Characters of the whole tree. */
  readonly budget: number;
}

/** An object as lines of text. */
export interface ObjectTree {
  readonly lines: readonly string[];
  /** The budget was spent before all was shown; marks say where. */
  readonly isCut: boolean;
}

/** What a container on one line may take. */
const LINE_BUDGET = 100;

/**
 * Renders an object with a line for each item, in the layout of PyFlightProfiler: `Cart({`, `  "id": 17,`, `})`. Keys stand in
 * their own order, and what was left out is counted: `... 12 more`. No control characters of the target come through.
 */
export function objectTree(view: ObjectView, { depth, budget }: TreeManner): ObjectTree {
  const writer = new TreeWriter(budget);
  const lines = writer.block(view, depth);
  return { lines, isCut: writer.isCut };
}

/** What stands around the items of a container, and how each of them begins. */
interface Container {
  readonly open: string;
  readonly close: string;
  readonly items: readonly { readonly label: string; readonly value: ObjectView }[];
  readonly omitted: number;
}

class TreeWriter {
  #left: number;
  isCut = false;

  constructor(budget: number) {
    this.#left = budget;
  }

  /** The lines of an object, the first of them to be put behind what stands before it. */
  block(view: ObjectView, depth: number): readonly string[] {
    const container = depth > 0 ? containerOf(view) : undefined;
    if (container === undefined) return [this.#spent(lineOf(view, depth > 0 ? this.#left : LINE_BUDGET))];
    const { open, close, items, omitted } = container;
    if (items.length === 0 && omitted === 0) return [this.#spent(open + close)];
    const lines = [this.#spent(open)];
    const shown = this.#writeItems(container, depth, lines);
    const rest = items.length - shown + omitted;
    if (rest > 0) lines.push(`  ... ${rest} more`);
    lines.push(close);
    return lines;
  }

  /** Answers for how many the budget was enough. */
  #writeItems({ open, items, omitted }: Container, depth: number, lines: string[]): number {
    const isTupleOfOne = open === '(' && items.length + omitted === 1;
    let shown = 0;
    for (const { label, value } of items) {
      if (this.#left <= 0) break;
      shown += 1;
      const before = label === '' ? '' : this.#spent(label);
      const [first = '', ...others] = this.block(value, depth - 1);
      const block = [`${before}${first}`, ...others].map((line) => `  ${line}`);
      const isLast = shown === items.length && omitted === 0 && !isTupleOfOne;
      lines.push(...block.slice(0, -1), `${block.at(-1)}${isLast ? '' : ','}`);
    }
    this.isCut ||= shown < items.length;
    return shown;
  }

  #spent(text: string): string {
    this.#left -= text.length + 1;
    return text;
  }
}

/** What has no lines of its own for its parts. */
function lineOf(view: ObjectView, budget: number): string {
  switch (view.kind) {
    case 'str':
      return stringLine(view);
    case 'cycle':
      return `<cycle: ${escapeForTerminal(view.typeName)} at ${hex(view.address)}>`;
    default:
      return formatObject(view, Math.max(budget, LINE_BUDGET));
  }
}

function stringLine({ value, omitted, python2 }: View<'str'>): string {
  const text = `${python2 === 'unicode' ? 'u' : ''}${quoteDoubly(value)}`;
  return omitted === 0 ? text : `${text}... ${omitted} more characters`;
}

const BRACKETS: Readonly<Record<View<'sequence'>['type'], readonly [string, string]>> = {
  tuple: ['(', ')'],
  list: ['[', ']'],
  set: ['set(', ')'],
  frozenset: ['frozenset(', ')'],
  deque: ['deque(', ')'],
};

function containerOf(view: ObjectView): Container | undefined {
  switch (view.kind) {
    case 'sequence': {
      const [open, close] = BRACKETS[view.type];
      return { open, close, items: unnamed(view.items), omitted: view.omitted };
    }
    case 'mapping':
      return { open: '{', close: '}', items: view.entries.map(entryOf), omitted: view.omitted };
    case 'instance':
      return instanceOf(view);
    case 'subclass':
      return subclassOf(view);
    case 'exception':
      return exceptionOf(view);
    default:
      return undefined;
  }
}

function unnamed(items: readonly ObjectView[]): Container['items'] {
  return items.map((value) => ({ label: '', value }));
}

/** Keys that are no strings are shown as they are, so that `1` and `"1"` differ. */
function entryOf({ key, value }: View<'mapping'>['entries'][number]): Container['items'][number] {
  return { label: `${lineOf(key, LINE_BUDGET)}: `, value };
}

/** One without attributes is known by its address. */
function instanceOf({ typeName, attributes, omitted }: View<'instance'>): Container | undefined {
  if (attributes.length === 0 && omitted === 0) return undefined;
  const items = attributes.map(({ name, value }) => ({ label: `${quoteDoubly(name)}: `, value }));
  return { open: `${shortName(typeName)}({`, close: '})', items, omitted };
}

function subclassOf({ typeName, base, fieldNames }: View<'subclass'>): Container | undefined {
  const inner = containerOf(base);
  if (inner === undefined) return undefined;
  const name = shortName(typeName);
  if (fieldNames !== undefined && base.kind === 'sequence') {
    const items = base.items.map((value, index) => {
      const field = fieldNames[index];
      return { label: field === undefined ? '' : `${escapeForTerminal(field)}=`, value };
    });
    return { open: `${name}(`, close: ')', items, omitted: base.omitted };
  }
  const isNamed = inner.open.length > 1;
  return isNamed
    ? { ...inner, open: `${name}(`, close: ')' }
    : { ...inner, open: `${name}(${inner.open}`, close: `${inner.close})` };
}

/** Mostly a message, which stands on the line of the name. */
function exceptionOf({ typeName, args }: View<'exception'>): Container | undefined {
  if (args.kind !== 'sequence' || !args.items.some((item) => containerOf(item) !== undefined))
    return undefined;
  return {
    open: `${shortName(typeName)}(`,
    close: ')',
    items: unnamed(args.items),
    omitted: args.omitted,
  };
}

function shortName(typeName: string): string {
  return escapeForTerminal(typeName.slice(typeName.lastIndexOf('.') + 1));
}
