import { AgentAnswerError, BadArgumentError } from '../base/errors.ts';
import { LONGEST_ANSWER_BYTES, LONGEST_REQUEST_BYTES, type Request } from './protocol.ts';

const LENGTH_BYTES = 4;

/**
 * Writes a request as a frame: the length of what follows, in four bytes, the most significant first, and JSON.
 * @throws {BadArgumentError} for one that the agent would not take
 */
export function encodeRequest(id: number, request: Request): Uint8Array {
  const body = Buffer.from(JSON.stringify({ ...request, id }));
  if (body.length > LONGEST_REQUEST_BYTES) {
    throw new BadArgumentError(
      `Cannot send ${body.length} bytes to the agent: it takes ${LONGEST_REQUEST_BYTES}`,
    );
  }
  return Buffer.concat([lengthBytes(body.length), body]);
}

/** Takes bytes as they come and answers the messages that are whole. */
export class FrameReader {
  #parts: Uint8Array[] = [];
  #sizeBytes = 0;

  /**
   * Takes a piece.
   * @throws {AgentAnswerError} for a message that is too long, or is not JSON
   */
  push(bytes: Uint8Array): readonly unknown[] {
    this.#parts.push(bytes);
    this.#sizeBytes += bytes.length;
    const messages: unknown[] = [];
    for (let message = this.#take(); message !== undefined; message = this.#take()) {
      messages.push(parseMessage(message));
    }
    return messages;
  }

  #take(): Uint8Array | undefined {
    if (this.#sizeBytes < LENGTH_BYTES) return undefined;
    const length = lengthOf(this.#joined(LENGTH_BYTES));
    if (length > LONGEST_ANSWER_BYTES) throw new AgentAnswerError(`a message of ${length} bytes is too long`);
    const end = LENGTH_BYTES + length;
    if (this.#sizeBytes < end) return undefined;
    const all = this.#joined(this.#sizeBytes);
    this.#parts = [all.subarray(end)];
    this.#sizeBytes -= end;
    return all.subarray(LENGTH_BYTES, end);
  }

  /** Joins the pieces only when the first has not enough, since a long message comes in hundreds. */
  #joined(sizeBytes: number): Uint8Array {
    const [first] = this.#parts;
    if (first !== undefined && first.length >= sizeBytes) return first;
    const all = Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }
}

function parseMessage(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  } catch (error) {
    throw new AgentAnswerError('a message is not JSON', { cause: error });
  }
}

function lengthBytes(length: number): Uint8Array {
  return Uint8Array.of(length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff);
}

function lengthOf([a = 0, b = 0, c = 0, d = 0]: Uint8Array): number {
  return a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d;
}
