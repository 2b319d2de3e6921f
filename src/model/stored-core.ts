/** A core file that the system has kept, as far as it tells of it without being opened. */
export interface StoredCore {
  readonly path: string;
  readonly pid: number;
  readonly uid: number;
  /** The kernel's name of the process, cut to 15 bytes. */
  readonly name: string;
  /** The path of the program; `undefined` where the system keeps no more than the name of the file. */
  readonly executable: string | undefined;
  /** The number of the signal that ended it; `undefined` like the program. */
  readonly signal: number | undefined;
  readonly diedAt: Date;
  /** Of the file, compressed or not. */
  readonly sizeBytes: number;
  /** Whether we may read it. */
  readonly isReadable: boolean;
  /** Whether the name of the process or its program is that of a Python. */
  readonly isPython: boolean;
}
