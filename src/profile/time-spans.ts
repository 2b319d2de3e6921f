import { type Sample, SampleState } from './sample-table.ts';

/** What a thread did in each of equal spans of time. */
export interface ThreadSpans {
  /** The stack that took most of it; -1 where nothing was seen. */
  readonly spans: readonly number[];
  /** The part of the span in which the thread ran on a CPU, as far as it was looked at. */
  readonly cpu: readonly number[];
}

/** Divides the time of a profile, and says what a thread did mostly in each part. Samples are in the order of time. */
export function threadSpans(samples: Iterable<Sample>, durationNs: number, count: number): ThreadSpans {
  const spanNs = Math.max(durationNs / count, 1);
  const spans = new Array<number>(count).fill(-1);
  const cpu = new Array<number>(count).fill(0);
  let current = new SpanSum(0);
  const close = (): void => {
    if (current.seenNs === 0 || current.index >= count) return;
    spans[current.index] = current.mostly;
    cpu[current.index] = Number((current.cpuNs / current.seenNs).toFixed(3));
  };
  for (const sample of samples) {
    const endNs = sample.startNs + sample.weightNs;
    const last = Math.min(Math.ceil(endNs / spanNs), count);
    for (let index = Math.floor(sample.startNs / spanNs); index < last; index += 1) {
      if (index !== current.index) {
        close();
        current = new SpanSum(index);
      }
      const ns = Math.min(endNs, (index + 1) * spanNs) - Math.max(sample.startNs, index * spanNs);
      current.add(sample, ns);
    }
  }
  close();
  return { spans, cpu };
}

/** What was seen in one span. */
class SpanSum {
  readonly index: number;
  readonly #byStack = new Map<number, number>();
  seenNs = 0;
  cpuNs = 0;

  constructor(index: number) {
    this.index = index;
  }

  add({ stack, state }: Sample, ns: number): void {
    this.#byStack.set(stack, (this.#byStack.get(stack) ?? 0) + ns);
    this.seenNs += ns;
    if ((state & SampleState.onCpu) !== 0) this.cpuNs += ns;
  }

  get mostly(): number {
    let mostly = -1;
    let most = 0;
    for (const [stack, ns] of this.#byStack) {
      if (ns <= most) continue;
      most = ns;
      mostly = stack;
    }
    return mostly;
  }
}
