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
export function addr2line(
  path: string,
  addresses: readonly number[],
): ReadonlyMap<number, readonly string[]> {
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
function frameLine({ name, linkageName, file, line }: SourceFrame): string {
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

/** Compares what we say of addresses with addr2line. */
export function compareWithAddr2line(
  path: string,
  info: DebugInfo,
  addresses: readonly number[],
): Comparison {
  const theirAnswers = addr2line(path, addresses);
  const differences: Difference[] = [];
  let known = 0;
  let inlined = 0;
  for (const address of addresses) {
    const ours = info.resolve(address);
    const theirs = theirAnswers.get(address) ?? [];
    // Without debugging information it says `name ??:0`, or `name crtstuff.c:?` from the symbols.
    const isKnown = theirs.some((line) => line.includes('/'));
    if (isKnown) known += 1;
    if (ours.length > 1) inlined += 1;
    const isSame = isKnown ? areSameFrames(ours, theirs) : ours.every(({ line }) => line === undefined);
    if (!isSame)
      differences.push({ address: `0x${address.toString(16)}`, ours: ours.map(frameLine), theirs });
  }
  return { known, inlined, differences };
}

/** Whether all frames are the same, in the form of {@link frameLine}. */
function areSameFrames(ours: readonly SourceFrame[], theirs: readonly string[]): boolean {
  return (
    ours.length === theirs.length && ours.every((frame, index) => isSameFrame(frame, theirs[index] ?? ''))
  );
}

/**
 * Functions without external linkage, and code that the compiler forgot to describe, have no linkage name. Other tools
 * then take the name of the symbol for the function that was compiled: it holds the plain one, as in `inner.0`.
 */
function isSameFrame(frame: SourceFrame, theirs: string): boolean {
  const line = frameLine(frame);
  if (line === theirs) return true;
  if (frame.isInlined || frame.linkageName !== undefined) return false;
  const [symbolName = ''] = theirs.split(' ');
  const plainName = frame.name?.replace(/^~|<.*$|^operator.*$/g, '') ?? '';
  return symbolName.includes(plainName) && theirs === line.replace(/^.* (?=\S+$)/, `${symbolName} `);
}
