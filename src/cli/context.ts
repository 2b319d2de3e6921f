import type { Readable } from 'node:stream';
import type {
  AgentOptions,
  AgentSession,
  AttachOptions,
  Child,
  CoreInspection,
  CoreOptions,
  GilOptions,
  GilReport,
  GilSampling,
  HeapFigures,
  Inspection,
  LivePage,
  LivePageOptions,
  OutputFile,
  Program,
  ProgramOptions,
  Push,
  PushOptions,
  PythonProcess,
  Sampling,
  SamplingOptions,
  StoredCore,
} from '../api/index.ts';
import type * as profilesModule from '../api/profiles.ts';
import type { HistoryFile, ShellPipe, Terminal } from '../api/prompt-host.ts';
import type { Style } from '../report/style.ts';

import type { LineReader } from './prompt/line-editor.ts';

/** What is done with profiles. */
export type Profiles = Pick<
  typeof profilesModule,
  'findFormat' | 'LiveProfile' | 'profileParts' | 'readProfile' | 'viewProfile' | 'WindowGatherer'
>;

/** The part of the library that commands use. */
export interface Api {
  attach(pid: number, options?: AttachOptions): Promise<Inspection>;
  /** Talks to the agent inside a process, which is brought in when there is none. */
  openAgent(pid: number, options?: AgentOptions): Promise<AgentSession>;
  /** Talks to the agent inside a process; `undefined` when there is none. */
  findAgent(pid: number, options?: AgentOptions): Promise<AgentSession | undefined>;
  openCore(path: string, options?: CoreOptions): Promise<CoreInspection>;
  listPythonProcesses(): Promise<readonly PythonProcess[]>;
  /** Describes one process; `undefined` when it cannot be told to run Python. */
  findPythonProcess(pid: number): Promise<PythonProcess | undefined>;
  /** Tells whether processes can be stopped for a look. */
  canPause(): Promise<boolean>;
  /** Lists the cores that systemd has kept; `undefined` where it keeps none. */
  listStoredCores(): Promise<readonly StoredCore[] | undefined>;
  writeTextFile(path: string, text: string): Promise<void>;
  /** Reads a heap summary that was saved. */
  readHeapFigures(path: string): Promise<HeapFigures>;
  /** Makes sure that a file can be written before the work is done that it is for. */
  openOutputFile(path: string): Promise<OutputFile>;
  /** Starts a program of the user's, which has the terminal. */
  startProgram(command: string, args: readonly string[], options?: ProgramOptions): Promise<Program>;
  /** Starts to sample a process. */
  startSampling(pid: number, options?: SamplingOptions): Promise<Sampling>;
  /** Finds a server that windows of a profile can be sent to. */
  openPush(options: PushOptions): Promise<Push>;
  /** Serves the page of a profile that grows. */
  servePage(options: LivePageOptions): Promise<LivePage>;
  /** Starts to look at the GILs of a process. */
  startGilSampling(
    pid: number,
    options: GilOptions,
    onReport: (report: GilReport) => void,
  ): Promise<GilSampling>;
  /** Loads what makes other profiles of profiles, and files of them. */
  profiles(): Promise<Profiles>;
  /** Finds a program on PATH. */
  findProgram(name: string): Promise<string | undefined>;
  /** Starts a program of ours, which ends with us. */
  launch(command: string, args: readonly string[]): Promise<Child>;
  /** Starts a command line of the shell that reads what we write; it has the terminal for all else. */
  startShell(script: string, onClosed: () => void): Promise<ShellPipe>;
  /** Opens the lines that the user typed at prompts. */
  openHistory(): Promise<HistoryFile>;
  /** Lists the names in a directory that begin with some letters. */
  listEntries(directory: string, beginning: string): Promise<readonly string[]>;
}

/** Where a prompt gets its lines. */
export interface StandardInput {
  /** Whether a person is there. */
  readonly isTerminal: boolean;
  /** Takes the terminal to edit lines on it; absent where input or output is none, or one without codes to do so. */
  readonly openTerminal: (() => Promise<Terminal>) | undefined;
  readonly stream: Readable;
  /** The width that the terminal of the output has now; `undefined` when it is none. */
  readonly columns: () => number | undefined;
  /** Shows something to the person. */
  readonly show: (text: string) => void;
}

/** The process that all commands are about, when they are given one after the other. */
export interface SessionContext {
  readonly pid: number;
  /** Whether a person types them at our prompt, who needs neither the program's name nor the pid. */
  readonly isPrompt: boolean;
  /** Ends it after the command. */
  readonly leave: () => void;
  /** What its lines are read by, for a command that reads some itself; absent where there is one command only. */
  readonly reader?: LineReader;
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
  /** Writes text that was asked for, or bytes, as they are, to standard output. */
  readonly out: (content: string | Uint8Array) => void;
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
  readonly input: StandardInput;
  /** Absent when a command stands alone. */
  readonly session: SessionContext | undefined;
  /** The time of day. */
  readonly now: () => Date;
  /** How often `-v` was given. */
  readonly verbosity: number;
  /** Calls the listener at Ctrl-C and its like, at once when that has been already; answers how to undo it. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Has Ctrl-C ask this instead of ending the program, when it answers `true`; answers how to undo it. */
  readonly takeInterrupts: (taker: () => boolean) => () => void;
  /** Lets time pass, unless an interrupt comes before. */
  readonly wait: (milliseconds: number) => Promise<'elapsed' | 'interrupted'>;
  /** Does work that lets nothing else happen before it is done: what comes of Ctrl-C in the middle of it ends the program. */
  readonly atOneGo: <Answer>(work: () => Answer) => Promise<Answer>;
}
