import type { Problem } from '../../model/problem.ts';
import { debugPackageOf } from '../../symbols/debug-packages.ts';
import type { CodeModule } from './code-modules.ts';
import type { NativeOrigin } from './native-origin.ts';

/** Collects why calls of modules have no names, or had them from elsewhere than usual; each module is told of once. */
export class ModuleNotes {
  readonly #origin: Pick<NativeOrigin, 'findPackage'>;
  readonly #seen = new Map<string, { readonly module: CodeModule; unnamed: Set<number> }>();

  constructor(origin: Pick<NativeOrigin, 'findPackage'>) {
    this.#origin = origin;
  }

  /** Notes a call into a module. */
  see(module: CodeModule, lookup: number, isNamed: boolean): void {
    const { path } = module.image;
    const seen = this.#seen.get(path) ?? { module, unnamed: new Set<number>() };
    this.#seen.set(path, seen);
    if (!isNamed) seen.unnamed.add(lookup);
  }

  /** What a reader of the stacks should know of the modules on them. */
  problems(): readonly Problem[] {
    return [...this.#seen.values()].flatMap(
      ({ module, unnamed }) => noteOfState(module) ?? (unnamed.size > 0 ? this.#noteOfUnnamed(module) : []),
    );
  }

  #noteOfUnnamed(module: CodeModule): readonly Problem[] {
    const { path } = module.image;
    if (!path.startsWith('/') || module.state === 'none') return [];
    const debianPackage = this.#origin.findPackage(path);
    const buildId = module.facts.buildId === undefined ? 'no build id' : `build id ${module.facts.buildId}`;
    const advice =
      debianPackage === undefined
        ? `its debug file, by which they would be known, is not installed (${buildId})`
        : `install ${debugPackageOf(debianPackage)}, of the same version, to see them`;
    return [{ kind: 'stripped-module', message: `Functions of ${path} have no names: ${advice}` }];
  }
}

function noteOfState({ image, state }: CodeModule): readonly Problem[] | undefined {
  const { path } = image;
  const isReplaced = image.mappings.some(({ isDeleted, inode }) => isDeleted && inode !== undefined);
  // What never had a name in a directory cannot have lost it.
  const wasFile = path.startsWith('/') && !NAMELESS.test(path);
  const what = CAUSES[state](isReplaced && wasFile);
  return what === undefined || !wasFile
    ? undefined
    : [{ kind: 'replaced-module', message: `${path} ${what}` }];
}

/** Memory that has a name in the maps and no file: memfd_create(2), shared memory. */
const NAMELESS = /^\/(?:memfd:|dev\/zero|SYSV|anon_hugepage|dev\/shm\/)/u;

const CAUSES: Readonly<Record<CodeModule['state'], (isReplaced: boolean) => string | undefined>> = {
  whole: (isReplaced) =>
    isReplaced
      ? 'was replaced or removed since the process loaded it: names are those of the file that it runs'
      : undefined,
  memory: (isReplaced) =>
    isReplaced
      ? 'was replaced or removed since the process loaded it: only what it exports has a name'
      : 'cannot be opened as the process sees it: only what it exports has a name',
  changed: () => 'was written over since the process loaded it: its functions have no names',
  none: () => undefined,
};
