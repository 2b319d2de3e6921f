import type { MeasuringListener, StreamWish } from '../../api/index.ts';
import { escapeForTerminal } from '../../base/escaping.ts';
import type { JsonObject } from '../../report/json-value.ts';
import {
  tensorReportToJson,
  torchProfileToJson,
  torchRecordingToJson,
  torchSnapshotToJson,
} from '../../report/torch-json.ts';
import { operatorLines, type TorchManner, tensorLines } from '../../report/torch-layout.ts';
import { askAgent } from '../agent/agent-question.ts';
import { boundOf } from '../bounds.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { type JsonMode, jsonText } from '../json-output.ts';
import { outLines } from '../out-lines.ts';
import { type Hearing, hearCalls } from './call-stream.ts';
import { type FunctionWords, functionWishOf } from './function-options.ts';
import { NumberedFiles } from './numbered-files.ts';
import { streamWishOf } from './stream-options.ts';

const USUAL_TRACE = 'trace.json';
const USUAL_SNAPSHOT = 'snapshot.pickle';

/** What was typed of `torch`. */
interface TorchWords extends FunctionWords {
  readonly pid: number;
  readonly file: string | undefined;
  readonly n: number;
  readonly limit: number;
  readonly filter: string | undefined;
  readonly for: string | undefined;
  readonly lazy: boolean;
  readonly how: string;
  readonly timeout: string | undefined;
  readonly json: JsonMode | undefined;
}

/** Level L3: has the next calls of a function run under torch's profiler, and writes a trace of each. */
export async function profileCalls(typed: TorchWords, context: Context): Promise<Outcome> {
  using files = await NumberedFiles.open(typed.file ?? USUAL_TRACE, typed.n, context);
  return await hearCalls(commandOf(typed), context, async (agent, hearing) => {
    const profile = await agent.torch.profile(wishOf(typed, hearing), listenerOf(files, hearing));
    files.finish(profile.fileCount);
    if (typed.json === undefined && profile.fileCount > 0) {
      outLines(operatorLines(profile, mannerOf(typed, context)), context);
      sayWritten('profile', files, context);
    }
    return { account: profile.account, document: torchProfileToJson(profile, files.paths) };
  });
}

/** Level L3: has allocations of CUDA recorded during the next calls of a function, and writes a snapshot after each. */
export async function recordCalls(typed: TorchWords, context: Context): Promise<Outcome> {
  using files = await NumberedFiles.open(typed.file ?? USUAL_SNAPSHOT, typed.n, context);
  return await hearCalls(commandOf(typed), context, async (agent, hearing) => {
    const recording = await agent.torch.record(wishOf(typed, hearing), listenerOf(files, hearing));
    files.finish(recording.fileCount);
    if (recording.wasRecording)
      context.note('note: the process records allocations itself, and goes on to do so');
    if (typed.json === undefined) sayWritten('memory record', files, context);
    return { account: recording.account, document: torchRecordingToJson(recording, files.paths) };
  });
}

/** Level L2: writes what CUDA's allocator holds. */
export async function takeSnapshot(typed: TorchWords, context: Context): Promise<Outcome> {
  using files = await NumberedFiles.open(typed.file ?? USUAL_SNAPSHOT, 1, context);
  const version = await askAgent(targetOf(typed), context, (agent, signal) =>
    agent.torch.snapshot((piece) => files.take(piece), signal),
  );
  files.finish(1);
  const document = torchSnapshotToJson(version, files.paths[0] ?? '');
  if (typed.json !== undefined) outDocument(document, typed, context);
  else sayWritten('memory snapshot', files, context);
  return 'complete';
}

/** Level L2: lists the tensors that live. */
export async function listTensors(typed: TorchWords, context: Context): Promise<Outcome> {
  const report = await askAgent(targetOf(typed), context, (agent, signal) => agent.torch.tensors(signal));
  if (typed.json !== undefined) outDocument(tensorReportToJson(report), typed, context);
  else outLines(tensorLines(report, mannerOf(typed, context)), context);
  return 'complete';
}

function commandOf(typed: TorchWords) {
  return { ...typed, name: 'torch' };
}

function targetOf({ pid, how, timeout }: TorchWords) {
  return { target: { kind: 'process', pid }, how, timeout } as const;
}

function wishOf(typed: TorchWords, { signal }: Hearing): StreamWish {
  const stream = streamWishOf({ ...typed, maxOverhead: 'none' });
  return { ...functionWishOf(typed), ...stream, limit: typed.n, signal };
}

function listenerOf(files: NumberedFiles, { opening }: Hearing): MeasuringListener {
  return { ...opening, onCall: (piece) => files.take(piece) };
}

function mannerOf({ limit }: TorchWords, { style, columns }: Context): TorchManner {
  return { limit: boundOf(limit), style, width: columns };
}

function sayWritten(what: string, { paths }: NumberedFiles, { out, style }: Context): void {
  for (const path of paths) out(`${what} info has been written to ${style.green(escapeForTerminal(path))}\n`);
}

function outDocument(document: JsonObject, { pid, json }: TorchWords, context: Context): void {
  context.out(jsonText(document, { command: 'torch', level: 'L2', pid }, json ?? 'json', context));
}
