import { hex } from '../base/address.ts';
import { escapeForTerminal, quotePythonBytes, quotePythonString } from '../base/escaping.ts';
import type { ObjectView } from '../model/object-view.ts';
import { formatComplex, formatFloat } from './float-text.ts';

type View<Kind extends ObjectView['kind']> = Extract<ObjectView, { readonly kind: Kind }>;

/** Ints of fewer digits are never cut; the mark would be as long as what it stands for. */
const ALWAYS_WHOLE_DIGITS = 24;
/** So many characters of a string are shown even when the budget is spent. */
const LEAST_CHARACTERS = 8;
/** Names are not counted as contents, but a hostile one must not flood the report. */
const LONGEST_NAME = 200;

/**
 * Formats an object like Python's repr where that is known without running code of the target. About `budget`
 * characters are written: what does not fit is counted in marks such as `…(+12 more)`, and brackets and quotes
 * are closed all the same. No control characters of the target come through.
 */
export function formatObject(view: ObjectView, budget: number): string {
  const writer = new BudgetWriter(budget);
  writeObject(writer, view);
  return writer.text;
}

/** Text that grows, and what is left of its budget. */
class BudgetWriter {
  readonly #parts: string[] = [];
  #left: number;

  constructor(budget: number) {
    this.#left = budget;
  }

  get left(): number {
    return this.#left;
  }

  get text(): string {
    return this.#parts.join('');
  }

  write(text: string): void {
    this.#parts.push(text);
    this.#left -= text.length;
  }
}

function writeObject(writer: BudgetWriter, view: ObjectView): void {
  switch (view.kind) {
    case 'int':
      writeInt(writer, view);
      break;
    case 'str':
      writeString(writer, view);
      break;
    case 'bytes':
      writeBytes(writer, view);
      break;
    case 'sequence':
      writeSequence(writer, view);
      break;
    case 'mapping':
      writeMapping(writer, view);
      break;
    case 'range':
    case 'slice':
      writeBounds(writer, view);
      break;
    case 'cell':
      writeCell(writer, view);
      break;
    case 'enum-member':
      writeEnumMember(writer, view);
      break;
    case 'exception':
      writeException(writer, view);
      break;
    case 'subclass':
      writeSubclass(writer, view);
      break;
    case 'instance':
      writeInstance(writer, view);
      break;
    case 'array':
      writeArray(writer, view);
      break;
    default:
      writer.write(formatAtom(view));
  }
}

type Atom = View<
  | 'none'
  | 'ellipsis'
  | 'not-implemented'
  | 'bool'
  | 'float'
  | 'complex'
  | 'class'
  | 'module'
  | 'function'
  | 'code'
  | 'method'
  | 'builtin'
  | 'descriptor'
  | 'literal'
  | 'opaque'
  | 'cycle'
  | 'omitted'
  | 'invalid'
>;

/** What has no parts. */
function formatAtom(view: Atom): string {
  switch (view.kind) {
    case 'none':
      return 'None';
    case 'ellipsis':
      return 'Ellipsis';
    case 'not-implemented':
      return 'NotImplemented';
    case 'bool':
      return view.value ? 'True' : 'False';
    case 'float':
      return formatFloat(view.value);
    case 'complex':
      return formatComplex(view.real, view.imaginary);
    case 'class':
    case 'module':
      return `<${view.kind} ${quotePythonString(cutName(view.name))}>`;
    case 'function':
      return `<function ${formatName(view.name)} at ${hex(view.address)}>`;
    case 'code':
      return `<code object ${formatName(view.name)} at ${hex(view.address)}>`;
    case 'method':
      return `<bound method ${formatName(view.name)} at ${hex(view.address)}>`;
    case 'builtin':
      return `<built-in function ${formatName(view.name)}>`;
    case 'literal':
      return escapeForTerminal(view.text);
    case 'descriptor':
      return formatDescriptor(view);
    default:
      return formatPlaceholder(view);
  }
}

/** What `__slots__` and types made in C describe their members by goes by other names in Python. */
function formatDescriptor({ type, name, address }: View<'descriptor'>): string {
  const what = { member: 'slot', getset: 'attribute made in C' } as const;
  const kind = type === 'member' || type === 'getset' ? what[type] : type;
  return `<${kind}${name === undefined ? '' : ` ${formatName(name)}`} at ${hex(address)}>`;
}

/** How Python's repr shows a container inside itself. */
const CYCLES: Readonly<Record<string, string>> = {
  list: '[...]',
  tuple: '(...)',
  dict: '{...}',
  'collections.deque': '[...]',
};

function formatPlaceholder(view: View<'opaque' | 'cycle' | 'omitted' | 'invalid'>): string {
  const at = `at ${hex(view.address)}`;
  switch (view.kind) {
    case 'opaque':
      return `<${formatName(view.typeName)} object ${at}>`;
    case 'cycle':
      return CYCLES[view.typeName] ?? `<${formatName(view.typeName)} ... ${at}>`;
    case 'omitted':
      return `<${formatName(view.typeName)} … ${at}>`;
    case 'invalid': {
      const name = view.typeName === undefined ? '' : `${formatName(view.typeName)} `;
      return `<invalid ${name}object ${at}: ${escapeForTerminal(view.reason)}>`;
    }
    default:
      return view satisfies never;
  }
}

function writeInt(writer: BudgetWriter, { value, isLong }: View<'int'>): void {
  const text = value.toString();
  const suffix = isLong ? 'L' : '';
  const room = Math.max(writer.left - `…(+${text.length} digits)`.length, ALWAYS_WHOLE_DIGITS);
  const isWhole = text.length + suffix.length <= Math.max(writer.left, ALWAYS_WHOLE_DIGITS);
  const mark = `…(+${text.length - room} digits)`;
  writer.write(`${isWhole ? text : `${text.slice(0, room)}${mark}`}${suffix}`);
}

function writeString(writer: BudgetWriter, { value, omitted, python2 }: View<'str'>): void {
  if (python2 === 'str') {
    const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
    writeQuoted(writer, bytes, { omitted, quote: (part) => quotePythonBytes(part, '') });
    return;
  }
  const quote = (part: readonly string[]) => {
    const text = quotePythonString(part.join(''));
    return python2 === 'unicode' ? `u${escapeNonAscii(text)}` : text;
  };
  writeQuoted(writer, [...value], { omitted, quote });
}

function writeBytes(writer: BudgetWriter, { value, omitted, type }: View<'bytes'>): void {
  const isArray = type === 'bytearray';
  if (isArray) writer.write('bytearray(');
  writeQuoted(writer, value, { omitted, quote: (part) => quotePythonBytes(part, 'b') });
  if (isArray) writer.write(')');
}

/** Characters or bytes, of which a part can be taken. */
interface Sliceable<T> {
  readonly length: number;
  slice(start: number, end: number): T;
}

interface Quoting<T> {
  readonly omitted: number;
  readonly quote: (part: T) => string;
}

/** Writes as many characters as fit when quoted, which may make several of one; the mark comes after the quote. */
function writeQuoted<T extends Sliceable<T>>(writer: BudgetWriter, value: T, quoting: Quoting<T>): void {
  const room = Math.max(writer.left, LEAST_CHARACTERS + 2);
  let shown = Math.min(value.length, room);
  let text = quoting.quote(value.slice(0, shown));
  while (text.length > room && shown > 0) {
    const wanted = Math.floor((shown * room) / text.length);
    shown = Math.min(shown - 1, wanted);
    text = quoting.quote(value.slice(0, shown));
  }
  writer.write(text);
  writeRest(writer, value.length - shown + quoting.omitted, '');
}

/** Python 2's repr escapes all but ASCII. */
function escapeNonAscii(text: string): string {
  return [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code < 0x80) return character;
      if (code < 0x100) return `\\x${code.toString(16)}`;
      return code < 0x10000
        ? `\\u${code.toString(16).padStart(4, '0')}`
        : `\\U${code.toString(16).padStart(8, '0')}`;
    })
    .join('');
}

function writeRest(writer: BudgetWriter, count: number, separator: string): void {
  if (count > 0) writer.write(`${separator}…(+${count} more)`);
}

interface Listing<T> {
  readonly items: readonly T[];
  readonly omitted: number;
  readonly write: (item: T) => void;
}

/** Writes items until the budget is spent. */
function writeItems<T>(writer: BudgetWriter, { items, omitted, write }: Listing<T>): void {
  let shown = 0;
  for (const item of items) {
    if (writer.left <= 0) break;
    if (shown > 0) writer.write(', ');
    write(item);
    shown += 1;
  }
  writeRest(writer, items.length - shown + omitted, shown === 0 ? '' : ', ');
}

function writeViews(writer: BudgetWriter, { items, omitted }: View<'sequence'>): void {
  writeItems(writer, { items, omitted, write: (item) => writeObject(writer, item) });
}

const BRACKETS: Readonly<Record<View<'sequence'>['type'], readonly [string, string]>> = {
  tuple: ['(', ')'],
  list: ['[', ']'],
  set: ['{', '}'],
  frozenset: ['frozenset({', '})'],
  deque: ['deque([', '])'],
};

function writeSequence(writer: BudgetWriter, view: View<'sequence'>): void {
  const isEmpty = view.items.length === 0 && view.omitted === 0;
  const isSet = view.type === 'set' || view.type === 'frozenset';
  const [open, close] = isEmpty && isSet ? [`${view.type}(`, ')'] : BRACKETS[view.type];
  writer.write(open);
  writeViews(writer, view);
  if (view.type === 'tuple' && view.items.length === 1 && view.omitted === 0) writer.write(',');
  writer.write(close);
}

function writeMapping(writer: BudgetWriter, { entries, omitted }: View<'mapping'>): void {
  writer.write('{');
  writeItems(writer, {
    items: entries,
    omitted,
    write: ({ key, value }) => {
      writeObject(writer, key);
      writer.write(': ');
      writeObject(writer, value);
    },
  });
  writer.write('}');
}

function writeBounds(writer: BudgetWriter, view: View<'range' | 'slice'>): void {
  const { kind, start, stop, step } = view;
  const isPlainStep = kind === 'range' && step.kind === 'int' && step.value === 1n;
  const isPlainStart = isPlainStep && view.type === 'xrange' && start.kind === 'int' && start.value === 0n;
  const items = [...(isPlainStart ? [] : [start]), stop, ...(isPlainStep ? [] : [step])];
  writer.write(`${kind === 'range' ? view.type : kind}(`);
  writeItems(writer, { items, omitted: 0, write: (item) => writeObject(writer, item) });
  writer.write(')');
}

function writeCell(writer: BudgetWriter, { content }: View<'cell'>): void {
  writer.write('<cell: ');
  if (content === undefined) writer.write('empty');
  else writeObject(writer, content);
  writer.write('>');
}

function writeEnumMember(writer: BudgetWriter, view: View<'enum-member'>): void {
  writer.write(`<${formatName(view.typeName)}.${formatName(view.memberName)}: `);
  writeObject(writer, view.value);
  writer.write('>');
}

function writeException(writer: BudgetWriter, { typeName, args }: View<'exception'>): void {
  writer.write(`${formatName(typeName)}(`);
  if (args.kind === 'sequence') writeViews(writer, args);
  else {
    writer.write('*');
    writeObject(writer, args);
  }
  writer.write(')');
}

function writeSubclass(writer: BudgetWriter, { typeName, base, fieldNames }: View<'subclass'>): void {
  writer.write(`${formatName(typeName)}(`);
  if (base.kind === 'sequence' && fieldNames !== undefined) {
    const items = base.items.map((value, index) => ({ name: fieldNames[index], value }));
    writeItems(writer, { items, omitted: base.omitted, write: (item) => writeNamed(writer, item) });
  } else if (base.kind === 'sequence' && base.type !== 'tuple' && base.type !== 'list') {
    writeUnnamedSequence(writer, base);
  } else {
    writeObject(writer, base);
  }
  writer.write(')');
}

/** The name of the subclass stands for that of the base. */
function writeUnnamedSequence(writer: BudgetWriter, base: View<'sequence'>): void {
  if (base.items.length === 0 && base.omitted === 0) return;
  const [open, close] = base.type === 'deque' ? BRACKETS.list : BRACKETS.set;
  writer.write(open);
  writeViews(writer, base);
  writer.write(close);
}

function writeInstance(writer: BudgetWriter, view: View<'instance'>): void {
  const { typeName, address, isDataclass, attributes, omitted } = view;
  if (!isDataclass && attributes.length === 0 && omitted === 0) {
    writer.write(formatPlaceholder({ kind: 'opaque', typeName, address }));
    return;
  }
  writer.write(isDataclass ? `${formatName(typeName)}(` : `<${formatName(typeName)} at ${hex(address)} `);
  writeItems(writer, { items: attributes, omitted, write: (item) => writeNamed(writer, item) });
  writer.write(isDataclass ? ')' : '>');
}

function writeArray(writer: BudgetWriter, view: View<'array'>): void {
  const { typeName, address, dtype, device, shape, items, omitted } = view;
  const size = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  writer.write(`<${formatName(typeName)} at ${hex(address)} dtype=${formatName(dtype)} shape=(${size})`);
  if (device !== undefined) writer.write(` device=${formatName(device)}`);
  if (items.length > 0) {
    writer.write(' [');
    writeItems(writer, { items, omitted, write: (item) => writeObject(writer, item) });
    writer.write(']');
  }
  writer.write('>');
}

function writeNamed(
  writer: BudgetWriter,
  { name, value }: { readonly name: string | undefined; readonly value: ObjectView },
): void {
  if (name !== undefined) writer.write(`${formatName(name)}=`);
  writeObject(writer, value);
}

function formatName(name: string): string {
  return escapeForTerminal(cutName(name));
}

function cutName(name: string): string {
  return name.length <= LONGEST_NAME
    ? name
    : `${name.slice(0, LONGEST_NAME)}…(+${name.length - LONGEST_NAME} more)`;
}
