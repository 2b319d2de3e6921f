import type { Key } from 'node:readline';
import { nextMode, type TopView } from '../../report/top-view.ts';

/** A key, and the text that it stands for; none when it is one of a control. */
export interface Press {
  readonly text: string | undefined;
  readonly key: Key;
}

/** What a key is about, beside the view. */
export interface KeyPlace {
  /** The indices of the threads that can be chosen. */
  readonly threads: readonly number[];
  /** Rows that fit on the screen. */
  readonly pageRows: number;
}

/** What a key leads to: another view, or something that is to be done. */
export type KeyEffect = TopView | 'leave' | 'interrupt' | 'suspend' | 'reset';

const SORTS = ['own', 'total', 'ownTime', 'totalTime'] as const;

/** What may lie between two moments, in milliseconds. */
const DELAYS_MS = [100, 200, 500, 1000, 2000, 5000, 10_000] as const;

/** Does what a key means. */
export function pressKey(view: TopView, press: Press, place: KeyPlace): KeyEffect {
  const { key } = press;
  if (key.ctrl === true) return CONTROL_EFFECTS.get(key.name ?? '') ?? view;
  if (view.isSearching) return searchKey(view, press);
  if (view.isHelpShown) return { ...view, isHelpShown: false };
  const name = press.text === undefined || key.name === 'escape' ? key.name : press.text;
  return KEYS.get(name ?? '')?.(view, place) ?? view;
}

const CONTROL_EFFECTS: ReadonlyMap<string, KeyEffect> = new Map([
  ['c', 'interrupt'],
  ['z', 'suspend'],
]);

type KeyAction = (view: TopView, place: KeyPlace) => KeyEffect;

const KEYS: ReadonlyMap<string, KeyAction> = new Map<string, KeyAction>([
  ...SORTS.map((sort, index): [string, KeyAction] => [`${index + 1}`, (view) => ({ ...view, sort })]),
  ...bound(['right', 's'], (view) => turnSort(view, 1)),
  ...bound(['left', 'S'], (view) => turnSort(view, -1)),
  ...bound(['l', 'L'], (view) => ({ ...view, byFunction: !view.byFunction })),
  ...bound(['a', 'A'], (view) =>
    view.byTask === undefined ? view : { ...view, byTask: !view.byTask, skipped: 0 },
  ),
  ...bound(['m', 'M'], (view) => turnMode(view)),
  ...bound(['t', 'T'], (view, { threads }) => ({
    ...view,
    thread: view.thread === undefined ? threads[0] : undefined,
    skipped: 0,
  })),
  ...bound(['down'], (view, { threads }) =>
    view.thread === undefined ? scroll(view, 1) : turnThread(view, threads, 1),
  ),
  ...bound(['up'], (view, { threads }) =>
    view.thread === undefined ? scroll(view, -1) : turnThread(view, threads, -1),
  ),
  ...bound(['pagedown'], (view, { pageRows }) => scroll(view, pageRows)),
  ...bound(['pageup'], (view, { pageRows }) => scroll(view, -pageRows)),
  ...bound(['home'], (view) => ({ ...view, skipped: 0 })),
  ...bound(['/'], (view) => ({ ...view, isSearching: true, skipped: 0 })),
  ...bound(['c', 'C', 'escape'], (view) => ({ ...view, search: '' })),
  ...bound(['p', 'P', ' '], (view) => ({ ...view, isPaused: !view.isPaused })),
  ...bound(['+'], (view) => ({
    ...view,
    delayMs: DELAYS_MS.findLast((ms) => ms < view.delayMs) ?? view.delayMs,
  })),
  ...bound(['-'], (view) => ({
    ...view,
    delayMs: DELAYS_MS.find((ms) => ms > view.delayMs) ?? view.delayMs,
  })),
  ...bound(['?', 'h', 'H'], (view) => ({ ...view, isHelpShown: true })),
  ...bound(['r', 'R'], () => 'reset'),
  ...bound(['q', 'Q'], () => 'leave'),
]);

function bound(names: readonly string[], action: KeyAction): readonly [string, KeyAction][] {
  return names.map((name) => [name, action]);
}

function searchKey(view: TopView, { text, key }: Press): TopView {
  switch (key.name) {
    case 'return':
    case 'enter':
      return { ...view, isSearching: false };
    case 'escape':
      return { ...view, isSearching: false, search: '' };
    case 'backspace':
      return { ...view, search: [...view.search].slice(0, -1).join('') };
    default:
      return text === undefined || /\p{Cc}/u.test(text) ? view : { ...view, search: view.search + text };
  }
}

function turnSort(view: TopView, by: number): TopView {
  return { ...view, sort: turned(SORTS, view.sort, by) ?? view.sort };
}

/** Threads have other numbers where they are sampled anew, and what stands still is gone. */
function turnMode(view: TopView): TopView {
  const mode = nextMode(view);
  return mode === undefined ? view : { ...view, mode, thread: undefined, skipped: 0, isPaused: false };
}

function turnThread(view: TopView, threads: readonly number[], by: number): TopView {
  return { ...view, thread: turned(threads, view.thread, by) ?? view.thread, skipped: 0 };
}

/** The item so many places after another; after the last one comes the first. */
function turned<Item>(items: readonly Item[], item: Item | undefined, by: number): Item | undefined {
  const at = item === undefined ? 0 : Math.max(items.indexOf(item), 0);
  return items.at((at + by) % items.length);
}

function scroll(view: TopView, by: number): TopView {
  return { ...view, skipped: Math.max(0, view.skipped + by) };
}
