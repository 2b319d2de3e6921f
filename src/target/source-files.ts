import type { TargetTextFile } from '../platform/target-files.ts';

/** A source file of the target. */
export interface SourceText {
  /** Without their line ends. */
  readonly lines: readonly string[];
  /** It was written after the process began, so it may not be what runs. */
  readonly isNewerThanProcess: boolean;
}

/** `# -*- coding: latin-1 -*-` in one of the first two lines (PEP 263). */
const CODING = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/u;

/** A start is known in ticks, rounded down: a script may be written and run within one. */
const START_TIME_ERROR_MS = 10;

/** The source files that a target's code objects name, each read once. */
export class SourceFiles {
  readonly #readFile: (filename: string) => TargetTextFile | undefined;
  readonly #startedAtMs: number;
  readonly #texts = new Map<string, SourceText | undefined>();

  /** @param startedAt since when the target runs; of a core, when that was written */
  constructor(readFile: (filename: string) => TargetTextFile | undefined, startedAt: Date) {
    this.#readFile = readFile;
    this.#startedAtMs = startedAt.getTime();
  }

  /** Reads a file as the target would see it; `undefined` when there is none, as for `<string>`. */
  find(filename: string): SourceText | undefined {
    if (!this.#texts.has(filename)) this.#texts.set(filename, this.#read(filename));
    return this.#texts.get(filename);
  }

  #read(filename: string): SourceText | undefined {
    const file = this.#readFile(filename);
    if (file === undefined) return undefined;
    return {
      lines: decodeSource(file.bytes).split(/\r\n|\r|\n/u),
      isNewerThanProcess: file.modifiedAt.getTime() > this.#startedAtMs + START_TIME_ERROR_MS,
    };
  }
}

/** Decodes Python source by its own declaration, else as UTF-8; what does not decode becomes U+FFFD. */
export function decodeSource(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 400)).toString('latin1');
  const declared = head.split(/\r\n|\r|\n/u, 2).map((line) => CODING.exec(line)?.[1]);
  return decoderFor(declared.find((name) => name !== undefined)).decode(bytes);
}

/** Python's names of encodings that the WHATWG, whose names TextDecoder knows, spells otherwise. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'latin-1': 'latin1',
  'utf-8-sig': 'utf-8',
  'utf8-sig': 'utf-8',
};

function decoderFor(encoding: string | undefined): InstanceType<typeof TextDecoder> {
  const name = encoding?.toLowerCase().replaceAll('_', '-') ?? 'utf-8';
  try {
    return new TextDecoder(OTHER_NAMES[name] ?? name);
  } catch {
    return new TextDecoder('utf-8');
  }
}
