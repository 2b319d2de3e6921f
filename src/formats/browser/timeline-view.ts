import { frameColor } from '../frame-color.ts';
import type { PageData, PageThread } from '../page-model/page-data.ts';
import { duration, percent } from '../page-model/quantity-text.ts';
import { make, part } from './elements.ts';

const LANE = 34;

/** A lane for each thread: what was seen most in each span of time, as high as it ran on a CPU. */
export class TimelineView {
  #data: PageData;
  readonly #host = part('lanes', HTMLElement);
  readonly #told: (text: string | undefined) => void;

  constructor(data: PageData, told: (text: string | undefined) => void) {
    this.#data = data;
    this.#told = told;
  }

  /** Takes other data, for the next time that it is shown. */
  refresh(data: PageData): void {
    this.#data = data;
  }

  show(threads: readonly PageThread[]): void {
    this.#host.replaceChildren(...threads.flatMap((thread) => this.#lane(thread)));
    for (const [index, canvas] of [...this.#host.querySelectorAll('canvas')].entries()) {
      const thread = threads[index];
      if (thread !== undefined) this.#draw(canvas, thread);
    }
  }

  #lane(thread: PageThread): readonly HTMLElement[] {
    const canvas = document.createElement('canvas');
    canvas.addEventListener('mousemove', (event) => this.#tell(thread, event.offsetX / canvas.clientWidth));
    canvas.addEventListener('mouseleave', () => this.#told(undefined));
    const states = `CPU ${percent(thread.onCpu, 1)}, GIL ${percent(thread.holdsGil, 1)}, waits for it ${percent(thread.waitsForGil, 1)}`;
    return [
      make('div', 'lane', make('div', 'lane-name', thread.name, ' ', make('span', 'faint', states)), canvas),
    ];
  }

  #draw(canvas: HTMLCanvasElement, { spans, cpu }: PageThread): void {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    canvas.width = width * ratio;
    canvas.height = LANE * ratio;
    const context = canvas.getContext('2d');
    if (context === null) return;
    context.scale(ratio, ratio);
    const step = width / Math.max(spans.length, 1);
    for (const [index, stack] of spans.entries()) {
      const frame = this.#frameOf(stack);
      if (frame === undefined) continue;
      const height = 5 + (LANE - 5) * (cpu[index] ?? 0);
      context.fillStyle = frameColor(frame.origin, frame.name);
      // Whole pixels: parts of them would shine through between spans.
      const left = Math.floor(index * step);
      context.fillRect(left, LANE - height, Math.max(1, Math.floor((index + 1) * step) - left), height);
    }
  }

  #frameOf(stack: number) {
    return stack <= 0 ? undefined : this.#data.frames[this.#data.stackFrames[stack] ?? -1];
  }

  #tell({ name, spans, cpu }: PageThread, place: number): void {
    const index = Math.min(spans.length - 1, Math.max(0, Math.floor(place * spans.length)));
    const frame = this.#frameOf(spans[index] ?? -1);
    const at = duration((index / Math.max(spans.length, 1)) * this.#data.durationNs);
    const seen = frame === undefined ? 'nothing was seen' : `mostly in ${frame.name} (${frame.place})`;
    this.#told(`${name} at ${at}: ${seen}, ${percent(cpu[index] ?? 0, 1)} on a CPU`);
  }
}
