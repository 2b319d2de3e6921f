import { gzipSync } from 'node:zlib';
import { escapeForTerminal } from '../base/escaping.ts';
import { accountLines } from '../profile/account-summary.ts';
import { functionOf } from '../profile/by-function.ts';
import { FrameLabels } from '../profile/frame-label.ts';
import { FrameTable } from '../profile/frame-table.ts';
import type { Profile, ProfiledThread, ProfileFrame } from '../profile/profile.ts';
import { frameIndices } from '../profile/stack-tree.ts';
import { threadName } from '../profile/thread-title.ts';
import { weightsByThread } from '../profile/thread-weights.ts';
import { type Weight, WeightedTree } from '../profile/weighted-tree.ts';
import type { FormatOptions, ProfileFormat } from './format.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Field numbers of proto/profile.proto of github.com/google/pprof. */
const PROFILE = {
  sampleType: 1,
  sample: 2,
  mapping: 3,
  location: 4,
  function: 5,
  stringTable: 6,
  timeNanos: 9,
  durationNanos: 10,
  periodType: 11,
  period: 12,
  comment: 13,
  defaultSampleType: 14,
} as const;
const VALUE_TYPE = { type: 1, unit: 2 } as const;
const SAMPLE = { locationId: 1, value: 2, label: 3 } as const;
const LABEL = { key: 1, text: 2, number: 3 } as const;
const MAPPING = { id: 1, filename: 5, hasFunctions: 7, hasFilenames: 8, hasLineNumbers: 9 } as const;
const LOCATION = { id: 1, mappingId: 2, line: 4 } as const;
const LINE = { functionId: 1, line: 2 } as const;
/** Without a name of the linker: from one that is the same, pprof takes what looks like templates of C++, and nothing is left of `<module>`. */
const FUNCTION = { id: 1, name: 2, filename: 4, startLine: 5 } as const;

/** The one mapping that all frames are of: the program itself. */
const MAPPING_ID = 1;

/** For `go tool pprof` and what reads its format: samples and nanoseconds, with labels for thread and process. */
export const pprof: ProfileFormat = {
  name: 'pprof',
  endings: ['.pb.gz', '.pprof', '.pb'],
  summary: 'for `go tool pprof` and continuous profilers: samples and time, with threads as labels',
  write: (profile, options) => [pprofBytes(profile, options, true)],
};

/** The whole of such a file. Without threads no sample has a label, and stacks of several threads are one. */
export function pprofBytes(
  profile: Profile,
  options: Pick<FormatOptions, 'producer'>,
  hasThreads: boolean,
): Uint8Array {
  return gzipSync(new PprofMessage(profile, options, hasThreads).bytes);
}

/** The message `Profile`, which is put together as a whole: texts are numbered while the rest is written. */
class PprofMessage {
  readonly #profile: Profile;
  readonly #labels: FrameLabels;
  readonly #message = new ProtobufWriter();
  /** The first text is the empty one. */
  readonly #texts = new Map([['', 0]]);

  constructor(profile: Profile, options: Pick<FormatOptions, 'producer'>, hasThreads: boolean) {
    this.#profile = profile;
    this.#labels = new FrameLabels(profile);
    const time = profile.account.mode === 'cpu' ? 'cpu' : 'wall';
    this.#valueType(PROFILE.sampleType, 'samples', 'count');
    this.#valueType(PROFILE.sampleType, time, 'nanoseconds');
    if (hasThreads) this.#samplesByThread();
    else this.#samplesOfAll();
    this.#mapping(profile.processes[0]?.commandLine[0] ?? '');
    this.#locations();
    this.#account(time, options);
    for (const text of this.#texts.keys()) this.#message.text(PROFILE.stringTable, text);
  }

  get bytes(): Uint8Array {
    return this.#message.bytes;
  }

  #text(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size);
    return this.#texts.size - 1;
  }

  #valueType(field: number, type: string, unit: string): void {
    this.#message.message(field, (message) => {
      message.number(VALUE_TYPE.type, this.#text(type)).number(VALUE_TYPE.unit, this.#text(unit));
    });
  }

  /** One for each stack of each thread. */
  #samplesByThread(): void {
    const { threads } = this.#profile;
    for (const [index, weights] of weightsByThread(this.#profile).entries()) {
      const labels = this.#threadLabels(threads[index]);
      for (const [stack, weight] of weights) this.#sample(stack, weight, labels);
    }
  }

  #samplesOfAll(): void {
    const tree = new WeightedTree(this.#profile);
    for (const stack of tree.seen()) this.#sample(stack, tree.own(stack), []);
  }

  /** The innermost call comes first. */
  #sample(stack: number, { looks, ns }: Weight, labels: readonly ((label: ProtobufWriter) => void)[]): void {
    const locations = frameIndices(this.#profile.stacks, stack).map((frame) => frame + 1);
    this.#message.message(PROFILE.sample, (message) => {
      message
        .numbers(SAMPLE.locationId, locations.reverse())
        .numbers(SAMPLE.value, [looks, Math.min(Math.round(ns), Number.MAX_SAFE_INTEGER)]);
      for (const fill of labels) message.message(SAMPLE.label, fill);
    });
  }

  #threadLabels(
    thread: Profile['threads'][number] | undefined,
  ): readonly ((label: ProtobufWriter) => void)[] {
    const pid = this.#profile.processes[thread?.process ?? 0]?.pid;
    const values: Readonly<Record<string, string | number | undefined>> = {
      thread: thread === undefined ? undefined : nameOf(thread),
      tid: thread?.osThreadId,
      pid,
    };
    return Object.entries(values).flatMap(([key, value]) => {
      if (value === undefined) return [];
      return [
        (label: ProtobufWriter) => {
          label.number(LABEL.key, this.#text(key));
          if (typeof value === 'string') label.number(LABEL.text, this.#text(value));
          else label.number(LABEL.number, value);
        },
      ];
    });
  }

  #mapping(filename: string): void {
    this.#message.message(PROFILE.mapping, (message) => {
      message
        .number(MAPPING.id, MAPPING_ID)
        .number(MAPPING.filename, this.#text(filename))
        .number(MAPPING.hasFunctions, 1)
        .number(MAPPING.hasFilenames, 1)
        .number(MAPPING.hasLineNumbers, 1);
    });
  }

  /** A location for each frame, with the same number, and the functions that they are lines of. */
  #locations(): void {
    const functions = new FrameTable();
    for (const [index, frame] of this.#profile.frames.entries()) {
      const functionId = functions.indexOf(functionOf(frame)) + 1;
      this.#message.message(PROFILE.location, (message) => {
        message.number(LOCATION.id, index + 1).number(LOCATION.mappingId, MAPPING_ID);
        message.message(LOCATION.line, (line) => {
          line.number(LINE.functionId, functionId).number(LINE.line, frame.line || frame.firstLine);
        });
      });
    }
    for (const [index, frame] of functions.frames.entries()) this.#function(index + 1, frame);
  }

  #function(id: number, frame: ProfileFrame): void {
    this.#message.message(PROFILE.function, (message) => {
      message
        .number(FUNCTION.id, id)
        .number(FUNCTION.name, this.#text(this.#labels.name(frame)))
        .number(FUNCTION.filename, this.#text(this.#labels.path(frame)))
        .number(FUNCTION.startLine, frame.firstLine);
    });
  }

  #account(time: string, { producer }: Pick<FormatOptions, 'producer'>): void {
    const { account } = this.#profile;
    this.#message
      .bigNumber(PROFILE.timeNanos, BigInt(Math.round(account.startedAt)) * 1_000_000n)
      .number(PROFILE.durationNanos, Math.round(account.durationNs));
    this.#valueType(PROFILE.periodType, time, 'nanoseconds');
    this.#message.number(PROFILE.period, Math.round(1e9 / account.rateHz));
    const comments = accountLines(account).map(({ subject, state }) => `${subject}: ${state}`);
    this.#message.numbers(
      PROFILE.comment,
      [producer, ...comments].map((comment) => this.#text(comment)),
    );
    this.#message.number(PROFILE.defaultSampleType, this.#text(time));
  }
}

/** `undefined` where nothing but its id is known. */
function nameOf(thread: ProfiledThread): string | undefined {
  const isNamed = thread.name !== undefined || thread.sharedBy > 1;
  return isNamed ? escapeForTerminal(threadName(thread, '?')) : undefined;
}
