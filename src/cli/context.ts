import type {
  AttachOptions,
  Child,
  CoreInspection,
  CoreOptions,
  Inspection,
  PythonProcess,
  StoredCore,
} from '../api/index.ts';
import type { Style } from '../report/style.ts';

/** The part of the library that commands use. */
export interface Api {
  attach(pid: number, options?: AttachOptions): Promise<Inspection>;
  openCore(path: string, options?: CoreOptions): Promise<CoreInspection>;
  listPythonProcesses(): Promise<readonly PythonProcess[]>;
  /** Lists the cores that systemd has kept; `undefined` where it keeps none. */
  listStoredCores(): Promise<readonly StoredCore[] | undefined>;
  writeTextFile(path: string, text: string): Promise<void>;
  /** Finds a program on PATH. */
  findProgram(name: string): Promise<string | undefined>;
  /** Starts a program of ours, which ends with us. */
  launch(command: string, args: readonly string[]): Promise<Child>;
}

/** A line on the terminal that is written over again and again, beside the output. */
export interface StatusLine {
  /** Cells that fit on it. */
  readonly columns: number;
  /** Shows a line in place of the one before; an empty one leaves nothing behind. */
  readonly show: (line: string) => void;
}

/** All that a command knows of the world. */
export interface Context {
  /** The program's name as it was called: `pyflight` or `flight_profiler`. */
  readonly programName: string;
  /** What was typed after the program's name. */
  readonly argv: readonly string[];
  readonly api: Api;
  /** Writes text that was asked for, as it is, to standard output. */
  readonly out: (text: string) => void;
  /** Writes a line about it to standard error. */
  readonly note: (line: string) => void;
  /** Absent when standard error is not a terminal. */
  readonly status: StatusLine | undefined;
  readonly style: Style;
  /** Whether pictures may stand in messages. */
  readonly hasEmoji: boolean;
  /** Width of the terminal; `undefined` when standard output is not one, where nothing is cut. */
  readonly columns: number | undefined;
  /** Asks a person for a line; `undefined` at the end of the input. Absent when nobody is there to ask. */
  readonly ask: ((prompt: string) => Promise<string | undefined>) | undefined;
  /** How often `-v` was given. */
  readonly verbosity: number;
  /** Calls the listener at Ctrl-C and its like, at once when that has been already; answers how to undo it. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Lets time pass, unless an interrupt comes before. */
  readonly wait: (milliseconds: number) => Promise<'elapsed' | 'interrupted'>;
}
