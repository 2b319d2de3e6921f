import { crc32 } from '../base/crc32.ts';
import type { SymbolFrame } from './symbol-frame.ts';

/** Changes with the format, and with what makes the same file be answered otherwise. */
const FORMAT = 'pyflight-symbols 2';

/** More addresses than the stacks of one module have in a long profile. */
const MAX_ADDRESSES = 2 ** 15;

/** The most that is written, and read back. */
export const MAX_CACHE_BYTES = 2 ** 22;

/** What answers were made from; those made from other files are not used. */
export interface SymbolCacheKey {
  readonly buildId: string;
  /** Tells the debug file apart that was there, or its absence, in words of the caller's own. */
  readonly origin: string;
}

/** What to call the file of a module; `undefined` for a build id that no linker makes, which is not kept. */
export function symbolCacheName(buildId: string): string | undefined {
  return /^[0-9a-f]{16,80}$/u.test(buildId) ? `symbols-${buildId}` : undefined;
}

/** The answers for the addresses of one module, as they are kept on disk from one run to the next. */
export class SymbolCache {
  readonly #key: SymbolCacheKey;
  /** The least recently added first. */
  readonly #frames = new Map<number, readonly SymbolFrame[]>();
  #isChanged = false;

  constructor(key: SymbolCacheKey) {
    this.#key = key;
  }

  /** Whether it knows more than what it was read from. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** What is known of an address of the file's own; empty when it is known that there is nothing. */
  framesAt(address: number): readonly SymbolFrame[] | undefined {
    return this.#frames.get(address);
  }

  remember(address: number, frames: readonly SymbolFrame[]): void {
    this.#frames.set(address, frames);
    this.#isChanged = true;
    if (this.#frames.size <= MAX_ADDRESSES) return;
    for (const oldest of this.#frames.keys()) {
      this.#frames.delete(oldest);
      return;
    }
  }

  /** Its bytes, at most {@link MAX_CACHE_BYTES}: the older half of the addresses is left out until they fit. */
  encode(): Uint8Array {
    let entries = [...this.#frames];
    for (;;) {
      const bytes = encodeEntries(this.#key, entries);
      if (bytes.length <= MAX_CACHE_BYTES || entries.length === 0) return bytes;
      entries = entries.slice(Math.ceil(entries.length / 2));
    }
  }

  /** Reads what {@link encode} made; an empty cache for bytes that are torn, foreign, or made from other files. */
  static decode(bytes: Uint8Array, key: SymbolCacheKey): SymbolCache {
    const cache = new SymbolCache(key);
    for (const [address, frames] of decodeEntries(bytes, key) ?? []) cache.#frames.set(address, frames);
    return cache;
  }
}

type Entry = readonly [address: number, frames: readonly SymbolFrame[]];

/** Per frame: name, raw name, offset, file, line, inlined; texts by their place in the list, and -1 for what is unknown. */
const FRAME_NUMBERS = 6;
const UNKNOWN = -1;

// pyflight-symbols 2 9b7c1a20
// {"buildId":"93ac…","origin":"","texts":["poll","poll.c"],"places":[[1032736,0,-1,77,1,29,0]]}
function encodeEntries({ buildId, origin }: SymbolCacheKey, entries: readonly Entry[]): Uint8Array {
  const texts = new Map<string, number>();
  const textOf = (text: string | undefined): number => {
    if (text === undefined) return UNKNOWN;
    const known = texts.get(text) ?? texts.size;
    texts.set(text, known);
    return known;
  };
  const places = entries.map(([address, frames]) => [
    address,
    ...frames.flatMap(({ name, rawName, offset, file, line, isInlined }) => [
      textOf(name),
      textOf(rawName),
      offset ?? UNKNOWN,
      textOf(file),
      line ?? UNKNOWN,
      Number(isInlined),
    ]),
  ]);
  const body = Buffer.from(JSON.stringify({ buildId, origin, texts: [...texts.keys()], places }));
  return Buffer.concat([Buffer.from(`${FORMAT} ${checksumOf(body)}\n`), body]);
}

function decodeEntries(bytes: Uint8Array, key: SymbolCacheKey): readonly Entry[] | undefined {
  if (bytes.length > MAX_CACHE_BYTES) return undefined;
  const headerEnd = bytes.indexOf(0x0a);
  const body = bytes.subarray(headerEnd + 1);
  const header = Buffer.from(bytes.subarray(0, Math.max(0, headerEnd))).toString('latin1');
  if (header !== `${FORMAT} ${checksumOf(body)}`) return undefined;
  const content = parseJson(Buffer.from(body).toString('utf8'));
  if (!isContent(content)) return undefined;
  if (content.buildId !== key.buildId || content.origin !== key.origin) return undefined;
  const entries = content.places.map((place) => decodePlace(place, content.texts));
  return entries.every((entry) => entry !== undefined) ? entries.slice(0, MAX_ADDRESSES) : undefined;
}

function decodePlace(place: readonly number[], texts: readonly string[]): Entry | undefined {
  const [address] = place;
  if (address === undefined || (place.length - 1) % FRAME_NUMBERS !== 0) return undefined;
  const frames: SymbolFrame[] = [];
  for (let at = 1; at < place.length; at += FRAME_NUMBERS) {
    const [nameAt, rawNameAt, offset, fileAt, line, isInlined] = place.slice(at, at + FRAME_NUMBERS);
    const name = texts[nameAt ?? UNKNOWN];
    if (name === undefined) return undefined;
    const rawName = texts[rawNameAt ?? UNKNOWN];
    frames.push({
      name,
      ...(rawName === undefined ? {} : { rawName }),
      offset: known(offset),
      file: texts[fileAt ?? UNKNOWN],
      line: known(line),
      isInlined: isInlined === 1,
    });
  }
  return [address, frames];
}

function known(value: number | undefined): number | undefined {
  return value === UNKNOWN ? undefined : value;
}

function checksumOf(body: Uint8Array): string {
  return crc32(body).toString(16).padStart(8, '0');
}

interface Content extends SymbolCacheKey {
  readonly texts: readonly string[];
  readonly places: readonly (readonly number[])[];
}

function isContent(value: unknown): value is Content {
  if (typeof value !== 'object' || value === null) return false;
  const { buildId, origin, texts, places } = { buildId: 0, origin: 0, texts: 0, places: 0, ...value };
  return (
    typeof buildId === 'string' &&
    typeof origin === 'string' &&
    isArrayOf(texts, (text) => typeof text === 'string') &&
    isArrayOf(places, (place) => isArrayOf(place, Number.isSafeInteger))
  );
}

function isArrayOf(value: unknown, isElement: (element: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isElement);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
