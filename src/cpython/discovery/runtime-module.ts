import type { RuntimeRoots } from '../runtime.ts';
import type { AddressSpace, MappedModule } from './address-space.ts';

/** Finds the file that a runtime is a part of: the program itself, or a shared library. */
export function runtimeModule(
  space: AddressSpace,
  { runtime, interpreters }: RuntimeRoots,
): MappedModule | undefined {
  const root =
    runtime ?? ('headPointer' in interpreters ? interpreters.headPointer : interpreters.interpreter);
  return space.modules.find(({ writableRanges }) =>
    writableRanges.some(({ address, sizeBytes }) => address <= root && root < address + sizeBytes),
  );
}
