import { ByteCursor } from '../base/byte-cursor.ts';
import type { Cancellation } from '../base/cancellation.ts';
import { type InspectorError, MalformedInputError, UnusableCoreError } from '../base/errors.ts';
import type { ByteSource } from '../base/ports.ts';
import { decompressGzip, GZIP_MAGIC } from '../elf/compression/gzip-members.ts';
import { decompressLz4, LZ4_MAGIC } from '../elf/compression/lz4-frames.ts';
import { decompressZstdFrames, ZSTD_MAGIC } from '../elf/compression/zstd-frames.ts';
import { openInputFile } from '../platform/input-file.ts';
import { writeTemporaryFile } from '../platform/temporary-file.ts';
import { decompressXzStreams } from '../symbols/xz/xz-stream.ts';

/** How a core is compressed. */
export type CoreCompression = 'gzip' | 'lz4' | 'xz' | 'zstd';

/** How far the decompression of a core has come. */
export interface CoreProgress {
  readonly compression: CoreCompression;
  /** Of the file, and how large that is. */
  readonly readBytes: number;
  readonly fileBytes: number;
  readonly writtenBytes: number;
}

/** How a core is opened. */
export interface CoreSourceOptions {
  /** Where a compressed core is decompressed to; `$TMPDIR`, or else `/tmp`, when left out. */
  readonly directory?: string;
  /** What a decompressed core may have at most; all that is free there, but a reserve, when left out. */
  readonly maxBytes?: number;
  readonly onProgress?: (progress: CoreProgress) => void;
  readonly signal?: Cancellation;
}

/** The bytes of a core file, decompressed. */
export interface CoreSource extends Disposable {
  readonly source: ByteSource;
  /** When the file was written that the user has named. */
  readonly modifiedAt: Date;
  /** `undefined` for a core that was not compressed. */
  readonly compression: CoreCompression | undefined;
  /** Why it could not be decompressed to its end; what came before is there. */
  readonly problem: InspectorError | undefined;
}

/**
 * Opens a core file; one that is compressed, as systemd-coredump does it, is decompressed to a temporary file that has
 * no name and is gone with us.
 * @throws {CannotReadFileError} when there is no such file that we may read
 * @throws {CannotWriteFileError} when there is no room to decompress it
 * @throws {UnusableCoreError} when nothing of it could be decompressed
 */
export async function openCoreSource(path: string, options: CoreSourceOptions = {}): Promise<CoreSource> {
  const file = openInputFile(path);
  const compression = compressionOf(file);
  if (compression === undefined) {
    const { modifiedAt } = file;
    const close = (): void => file[Symbol.dispose]();
    return { source: file, modifiedAt, compression, problem: undefined, [Symbol.dispose]: close };
  }
  using compressed = file;
  const counted = new CountedSource(compressed);
  const { directory, maxBytes, signal, onProgress } = options;
  const written = await writeTemporaryFile(DECOMPRESSORS[compression](counted), {
    name: path,
    ...(directory === undefined ? {} : { directory }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(signal === undefined ? {} : { signal }),
    onProgress: (writtenBytes) => {
      const { readBytes, sizeBytes: fileBytes } = counted;
      onProgress?.({ compression, readBytes, fileBytes, writtenBytes });
    },
  }).catch((error: unknown) => {
    if (!(error instanceof MalformedInputError)) throw error;
    const state = `nothing of it can be decompressed, ${compression} is damaged`;
    throw new UnusableCoreError(path, 'damaged', state, { cause: error });
  });
  const { file: source, problem } = written;
  const close = (): void => source[Symbol.dispose]();
  return { source, modifiedAt: compressed.modifiedAt, compression, problem, [Symbol.dispose]: close };
}

type Decompressor = (source: ByteSource) => Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

const DECOMPRESSORS: Readonly<Record<CoreCompression, Decompressor>> = {
  gzip: decompressGzip,
  lz4: decompressLz4,
  xz: decompressXzStreams,
  zstd: decompressZstdFrames,
};

/** The first four bytes of `\xfd7zXZ\0` as a number. */
const XZ_MAGIC = 0x587a_37fd;
const MAGIC_BYTES = 4;

function compressionOf(file: ByteSource): CoreCompression | undefined {
  if (file.sizeBytes < MAGIC_BYTES) return undefined;
  const magic = new ByteCursor(file.read(0, MAGIC_BYTES), file.name).u32();
  if (magic % 0x1_0000 === GZIP_MAGIC) return 'gzip';
  if (magic === XZ_MAGIC) return 'xz';
  if (magic === ZSTD_MAGIC) return 'zstd';
  return magic === LZ4_MAGIC ? 'lz4' : undefined;
}

/** A source that knows how far it has been read. */
class CountedSource implements ByteSource {
  readonly #source: ByteSource;
  readBytes = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  get name(): string {
    return this.#source.name;
  }

  get sizeBytes(): number {
    return this.#source.sizeBytes;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    const bytes = this.#source.read(offset, sizeBytes);
    this.readBytes = Math.max(this.readBytes, offset + sizeBytes);
    return bytes;
  }
}
