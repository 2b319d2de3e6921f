import { hex } from '../base/address.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import type { GlobalValue } from '../model/global-value.ts';
import type { FoundInstance, HolderOwner, InstanceReport, Referrer } from '../model/instance-report.ts';
import { placeText } from './chain-text.ts';
import { type ObjectTree, objectTree, type TreeManner } from './object-tree.ts';
import type { Style } from './style.ts';

/** Lines, and whether the budget cut something. */
export type ValueLines = ObjectTree;

/** How values are shown. */
export interface ValueManner extends TreeManner {
  readonly style: Style;
}

const LABEL_COLUMNS = 12;

/** Renders a value as PyFlightProfiler renders that of an expression: NAME, TYPE, VALUE. */
export function globalLines(found: GlobalValue, manner: ValueManner): ValueLines {
  const { style } = manner;
  const { module, path, typeName, foundIn, value } = found;
  const name = `${module}:${path.join('.')}`;
  const where = foundIn === undefined ? '' : `, from class ${foundIn}`;
  const tree = objectTree(value, manner);
  return {
    lines: [
      ...labelledLines('NAME:', [escapeForTerminal(`${name}${where}`)], style),
      ...labelledLines('TYPE:', [`<class '${escapeForTerminal(typeName)}'>`], style),
      ...labelledLines('VALUE:', tree.lines, style),
    ],
    isCut: tree.isCut,
  };
}

/** Renders instances one after the other, below how many there are of each class. */
export function instanceLines(report: InstanceReport, manner: ValueManner): ValueLines {
  const { style, depth } = manner;
  const lines = [
    ...labelledLines('CLASS:', [escapeForTerminal(`${report.module}:${report.className}`)], style),
    ...labelledLines('INSTANCES:', [countsLine(report)], style),
  ];
  let left = manner.budget;
  let isCut = false;
  for (const [index, instance] of report.instances.entries()) {
    if (left <= 0) {
      isCut = true;
      lines.push('', `  ... ${report.instances.length - index} more`);
      break;
    }
    const tree = objectTree(instance.value, { depth, budget: left });
    const block = [...tree.lines, ...referrerLines(instance)].map((line) => `      ${line}`);
    const heading = `${escapeForTerminal(instance.typeName)} at ${hex(instance.address)}`;
    lines.push('', `  ${style.faint(`[${index}]`)} ${style.bold(heading)}`, ...block);
    left -= block.reduce((sum, line) => sum + line.length, 0);
    isCut ||= tree.isCut;
  }
  return { lines, isCut };
}

function countsLine({ total, counts, instances }: InstanceReport): string {
  const parts = counts.map(({ typeName, count }) => `${count} ${escapeForTerminal(typeName)}`);
  const kinds = counts.length > 1 ? ` (${parts.join(', ')})` : '';
  const isSome = instances.length > 0 && instances.length < total;
  return `${total}${kinds}${isSome ? `, ${instances.length} of them shown` : ''}`;
}

function referrerLines({ referrers, otherReferrers }: FoundInstance): readonly string[] {
  if (referrers === undefined) return [];
  if (referrers.length === 0) return ['held by nothing that the collector tracks'];
  const rest = otherReferrers > 0 ? [`  ... ${otherReferrers} more`] : [];
  return ['held by', ...referrers.map((each) => `  ${referrerLine(each)}`), ...rest];
}

/** What holds an object, and where. */
export function referrerLine({ typeName, address, place, owner }: Referrer): string {
  const holder = `${escapeForTerminal(typeName)} at ${hex(address)}`;
  const whose = owner === undefined ? '' : `, ${ownerWords(owner, place)}`;
  return `${holder}${placeWords(place)}${whose}`;
}

function placeWords(place: Referrer['place']): string {
  if (place === undefined) return '';
  if (place.kind === 'key') return ', as a key';
  if (place.kind === 'variable') return `, variable ${escapeForTerminal(place.name)}`;
  return ` ${placeText(place)}`;
}

function ownerWords(owner: HolderOwner, place: Referrer['place']): string {
  switch (owner.kind) {
    case 'module':
      return `the globals of module ${escapeForTerminal(owner.name)}`;
    case 'class':
      return `the attributes of class ${escapeForTerminal(owner.name)}`;
    case 'global':
      return `that is ${escapeForTerminal(owner.name)}${subscript(place)}`;
    case 'attribute': {
      const name = `.${escapeForTerminal(owner.name)}${subscript(place)}`;
      return `that is ${name} of ${escapeForTerminal(owner.typeName)} at ${hex(owner.address)}`;
    }
    case 'instance':
      return `the attributes of ${escapeForTerminal(owner.typeName)} at ${hex(owner.address)}`;
    case 'closure':
      return `in the closure at ${hex(owner.address)}`;
    case 'call':
      return `in a running call of ${escapeForTerminal(owner.name)}`;
  }
}

/** What leads from a container to what it holds. */
function subscript(place: Referrer['place']): string {
  return place?.kind === 'index' || place?.kind === 'item' ? placeWords(place).trimStart() : '';
}

/** `  TYPE:       <class 'dict'>`, and the lines that follow below the first one. */
export function labelledLines(label: string, lines: readonly string[], style: Style): Generator<string> {
  return placed(label, lines, { style, columns: LABEL_COLUMNS });
}

/** Puts lines beside a label that takes so many columns. */
export function* placed(
  label: string,
  lines: readonly string[],
  { style, columns }: { readonly style: Style; readonly columns: number },
): Generator<string> {
  const padding = ' '.repeat(columns - label.length);
  for (const [index, line] of lines.entries())
    yield index === 0 ? `  ${style.faint(label)}${padding}${line}` : `  ${' '.repeat(columns)}${line}`;
}
