import { escapeForTerminal } from '../base/escaping.ts';
import { formatCount } from '../base/quantities.ts';
import type { ChainRoot, ChainStep, HoldingChain } from '../model/holding-chain.ts';
import type { HeldPlace } from '../model/instance-report.ts';
import { formatObject } from './object-text.ts';

const KEY_BUDGET = 60;
/** Between an object and what it holds where it is not known how. */
const INTO = ' > ';

/** Writes the way to an object as Python would: `shop.carts[3].lines`; where that ends ` > ` and the type of what comes next. */
export function chainText({ root, steps, omitted, lastSteps }: HoldingChain): string {
  const [first, ...others] = steps;
  const beginning = first === undefined ? '' : firstStepText(first, root);
  const gap = omitted === 0 ? '' : `${INTO}... ${formatCount(omitted)} more ...`;
  const text = [beginning, ...others.map(stepText), gap, ...lastSteps.map(stepText)].join('');
  return `${rootText(root)}${text}${callText(root)}`;
}

/** Writes where in its holder an object is: `[3]`, `['key']`, `.name`. */
export function placeText(place: Exclude<HeldPlace, { readonly kind: 'key' }>): string {
  switch (place.kind) {
    case 'index':
      return `[${place.index}]`;
    case 'item':
      return `[${formatObject(place.key, KEY_BUDGET)}]`;
    case 'attribute':
    case 'variable':
      return `.${escapeForTerminal(place.name)}`;
    default:
      return place satisfies never;
  }
}

function rootText(root: ChainRoot): string {
  switch (root.kind) {
    case 'module':
    case 'variable':
      return escapeForTerminal(root.name);
    case 'call':
      return 'a value on the stack';
    case 'thread':
      return root.threadId === undefined ? 'a thread' : `thread ${root.threadId}`;
    case 'interpreter':
      return `interpreter ${root.id}`;
    case 'interned':
      return 'the interned strings';
    case 'names':
      return `a dict of names of ${escapeForTerminal(root.module)}`;
    case 'unheld':
      return 'nothing known';
    default:
      return root satisfies never;
  }
}

function callText(root: ChainRoot): string {
  const isOfCall = root.kind === 'variable' || root.kind === 'call';
  return isOfCall ? ` in a call of ${escapeForTerminal(root.call)}` : '';
}

/** What a root stands for itself needs no word more, and a module has its globals as attributes, which lie in a dict. */
function firstStepText(step: ChainStep, root: ChainRoot): string {
  const { place } = step;
  if (ITSELF.includes(root.kind) && place === undefined) return '';
  if (root.kind !== 'module') return stepText(step);
  if (place === undefined) return '.__dict__';
  return place.kind === 'item' && place.key.kind === 'str'
    ? placeText({ kind: 'attribute', name: place.key.value })
    : stepText(step);
}

/** Roots that are the first object of the way. */
const ITSELF: readonly ChainRoot['kind'][] = ['variable', 'interned', 'names'];

function stepText({ place, typeName }: ChainStep): string {
  if (place === undefined) return `${INTO}${escapeForTerminal(typeName)}`;
  return place.kind === 'key' ? `${INTO}a key` : placeText(place);
}
