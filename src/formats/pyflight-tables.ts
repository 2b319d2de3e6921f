import type { ByteCursor } from '../base/byte-cursor.ts';
import type { PythonVersion } from '../model/python-version.ts';
import type {
  Profile,
  ProfiledProcess,
  ProfiledThread,
  ProfileFrame,
  SamplingAccount,
  Spread,
} from '../profile/profile.ts';
import type { SampleBlock } from '../profile/sample-table.ts';
import { EMPTY_STACK } from '../profile/stack-tree.ts';
import { ChunkKind, ENDS, FRAME_KINDS, MODES, RATE_UNIT, RELEASE_LEVELS } from './pyflight-file.ts';

/** Texts, frames, stacks, threads and processes, of each so many: they take more memory here than in the file. */
const MOST_ROWS = 2 ** 24;
/** No date is later; ECMA-262, section 21.4.1.1. */
const LATEST = 8.64e15;

/** What the chunks read so far have said. */
export class ReadTables {
  readonly #texts: string[] = [];
  readonly #processes: ProfiledProcess[] = [];
  readonly #threads: ProfiledThread[] = [];
  readonly #frames: ProfileFrame[] = [];
  readonly #parents: number[] = [EMPTY_STACK];
  readonly #stackFrames: number[] = [0];
  readonly #samples: SampleBlock[] = [];
  #account: SamplingAccount | undefined;
  #lastStartNs = 0;

  take(kind: number, chunk: ByteCursor): void {
    const takers: Readonly<Record<number, () => void>> = {
      [ChunkKind.texts]: () => this.#takeTexts(chunk),
      [ChunkKind.processes]: () => this.#takeRows(chunk, this.#processes, () => this.#process(chunk)),
      [ChunkKind.threads]: () => this.#takeRows(chunk, this.#threads, () => this.#thread(chunk)),
      [ChunkKind.frames]: () => this.#takeFrames(chunk),
      [ChunkKind.stacks]: () => this.#takeStacks(chunk),
      [ChunkKind.samples]: () => this.#takeSamples(chunk),
      [ChunkKind.account]: () => {
        this.#account = this.#accountOf(chunk);
      },
    };
    const take = takers[kind];
    if (take === undefined) throw chunk.fail('what it holds is not known');
    take();
  }

  profile(end: ByteCursor): Profile {
    if (this.#account === undefined) throw end.fail('it ends before it says how the profile came about');
    for (const { parent } of this.#processes)
      if (parent !== undefined && parent >= this.#processes.length) throw end.fail('a process has no parent');
    return {
      processes: this.#processes,
      threads: this.#threads,
      frames: this.#frames,
      stacks: {
        count: this.#parents.length,
        parents: Uint32Array.from(this.#parents),
        frames: Uint32Array.from(this.#stackFrames),
      },
      samples: this.#samples,
      account: this.#account,
    };
  }

  #takeTexts(chunk: ByteCursor): void {
    const values = jsonOf(chunk);
    if (!Array.isArray(values)) throw chunk.fail('its texts are no list');
    if (values.length > MOST_ROWS - this.#texts.length) throw chunk.fail('there are too many texts');
    for (const value of values) {
      if (typeof value !== 'string') throw chunk.fail('one of its texts is none');
      this.#texts.push(value);
    }
  }

  #takeRows<Row>(chunk: ByteCursor, rows: Row[], read: () => Row): void {
    const count = countOf(chunk, MOST_ROWS - rows.length);
    for (let row = 0; row < count; row += 1) rows.push(read());
  }

  #process(chunk: ByteCursor): ProfiledProcess {
    const [pid, parent] = [chunk.uleb128(), noneOr(chunk.uleb128())];
    return {
      pid,
      parent,
      python: pythonOf(chunk),
      commandLine: this.#textList(chunk),
      searchPath: this.#textList(chunk),
    };
  }

  #textList(chunk: ByteCursor): readonly string[] {
    return Array.from({ length: countOf(chunk) }, () => this.#text(chunk));
  }

  #thread(chunk: ByteCursor): ProfiledThread {
    const process = indexOf(chunk, this.#processes.length, 'process');
    const interpreterId = chunk.uleb128();
    const osThreadId = noneOr(chunk.uleb128());
    const pthreadId = noneOr(chunk.uleb128());
    const name = noneOr(indexOf(chunk, this.#texts.length + 1, 'text'));
    return {
      process,
      interpreterId,
      osThreadId,
      pthreadId,
      name: name === undefined ? undefined : this.#texts[name],
      isMainThread: chunk.u8() !== 0,
      serial: this.#threads.length,
      sharedBy: within(chunk, 1, Number.MAX_SAFE_INTEGER),
    };
  }

  #takeFrames(chunk: ByteCursor): void {
    const count = countOf(chunk, MOST_ROWS - this.#frames.length);
    const kinds = column(count, () => oneOf(chunk, FRAME_KINDS));
    const names = column(count, () => this.#text(chunk));
    const files = column(count, () => this.#text(chunk));
    const firstLines = column(count, () => chunk.uleb128());
    const lines = column(count, () => chunk.uleb128());
    for (const [row, kind] of kinds.entries()) {
      this.#frames.push({
        kind,
        name: names[row] ?? '',
        file: files[row] ?? '',
        firstLine: firstLines[row] ?? 0,
        line: lines[row] ?? 0,
      });
    }
  }

  #takeStacks(chunk: ByteCursor): void {
    const count = countOf(chunk, MOST_ROWS - this.#parents.length);
    for (let row = 0; row < count; row += 1) {
      const node = this.#parents.length;
      const back = chunk.uleb128();
      if (back < 1 || back > node) throw chunk.fail('a stack does not come after its caller');
      this.#parents.push(node - back);
    }
    for (let row = 0; row < count; row += 1)
      this.#stackFrames.push(indexOf(chunk, this.#frames.length, 'frame'));
  }

  #takeSamples(chunk: ByteCursor): void {
    const count = countOf(chunk);
    const startNs = filled(new Float64Array(count), () => {
      this.#lastStartNs += chunk.sleb128();
      if (!(this.#lastStartNs >= 0 && Number.isSafeInteger(this.#lastStartNs)))
        throw chunk.fail('a sample is of a time that cannot be');
      return this.#lastStartNs;
    });
    this.#samples.push({
      count,
      startNs,
      weightNs: filled(new Float64Array(count), () => chunk.uleb128()),
      looks: filled(new Uint32Array(count), () => looksOf(chunk)),
      threads: filled(new Uint32Array(count), () => indexOf(chunk, this.#threads.length, 'thread')),
      stacks: filled(new Uint32Array(count), () => indexOf(chunk, this.#parents.length, 'stack')),
      states: Uint8Array.from(chunk.bytes(count)),
    });
  }

  /** The members are read in the order in which they stand in the file. */
  #accountOf(chunk: ByteCursor): SamplingAccount {
    countOf(chunk);
    const number = (): number => chunk.uleb128();
    const spread = (): Spread => ({ medianNs: number(), p99Ns: number(), mostNs: number() });
    return {
      mode: oneOf(chunk, MODES),
      endedBecause: oneOf(chunk, ENDS),
      rateHz: within(chunk, 1, Number.MAX_SAFE_INTEGER) / RATE_UNIT,
      startedAt: within(chunk, 0, LATEST),
      durationNs: number(),
      sweeps: number(),
      missedSweeps: number(),
      samples: number(),
      unsteadySamples: number(),
      tornSamples: number(),
      unreadableSamples: number(),
      lateness: spread(),
      sweepTime: spread(),
      samplerCpuNs: number(),
      pausedNs: number(),
      pauses: spread(),
      samplesWithoutNative: number(),
      mostTasks: number(),
      tasksRead: number(),
      tasksLost: number(),
      sharingThreads: number(),
      sampledProcesses: number(),
      unreadProcesses: Array.from({ length: countOf(chunk) }, () => ({
        pid: number(),
        reason: this.#text(chunk),
      })),
    };
  }

  #text(chunk: ByteCursor): string {
    return this.#texts[indexOf(chunk, this.#texts.length, 'text')] ?? '';
  }
}

/** A count of things of which each takes a byte or more, so that few bytes cannot ask for much memory. */
function countOf(chunk: ByteCursor, most = Number.POSITIVE_INFINITY): number {
  const count = chunk.uleb128();
  if (count > Math.min(chunk.left, most)) throw chunk.fail(`there cannot be ${count} of them`);
  return count;
}

/** A sample of no look would be of no time, which is divided by. */
function looksOf(chunk: ByteCursor): number {
  const looks = indexOf(chunk, 2 ** 32, 'number of looks');
  if (looks === 0) throw chunk.fail('a sample was seen by no look');
  return looks;
}

function column<Value>(count: number, read: () => Value): Value[] {
  const values: Value[] = [];
  for (let row = 0; row < count; row += 1) values.push(read());
  return values;
}

function filled<Column extends Float64Array | Uint32Array>(column: Column, read: () => number): Column {
  for (let row = 0; row < column.length; row += 1) column[row] = read();
  return column;
}

function indexOf(chunk: ByteCursor, count: number, what: string): number {
  const index = chunk.uleb128();
  if (index >= count) throw chunk.fail(`there is no ${what} ${index}`);
  return index;
}

function within(chunk: ByteCursor, least: number, most: number): number {
  const value = chunk.uleb128();
  if (value < least || value > most) throw chunk.fail(`${value} cannot be`);
  return value;
}

function oneOf<Value>(chunk: ByteCursor, values: readonly Value[]): Value {
  const value = values[chunk.u8()];
  if (value === undefined) throw chunk.fail('a number has no meaning');
  return value;
}

function noneOr(value: number): number | undefined {
  return value === 0 ? undefined : value - 1;
}

function jsonOf(chunk: ByteCursor): unknown {
  const text = Buffer.from(chunk.bytes(chunk.left)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw chunk.fail('its texts are no JSON', { cause: error });
  }
}

function pythonOf(chunk: ByteCursor): PythonVersion {
  const [major, minor, micro, serial] = [chunk.uleb128(), chunk.uleb128(), chunk.uleb128(), chunk.uleb128()];
  return {
    major,
    minor,
    micro,
    serial,
    releaseLevel: oneOf(chunk, RELEASE_LEVELS),
    isFreeThreaded: chunk.u8() !== 0,
    isDebugBuild: chunk.u8() !== 0,
  };
}
