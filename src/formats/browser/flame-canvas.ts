import { fittingText, neighbour, outermostMatches, parentsOf } from '../page-model/box-geometry.ts';
import { type CallBox, type CallNode, callBoxes, emptyNode } from '../page-model/call-node.ts';
import type { CallPlace, Measure } from '../page-model/measure.ts';
import type { PageStacks } from '../page-model/page-data.ts';
import { make } from './elements.ts';

const ROW = 18;
const FONT = '12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
/** What is narrower is not drawn. */
const LEAST_PIXELS = 0.5;

/** What a flame graph tells who shows it. */
export interface FlameEvents {
  /** The mouse or a key is at a box; `undefined` when it has left. */
  readonly told: (text: string | undefined) => void;
  /** A box was opened by a double click. */
  readonly opened: (frame: number) => void;
}

/** A flame graph on a canvas, of which only what can be seen is drawn. */
export class FlameCanvas {
  readonly #host: HTMLElement;
  readonly #canvas = document.createElement('canvas');
  readonly #spacer = make('div', 'spacer');
  #stacks: PageStacks;
  readonly #measure: Measure;
  readonly #events: FlameEvents;
  #root = emptyNode(-1);
  #whole = this.#root;
  #boxes: readonly CallBox[] = [];
  #parents: readonly number[] = [];
  #rows = 1;
  #zoomed = 0;
  #focused = -1;
  #pattern: RegExp | undefined;
  #isUpright = false;
  #characterWidth = 7.2;

  constructor(host: HTMLElement, stacks: PageStacks, measure: Measure, events: FlameEvents) {
    this.#host = host;
    this.#stacks = stacks;
    this.#measure = measure;
    this.#events = events;
    this.#spacer.append(this.#canvas);
    host.append(this.#spacer);
    host.tabIndex = 0;
    this.#listen();
    this.show(this.#root, this.#whole);
  }

  /** Shows another tree, which is a part of all that was seen. */
  show(root: CallNode, whole: CallNode): void {
    this.#root = root;
    this.#whole = whole;
    this.#boxes = callBoxes(root, (node) => this.#measure.width(node, whole));
    this.#parents = parentsOf(this.#boxes);
    this.#rows = this.#boxes.reduce((most, { depth }) => Math.max(most, depth + 1), 1);
    this.#zoomed = 0;
    this.#focused = -1;
    this.draw();
  }

  /** Shows another tree of other data; what was zoomed into stays so if it is still there. */
  refresh(stacks: PageStacks, root: CallNode, whole: CallNode): void {
    const path = this.#labelsTo(this.#zoomed);
    this.#stacks = stacks;
    this.show(root, whole);
    const zoomed = this.#boxes.findIndex(
      ({ depth }, index) =>
        depth === path.length - 1 && this.#labelsTo(index).every((label, at) => label === path[at]),
    );
    this.#zoomed = Math.max(0, zoomed);
    this.draw();
  }

  /** What a box and all that it hangs on are called. */
  #labelsTo(index: number): readonly string[] {
    const labels: string[] = [];
    for (let at = index; at >= 0; at = this.#parents[at] ?? -1) {
      const box = this.#boxes[at];
      if (box !== undefined) labels.unshift(this.#labelOf(box));
    }
    return labels;
  }

  /** Marks what matches, and says which share of all that is. */
  search(pattern: RegExp | undefined): string {
    this.#pattern = pattern;
    this.draw();
    if (pattern === undefined) return '';
    const found = outermostMatches(this.#boxes, (index) => this.#matches(index));
    return this.#measure.matched(
      found.map(({ node }) => node),
      this.#root,
    );
  }

  /** Puts the outermost calls at the bottom, or back to the top. */
  set isUpright(isUpright: boolean) {
    this.#isUpright = isUpright;
    this.draw();
    this.#host.scrollTop = isUpright ? this.#host.scrollHeight : 0;
  }

  /** Shows the whole again. */
  reset(): void {
    this.#zoomed = 0;
    this.draw();
  }

  draw(): void {
    const { clientWidth: width } = this.#host;
    if (width === 0) return;
    this.#spacer.style.height = `${this.#rows * ROW}px`;
    const height = Math.max(ROW, Math.min(this.#host.clientHeight, this.#rows * ROW));
    const ratio = window.devicePixelRatio || 1;
    this.#canvas.width = width * ratio;
    this.#canvas.height = height * ratio;
    this.#canvas.style.height = `${height}px`;
    const context = this.#canvas.getContext('2d');
    if (context === null) return;
    context.scale(ratio, ratio);
    context.font = FONT;
    context.textBaseline = 'middle';
    this.#characterWidth = context.measureText('M').width;
    const ink = getComputedStyle(this.#host).color;
    for (const [index, box] of this.#boxes.entries()) this.#drawBox(context, index, box, ink);
  }

  #drawBox(context: CanvasRenderingContext2D, index: number, box: CallBox, ink: string): void {
    const place = this.#placeOf(index, box);
    if (place === undefined) return;
    const { x, y, width, isCaller } = place;
    if (y + ROW < 0 || y > this.#canvas.clientHeight) return;
    const isMatch = this.#matches(index);
    const isFaint = isCaller || (this.#pattern !== undefined && !isMatch);
    context.globalAlpha = isFaint ? 0.35 : 1;
    context.fillStyle = isMatch ? '#e05cf5' : this.#colorOf(box);
    context.fillRect(x, y, Math.max(LEAST_PIXELS, width - 0.6), ROW - 1);
    context.globalAlpha = 1;
    if (index === this.#focused) {
      context.strokeStyle = ink;
      context.lineWidth = 1.5;
      context.strokeRect(x + 0.75, y + 0.75, Math.max(1, width - 2), ROW - 2.5);
    }
    const text = fittingText(this.#labelOf(box), Math.floor((width - 6) / this.#characterWidth));
    if (text === '') return;
    context.fillStyle = isFaint ? ink : '#14171a';
    context.fillText(text, x + 3, y + ROW / 2);
  }

  /** Where a box is seen; `undefined` where it is not. */
  #placeOf(index: number, { start, width: weight, depth }: CallBox) {
    const { clientWidth: whole } = this.#host;
    const {
      start: from,
      width: span,
      depth: zoomedDepth,
    } = this.#boxes[this.#zoomed] ?? { start: 0, width: 1, depth: 0 };
    const isCaller = depth < zoomedDepth && this.#isCaller(index);
    const pixels = span === 0 ? 0 : whole / span;
    const x = isCaller ? 0 : (start - from) * pixels;
    const width = isCaller ? whole : weight * pixels;
    if (!isCaller && (depth < zoomedDepth || x < -0.01 || x + width > whole + 0.5 || width < LEAST_PIXELS))
      return undefined;
    const row = this.#isUpright ? this.#rows - 1 - depth : depth;
    return { x, y: row * ROW - this.#host.scrollTop, width, isCaller };
  }

  #isCaller(index: number): boolean {
    for (let at = this.#zoomed; at >= 0; at = this.#parents[at] ?? -1) if (at === index) return true;
    return false;
  }

  #matches(index: number): boolean {
    const box = this.#boxes[index];
    return this.#pattern !== undefined && box !== undefined && this.#pattern.test(this.#labelOf(box));
  }

  #labelOf({ node }: CallBox): string {
    const frame = this.#stacks.frames[node.frame];
    if (frame === undefined) return 'all';
    return frame.place === '' ? frame.name : `${frame.name} (${frame.place})`;
  }

  #colorOf({ node }: CallBox): string {
    return this.#measure.color(this.#callPlace(node), this.#stacks.frames[node.frame]);
  }

  #callPlace(node: CallNode): CallPlace {
    return { node, root: this.#root, whole: this.#whole };
  }

  #tell(index: number): void {
    const box = this.#boxes[index];
    this.#events.told(
      box === undefined
        ? undefined
        : `${this.#labelOf(box)} — ${this.#measure.text(this.#callPlace(box.node))}`,
    );
  }

  #indexAt({ offsetX, offsetY }: MouseEvent): number {
    return this.#boxes.findIndex((box, index) => {
      const place = this.#placeOf(index, box);
      return (
        place !== undefined &&
        offsetX >= place.x &&
        offsetX < place.x + place.width &&
        offsetY >= place.y &&
        offsetY < place.y + ROW
      );
    });
  }

  #zoom(index: number): void {
    if (index < 0) return;
    this.#zoomed = index;
    this.#focused = index;
    this.draw();
  }

  #listen(): void {
    this.#canvas.addEventListener('click', (event) => this.#zoom(this.#indexAt(event)));
    this.#canvas.addEventListener('dblclick', (event) => {
      const frame = this.#boxes[this.#indexAt(event)]?.node.frame ?? -1;
      if (frame >= 0) this.#events.opened(frame);
    });
    this.#canvas.addEventListener('mousemove', (event) => {
      const index = this.#indexAt(event);
      this.#canvas.style.cursor = index < 0 ? 'default' : 'pointer';
      this.#tell(index);
    });
    this.#canvas.addEventListener('mouseleave', () => this.#events.told(undefined));
    this.#host.addEventListener('scroll', () => this.draw());
    this.#host.addEventListener('keydown', (event) => this.#keyDown(event));
  }

  #keyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.#zoom(this.#focused);
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const flipped: Readonly<Record<string, string>> = { ArrowUp: 'ArrowDown', ArrowDown: 'ArrowUp' };
    const key = this.#isUpright ? (flipped[event.key] ?? event.key) : event.key;
    this.#focused = this.#focused < 0 ? this.#zoomed : neighbour(this.#parents, this.#focused, key);
    this.#scrollTo(this.#focused);
    this.#tell(this.#focused);
    this.draw();
  }

  #scrollTo(index: number): void {
    const depth = this.#boxes[index]?.depth ?? 0;
    const y = (this.#isUpright ? this.#rows - 1 - depth : depth) * ROW;
    if (y < this.#host.scrollTop) this.#host.scrollTop = y;
    const bottom = this.#host.scrollTop + this.#host.clientHeight - ROW;
    if (y > bottom) this.#host.scrollTop = y - this.#host.clientHeight + ROW;
  }
}
