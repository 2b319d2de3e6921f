/** What runs in a flame graph that is one SVG file: zoom, search, keys. */
import { type Box, fittingText, neighbour, outermostMatches, parentsOf } from '../page-model/box-geometry.ts';
import { percent } from '../page-model/quantity-text.ts';
import { part, patternOf } from './elements.ts';

const MARGIN = 10;

interface DrawnBox extends Box {
  readonly group: SVGGElement;
  readonly rect: SVGRectElement;
  readonly text: SVGTextElement;
  readonly title: string;
  readonly label: string;
}

const root = document.documentElement;

const details = part('details', SVGTextElement);
const matched = part('matched', SVGTextElement);
const reset = part('reset', SVGTextElement);
const frames = part('frames', SVGGElement);
const controls = part('controls', SVGForeignObjectElement);
const subtitle = details.textContent ?? '';
const heading = part('heading', SVGTextElement);
const title = heading.firstElementChild?.textContent ?? '';
/** Of a character of the heading, and of what stands to the right of what is said of a box. */
const HEADING_CHARACTER = 9.6;
const MATCHED_WIDTH = 130;
const CONTROLS_WIDTH = 210;

const boxes: readonly DrawnBox[] = [...frames.children].flatMap((group) => {
  const [title, rect, text] = group.children;
  if (!(group instanceof SVGGElement && rect instanceof SVGRectElement && text instanceof SVGTextElement))
    return [];
  const [start = 0, width = 0] = (group.dataset['x'] ?? '').split(' ').map(Number);
  const whole = title?.textContent ?? '';
  return [
    {
      group,
      rect,
      text,
      start,
      width,
      depth: Number(group.dataset['d']),
      title: whole,
      label: whole.slice(0, Math.max(0, whole.lastIndexOf(' — '))),
    },
  ];
});
const parents = parentsOf(boxes);
const whole = boxes[0]?.width ?? 1;

let zoomed = 0;
let focused = 0;
let pattern: RegExp | undefined;
let characterWidth = 7.3;
let told = subtitle;

function measure(): void {
  const [first] = boxes;
  if (first === undefined) return;
  const text = first.text.textContent;
  first.text.textContent = 'M'.repeat(40);
  characterWidth = first.text.getComputedTextLength() / 40 || characterWidth;
  first.text.textContent = text;
}

/** What a box hangs on is as wide as the page when that box is. */
function callersOf(index: number): ReadonlySet<number> {
  const callers = new Set<number>();
  for (let at = parents[index] ?? -1; at >= 0; at = parents[at] ?? -1) callers.add(at);
  return callers;
}

function pageWidth(): number {
  return Math.max(240, root.clientWidth || window.innerWidth);
}

/** Says something of a box, as much as there is room for. */
function tell(text: string): void {
  told = text;
  details.textContent = fittingText(
    text,
    Math.floor((pageWidth() - 2 * MARGIN - MATCHED_WIDTH) / characterWidth),
  );
}

function layOutTexts(page: number): void {
  const room = page - 2 * MARGIN - CONTROLS_WIDTH;
  const text = heading.lastChild;
  if (text !== null) text.textContent = fittingText(title, Math.floor(room / HEADING_CHARACTER));
  tell(told);
  for (const each of document.querySelectorAll('[data-end]')) each.setAttribute('x', `${page - MARGIN}`);
  controls.setAttribute('x', `${page - MARGIN - CONTROLS_WIDTH}`);
}

function layOut(): void {
  const page = pageWidth();
  const width = page - 2 * MARGIN;
  const { start: from, width: span } = boxes[zoomed] ?? { start: 0, width: whole };
  const above = callersOf(zoomed);
  for (const [index, box] of boxes.entries()) {
    const isParent = above.has(index);
    const x = isParent ? 0 : ((box.start - from) / span) * width;
    const wide = isParent ? width : (box.width / span) * width;
    const isHidden = !isParent && (x < -0.01 || x + wide > width + 0.01 || wide < 0.2);
    box.group.classList.toggle('hidden', isHidden);
    box.group.classList.toggle('above', isParent);
    if (isHidden) continue;
    box.rect.setAttribute('x', (MARGIN + x).toFixed(1));
    box.rect.setAttribute('width', Math.max(0.2, wide - 0.5).toFixed(1));
    box.text.setAttribute('x', (MARGIN + x + 3).toFixed(1));
    box.text.textContent = fittingText(box.label, Math.floor((wide - 6) / characterWidth));
  }
  layOutTexts(page);
  reset.classList.toggle('hidden', zoomed === 0);
}

function zoom(index: number): void {
  zoomed = index;
  layOut();
}

function search(text: string): void {
  pattern = patternOf(text);
  for (const { group, label } of boxes) group.classList.toggle('match', pattern?.test(label) === true);
  const found = outermostMatches(boxes, (index) => pattern?.test(boxes[index]?.label ?? '') === true);
  const width = found.reduce((sum, box) => sum + box.width, 0);
  matched.textContent = pattern === undefined ? '' : `${percent(width, whole)} matched`;
  root.classList.toggle('searching', pattern !== undefined);
}

function focus(index: number): void {
  boxes[focused]?.group.classList.remove('focused');
  focused = index;
  const box = boxes[index];
  box?.group.classList.add('focused');
  tell(box?.title ?? subtitle);
  box?.group.scrollIntoView({ block: 'nearest' });
}

function indexAt(event: Event): number {
  const group = event.target instanceof Element ? event.target.closest('g[data-d]') : null;
  return boxes.findIndex((box) => box.group === group);
}

function keyDown(event: KeyboardEvent, input: HTMLInputElement): void {
  const { key } = event;
  if (key === '/' || (key === 'f' && (event.ctrlKey || event.metaKey))) {
    event.preventDefault();
    input.focus();
    input.select();
  } else if (key.startsWith('Arrow')) {
    event.preventDefault();
    focus(neighbour(parents, focused, key));
  } else if (key === 'Enter') zoom(focused);
  else if (key === 'Escape' || key === '0') {
    input.value = '';
    search('');
    zoom(0);
  }
}

function makeInput(): HTMLInputElement {
  const input = document.createElementNS('http://www.w3.org/1999/xhtml', 'input');
  if (!(input instanceof HTMLInputElement))
    throw new TypeError('Cannot make a field to search with: it is no HTML');
  input.type = 'search';
  input.placeholder = 'search (Ctrl-F)';
  input.addEventListener('input', () => search(input.value));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      input.value = '';
      search('');
      input.blur();
    }
    event.stopPropagation();
  });
  controls.append(input);
  return input;
}

root.removeAttribute('viewBox');
root.setAttribute('width', '100%');
measure();
const field = makeInput();
layOut();
window.addEventListener('resize', layOut);
window.addEventListener('keydown', (event) => keyDown(event, field));
reset.addEventListener('click', () => zoom(0));
frames.addEventListener('click', (event) => {
  const index = indexAt(event);
  if (index < 0) return;
  focus(index);
  zoom(index);
});
frames.addEventListener('mouseover', (event) => {
  const box = boxes[indexAt(event)];
  if (box !== undefined) tell(box.title);
});
frames.addEventListener('mouseleave', () => {
  tell(subtitle);
});
