import { hex } from '../base/address.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import { formatBytes, formatShare } from '../base/quantities.ts';
import type {
  HeldObject,
  HoldingChain,
  HoldingReport,
  LargeObject,
  LargestObjects,
} from '../model/holding-chain.ts';
import { chainText } from './chain-text.ts';
import { cutToWidth } from './display-width.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';
import { referrerLine } from './value-layout.ts';
import { wrap } from './wrapping.ts';

/** How chains are shown. */
export interface ChainManner {
  readonly style: Style;
  /** Width of the terminal; nothing is cut or broken without it. */
  readonly width: number | undefined;
}

const NOTHING_LEADS_THERE =
  'nothing leads to it from a module, a running call or a thread: only C code holds it, or it is part of a ring that the garbage collector has not freed yet';

/** Renders why objects are alive: each with the ways that lead to it. */
export function* holdingLines(report: HoldingReport, manner: ChainManner): Generator<string> {
  yield* countLines(report, manner);
  for (const object of report.objects) {
    const name = `${escapeForTerminal(object.typeName)} at ${hex(object.address)}`;
    yield '';
    yield manner.style.bold(name);
    yield* object.chains.length === 0 ? unheldLines(object, manner) : heldLines(object, manner);
  }
}

function* countLines({ subject, total, unheldCount, objects }: HoldingReport, { width }: ChainManner) {
  if (subject.kind === 'object') return;
  const name = escapeForTerminal(`${subject.module}:${subject.className}`);
  const shown = objects.length < total ? `, ${objects.length} of them shown` : '';
  const unheld = unheldCount > 0 ? `; nothing leads to ${unheldCount}` : '';
  yield* wrap(
    `${total} ${total === 1 ? 'instance' : 'instances'} of ${name}${shown}${unheld}`,
    '',
    width ?? Number.POSITIVE_INFINITY,
  );
}

function* heldLines({ chains, otherChains }: HeldObject, { style, width }: ChainManner): Generator<string> {
  for (const chain of chains) {
    yield* wrap(chainText(chain), '  ', width ?? Number.POSITIVE_INFINITY);
    const types = typesText(chain);
    if (types !== '')
      for (const line of wrap(types, '      ', width ?? Number.POSITIVE_INFINITY)) yield style.faint(line);
  }
  if (otherChains > 0) yield `  ... ${otherChains} more`;
}

/** The types of a longer way would say little. */
const MOST_TYPES = 12;

/** The types of what lies between the root and the object. */
function typesText({ steps }: HoldingChain): string {
  return steps.length > MOST_TYPES
    ? ''
    : steps
        .slice(0, -1)
        .map(({ typeName }) => escapeForTerminal(typeName))
        .join(' > ');
}

function* unheldLines({ referrers, otherReferrers }: HeldObject, { width }: ChainManner): Generator<string> {
  yield* wrap(NOTHING_LEADS_THERE, '  ', width ?? Number.POSITIVE_INFINITY);
  for (const referrer of referrers) yield `    held by ${referrerLine(referrer)}`;
  if (otherReferrers > 0) yield `    ... ${otherReferrers} more`;
}

/** Marks an object that is measured without what it keeps elsewhere. */
const STRUCT_ONLY = '*';

/** Renders the objects that take most by themselves as a table. */
export function* largestLines(
  { objects, objectCount, sizeBytes }: LargestObjects,
  { style, width }: ChainManner,
): Generator<string> {
  const cell = (
    heading: string,
    importance: number,
    format: (object: LargeObject) => string,
    isRightAligned = true,
  ) => ({ heading, importance, isRightAligned, format });
  yield* tableLines(objects, {
    columns: [
      cell(
        'SIZE',
        4,
        (object) => `${formatBytes(object.sizeBytes)}${object.isStructOnly ? STRUCT_ONLY : ''}`,
      ),
      cell('SHARE', 1, (object) => formatShare(object.sizeBytes, sizeBytes)),
      cell('ITEMS', 3, ({ itemCount }) => (itemCount === undefined ? '-' : `${itemCount}`)),
      cell('TYPE', 2, ({ typeName }) => escapeForTerminal(typeName), false),
    ],
    last: {
      heading: 'WAY',
      narrowest: 20,
      format: ({ chain }, room) =>
        room === undefined ? chainText(chain) : cutToWidth(chainText(chain), room),
    },
    style,
    width,
  });
  yield `${objects.length} of ${objectCount} objects, which take ${formatBytes(sizeBytes)}`;
  if (objects.some(({ isStructOnly }) => isStructOnly))
    yield `${STRUCT_ONLY} without what they keep elsewhere`;
}
