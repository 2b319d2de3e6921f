import type { Problem } from './problem.ts';
import type { ProcessFacts } from './snapshot.ts';

/**
 * What is known of the file of a module by looking at it now. `same`: neither written nor put in its place since the process
 * began; for a core, since that was written. `changed`: written since. `replaced`: its inode changed since while its time of
 * writing is older, as when it was copied with its time or only touched. `gone`: no file is there. `archive`: within a file
 * such as a zip. `unknown`: it could not be looked at.
 */
export type ModuleFileState = 'same' | 'changed' | 'replaced' | 'gone' | 'archive' | 'unknown';

/** An entry of `sys.modules`. */
export interface LoadedModule {
  /** The key in `sys.modules`, which `import` goes by. */
  readonly name: string;
  /** Its own `__name__`, where that is another one. */
  readonly ownName: string | undefined;
  /** The interpreter that has it. */
  readonly interpreterId: number;
  /** `builtin`: compiled into the interpreter, or without any file. `namespace`: a package of directories alone. */
  readonly kind: 'source' | 'bytecode' | 'extension' | 'builtin' | 'namespace';
  /** `__file__` as the module has it, which may be relative. */
  readonly file: string | undefined;
  /** `__cached__`: where its compiled code lies. */
  readonly cached: string | undefined;
  /** Directories of a package, its `__path__`. */
  readonly packagePath: readonly string[];
  /** `undefined` where there is no file. */
  readonly fileState: ModuleFileState | undefined;
}

/** Which file a path means that was asked for. */
export interface MeantFile {
  /** Whose working directory a relative path was taken from. */
  readonly from: 'ours' | 'process';
  readonly path: string;
  /** Another file that the path leads to in the other working directory. */
  readonly other: string | undefined;
}

/** The modules of a process. */
export interface ModuleReport {
  readonly process: ProcessFacts;
  readonly takenAt: string;
  readonly pauseNs: bigint | undefined;
  /** In the order in which they were first imported, the main interpreter's first. */
  readonly modules: readonly LoadedModule[];
  /** `undefined` when no file was asked for. */
  readonly meant: MeantFile | undefined;
  readonly problems: readonly Problem[];
}
