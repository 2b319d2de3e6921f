import { deflateRawSync } from 'node:zlib';
import type { Profile, ProfiledProcess, ProfiledThread, SamplingAccount } from '../profile/profile.ts';
import type { SampleBlock } from '../profile/sample-table.ts';
import { EMPTY_STACK, type StackColumns } from '../profile/stack-tree.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  ChunkCoding,
  ChunkKind,
  ENDS,
  FILE_MAGIC,
  FILE_VERSION,
  FRAME_KINDS,
  MODES,
  RATE_UNIT,
  RELEASE_LEVELS,
} from './pyflight-file.ts';

/** Less than this is not worth compressing. */
const LEAST_DEFLATED = 64;

type Fill = (chunk: ByteWriter) => void;

/** Writes a `.pyflight` file part by part, while the profile grows. */
export class PyflightWriter {
  readonly #texts = new Map<string, number>();
  #newTexts: string[] = [];
  #processes = 0;
  #threads = 0;
  #frames = 0;
  #stacks = EMPTY_STACK + 1;
  #lastStartNs = 0;

  /** What stands at the beginning of the file. */
  head(): Uint8Array {
    return new ByteWriter().copy(Buffer.from(FILE_MAGIC)).u8(FILE_VERSION).bytes;
  }

  /** What the profile has more than the last time, and all samples that it has now. */
  *part({ processes, threads, frames, stacks, samples }: Omit<Profile, 'account'>): Generator<Uint8Array> {
    yield* this.#chunk(ChunkKind.processes, processes.length - this.#processes, (chunk) => {
      for (const process of processes.slice(this.#processes)) this.#process(chunk, process);
    });
    this.#processes = processes.length;
    yield* this.#chunk(ChunkKind.threads, threads.length - this.#threads, (chunk) => {
      for (const thread of threads.slice(this.#threads)) this.#thread(chunk, thread);
    });
    this.#threads = threads.length;
    yield* this.#chunk(ChunkKind.frames, frames.length - this.#frames, (chunk) => {
      const added = frames.slice(this.#frames);
      for (const { kind } of added) chunk.u8(FRAME_KINDS.indexOf(kind));
      for (const { name } of added) chunk.uleb128(this.#text(name));
      for (const { file } of added) chunk.uleb128(this.#text(file));
      for (const { firstLine } of added) chunk.uleb128(firstLine);
      for (const { line } of added) chunk.uleb128(line);
    });
    this.#frames = frames.length;
    yield* this.#chunk(ChunkKind.stacks, stacks.count - this.#stacks, (chunk) => this.#nodes(chunk, stacks));
    this.#stacks = Math.max(stacks.count, this.#stacks);
    for (const block of samples)
      yield* this.#chunk(ChunkKind.samples, block.count, (chunk) => this.#samples(chunk, block));
  }

  /** How the profile has come about until now. A file without this ended early. */
  *account(account: SamplingAccount): Generator<Uint8Array> {
    const { lateness, sweepTime } = account;
    yield* this.#chunk(ChunkKind.account, 1, (chunk) => {
      chunk.u8(MODES.indexOf(account.mode)).u8(ENDS.indexOf(account.endedBecause));
      const numbers = [
        account.rateHz * RATE_UNIT,
        account.startedAt,
        account.durationNs,
        account.sweeps,
        account.missedSweeps,
        account.samples,
        account.unsteadySamples,
        account.tornSamples,
        account.unreadableSamples,
        ...[lateness, sweepTime].flatMap(({ medianNs, p99Ns, mostNs }) => [medianNs, p99Ns, mostNs]),
        account.samplerCpuNs,
        account.pausedNs,
        account.pauses.medianNs,
        account.pauses.p99Ns,
        account.pauses.mostNs,
        account.samplesWithoutNative,
        account.mostTasks,
        account.tasksRead,
        account.tasksLost,
        account.sharingThreads,
        account.sampledProcesses,
        account.unreadProcesses.length,
      ];
      for (const number of numbers) chunk.uleb128(Math.max(0, Math.round(number)));
      for (const { pid, reason } of account.unreadProcesses) chunk.uleb128(pid).uleb128(this.#text(reason));
    });
  }

  /** Nothing where there is nothing to say. Texts that the chunk refers to come before it. */
  *#chunk(kind: number, count: number, fill: Fill): Generator<Uint8Array> {
    if (count <= 0) return;
    const chunk = new ByteWriter().uleb128(count);
    fill(chunk);
    if (this.#newTexts.length > 0) yield packed(ChunkKind.texts, Buffer.from(JSON.stringify(this.#newTexts)));
    this.#newTexts = [];
    yield packed(kind, chunk.bytes);
  }

  #text(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size);
    this.#newTexts.push(text);
    return this.#texts.size - 1;
  }

  #process(chunk: ByteWriter, { pid, parent, python, commandLine, searchPath }: ProfiledProcess): void {
    chunk.uleb128(pid).uleb128(orNone(parent));
    for (const number of [python.major, python.minor, python.micro, python.serial]) chunk.uleb128(number);
    chunk
      .u8(RELEASE_LEVELS.indexOf(python.releaseLevel))
      .u8(Number(python.isFreeThreaded))
      .u8(Number(python.isDebugBuild));
    for (const texts of [commandLine, searchPath]) {
      chunk.uleb128(texts.length);
      for (const text of texts) chunk.uleb128(this.#text(text));
    }
  }

  #thread(chunk: ByteWriter, thread: ProfiledThread): void {
    chunk
      .uleb128(thread.process)
      .uleb128(thread.interpreterId)
      .uleb128(orNone(thread.osThreadId))
      .uleb128(orNone(thread.pthreadId))
      .uleb128(thread.name === undefined ? 0 : this.#text(thread.name) + 1)
      .u8(Number(thread.isMainThread))
      .uleb128(thread.sharedBy);
  }

  #nodes(chunk: ByteWriter, { count, parents, frames }: StackColumns): void {
    // A node mostly hangs on the one before, so how far back its parent is takes a byte.
    for (let node = this.#stacks; node < count; node += 1) chunk.uleb128(node - (parents[node] ?? 0));
    for (let node = this.#stacks; node < count; node += 1) chunk.uleb128(frames[node] ?? 0);
  }

  #samples(chunk: ByteWriter, block: SampleBlock): void {
    const { count } = block;
    for (let row = 0; row < count; row += 1) {
      const startNs = Math.round(block.startNs[row] ?? 0);
      chunk.sleb128(startNs - this.#lastStartNs);
      this.#lastStartNs = startNs;
    }
    for (let row = 0; row < count; row += 1) chunk.uleb128(Math.round(block.weightNs[row] ?? 0));
    for (const column of [block.looks, block.threads, block.stacks])
      for (let row = 0; row < count; row += 1) chunk.uleb128(column[row] ?? 0);
    chunk.copy(block.states.subarray(0, count));
  }
}

function orNone(value: number | undefined): number {
  return value === undefined ? 0 : value + 1;
}

function packed(kind: number, bytes: Uint8Array): Uint8Array {
  const isDeflated = bytes.length >= LEAST_DEFLATED;
  const coded = isDeflated ? deflateRawSync(bytes) : bytes;
  return new ByteWriter()
    .u8(kind)
    .u8(isDeflated ? ChunkCoding.deflate : ChunkCoding.plain)
    .uleb128(coded.length)
    .copy(coded).bytes;
}
