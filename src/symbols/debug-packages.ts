/**
 * The packages of Debian and its children that have a debug package of another name than all others: `-dbgsym` is from
 * archives of its own (wiki.debian.org/AutomaticDebugPackages), `-dbg` from the usual one.
 */
const OTHER_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(?:lib)?(python\d+\.\d+)(?:-minimal|-stdlib)?$/u, '$1-dbg'],
  [/^libc6$/u, 'libc6-dbg'],
];

/** Names the package with the symbols of what another package of Debian or Ubuntu brought. */
export function debugPackageOf(debianPackage: string): string {
  const found = OTHER_NAMES.find(([pattern]) => pattern.test(debianPackage));
  return found === undefined ? `${debianPackage}-dbgsym` : debianPackage.replace(...found);
}
