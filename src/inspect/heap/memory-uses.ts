import type { MemoryKind, MemoryUse } from '../../model/heap-summary.ts';
import type { MappingUse, Target } from '../../target/target.ts';
import { allThreadStates } from '../frame-bindings.ts';

type Mapping = MappingUse['mapping'];

const KINDS: readonly MemoryKind[] = ['heap', 'anonymous', 'stacks', 'files', 'shared', 'kernel'];

/** Reads what the memory of a process is for; `undefined` for one that is gone, and where the kernel does not say. */
export function readMemoryUses(target: Target): readonly MemoryUse[] | undefined {
  const uses = target.readMappingUses();
  if (uses === undefined) return undefined;
  const threads = allThreadStates(target).flatMap(({ threadId }) => threadId ?? []);
  const kinds = uses.map((use, at) => {
    const isStack = isThreadStack(use.mapping, uses[at - 1]?.mapping, threads);
    return { ...use, kind: isStack ? ('stacks' as const) : kindOf(use.mapping) };
  });
  return KINDS.flatMap((kind) => {
    const own = kinds.filter((each) => each.kind === kind);
    return own.length === 0 ? [] : [sumOf(kind, own)];
  });
}

function sumOf(kind: MemoryKind, uses: readonly MappingUse[]): MemoryUse {
  const sum = (sizeOf: (use: MappingUse) => number) => uses.reduce((total, use) => total + sizeOf(use), 0);
  return {
    kind,
    mappingCount: uses.length,
    sizeBytes: sum(({ mapping }) => mapping.end - mapping.start),
    residentBytes: sum(({ residentBytes }) => residentBytes),
    swappedBytes: sum(({ swappedBytes }) => swappedBytes),
  };
}

function kindOf({ path = '', isShared, inode }: Mapping): MemoryKind {
  if (path === '[heap]') return 'heap';
  if (path === '[stack]') return 'stacks';
  if (isShared) return 'shared';
  if (inode !== undefined) return 'files';
  return path === '' || path.startsWith('[anon') ? 'anonymous' : 'kernel';
}

/** A C library keeps what it knows of a thread within its stack, below which nothing may be touched. */
function isThreadStack(mapping: Mapping, below: Mapping | undefined, threads: readonly number[]): boolean {
  const isGuarded = below !== undefined && below.end === mapping.start && !below.isReadable;
  return isGuarded && threads.some((thread) => thread >= mapping.start && thread < mapping.end);
}
