import type { CancelSignal } from '../base/cancellation.ts';
import type { FilePiece, TensorReport, TorchProfile, TorchRecording } from '../model/torch-report.ts';
import type { Fields } from '../wire/fields.ts';
import {
  parsePiece,
  parseTensorReport,
  parseTorchProfile,
  parseTorchRecording,
} from '../wire/torch-answers.ts';
import type { Waiting } from './agent-connection.ts';
import type { Ask } from './agent-console.ts';
import { hearStream, type StreamListener, type StreamWish, streamRequest } from './call-stream.ts';

/** Hears of the function, and gets the files of its calls piece by piece when all calls were made. */
export type MeasuringListener = StreamListener<FilePiece>;

/** To write down what was measured before it was called off. */
const WRITING_MS = 120_000;

/** Asks the torch that a process has loaded. */
export class TorchQuestions {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  /** Has calls of a function run under torch's profiler, one at a time; of each there is a Chrome trace. */
  async profile(wish: StreamWish, listener: MeasuringListener): Promise<TorchProfile> {
    return parseTorchProfile(await this.#measure('torch-profile', wish, listener));
  }

  /** Has allocations of CUDA recorded during calls of a function; of each there is a snapshot. */
  async record(wish: StreamWish, listener: MeasuringListener): Promise<TorchRecording> {
    return parseTorchRecording(await this.#measure('torch-record', wish, listener));
  }

  /** Takes a snapshot of CUDA's allocator, for pytorch.org/memory_viz; answers which torch has made it. */
  async snapshot(onPiece: (piece: FilePiece) => void, signal?: CancelSignal): Promise<string> {
    const waiting: Waiting = { signal, onEvent: (event) => onPiece(parsePiece(event)) };
    return (await this.#ask({ op: 'torch-snapshot' }, waiting)).text('torch');
  }

  /** Counts and measures the tensors that live. */
  async tensors(signal?: CancelSignal): Promise<TensorReport> {
    return parseTensorReport(await this.#ask({ op: 'torch-tensors' }, { signal }));
  }

  async #measure(op: string, wish: StreamWish, listener: MeasuringListener): Promise<Fields> {
    const onEvent = (event: Fields): void => hearStream(event, listener, parsePiece);
    const waiting: Waiting = { signal: wish.signal, onEvent, cancelMs: WRITING_MS };
    return await this.#ask(streamRequest(op, wish, {}), waiting);
  }
}
