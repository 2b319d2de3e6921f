import { execFileSync } from 'node:child_process';
import type { DebugInfo, SourceFrame } from '../../src/dwarf/debug-info/debug-info.ts';
import type { ElfFile } from '../../src/elf/elf-file.ts';

/** What addr2line and we say of one address where that differs, a line for each frame. */
export interface Difference {
  readonly address: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
}

/** What came of a comparison; `known` counts the addresses of which addr2line knows a file. */
export interface Comparison {
  readonly known: number;
  readonly inlined: number;
  readonly differences: readonly Difference[];
}

/** Runs `addr2line -f -i` on addresses of a file: for each one its frames as `function file:line`, innermost first. */
export function addr2line(path: string, addresses: readonly number[]): ReadonlyMap<number, readonly string[]> {
  const output = execFileSync('addr2line', ['-a', '-f', '-i', '-e', path], {
    input: addresses.map((address) => `${address.toString(16)}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    // Its complaints of units that it cannot read go nowhere.
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const answers = new Map<number, string[]>();
  let frames: string[] = [];
  let name: string | undefined;
  for (const line of output.trimEnd().split('\n')) {
    if (/^0x[0-9a-f]{16}$/.test(line)) {
      frames = [];
      answers.set(Number(line), frames);
    } else if (name === undefined) name = line;
    else {
      // /usr/src/list.c:17 (discriminator 3)
      frames.push(`${name} ${line.replace(/ \(discriminator \d+\)$/, '')}`);
      name = undefined;
    }
  }
  return answers;
}

/** A frame in the form of {@link addr2line}. */
export function frameLine({ name, linkageName, file, line }: SourceFrame): string {
  return `${linkageName ?? name ?? '??'} ${file ?? '??'}:${line ?? '?'}`;
}

/** Pseudo-random addresses of the code in a file: the same for the same seed. */
export function codeAddresses(elf: ElfFile, count: number, seed = 1): readonly number[] {
  const sections = elf.sections.filter(({ flags, sizeBytes }) => (flags & 4) !== 0 && sizeBytes > 0);
  const total = sections.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let state = seed;
  const addresses = Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    let offset = Math.floor((state / 2 ** 32) * total);
    for (const { address, sizeBytes } of sections) {
      if (offset < sizeBytes) return address + offset;
      offset -= sizeBytes;
    }
    return 0;
  });
  return [...new Set(addresses)];
}

/** Compares what we say of addresses with addr2line, which takes names from the symbols where it has no others. */
export function compareWithAddr2line(path: string, info: DebugInfo, addresses: readonly number[]): Comparison {
  const theirAnswers = addr2line(path, addresses);
  const differences: Difference[] = [];
  let known = 0;
  let inlined = 0;
  for (const address of addresses) {
    const ours = info.resolve(address);
    const theirs = theirAnswers.get(address) ?? [];
    const isKnown = theirs.length > 1 || theirs.some((line) => !line.endsWith(' ??:0'));
    if (isKnown) known += 1;
    if (ours.length > 1) inlined += 1;
    const ourLines = ours.map(frameLine);
    // Of an address without debugging information it says `name ??:0`, of one without a function `?? file:line`.
    const isSame = isKnown ? ourLines.join('\n') === theirs.join('\n') : ours.length === 0;
    if (!isSame) differences.push({ address: `0x${address.toString(16)}`, ours: ourLines, theirs });
  }
  return { known, inlined, differences };
}
