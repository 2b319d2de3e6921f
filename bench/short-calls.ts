/**
 * Where a program's time seems to go when it is not stopped for a look: programs whose calls take a microsecond and less, sampled with
 * `--blocking`, which is taken for the truth, and without, and by py-spy both ways. The distance of two profiles is the share of samples that
 * have another innermost function; a second profile of the same kind is apart by what chance makes of it.
 *
 *     npm run bench:short-calls
 *     npm run bench:short-calls -- --versions 3.8,3.12 --seconds 10
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type SamplingOptions, startSampling } from '../src/api/index.ts';
import type { Interpreter } from '../test/support/interpreters.ts';
import { seenStacks } from '../test/support/profile-shares.ts';
import { startCommand } from '../test/support/target.ts';
import { findPeer } from './comparison.ts';
import { forEachFamily, load } from './families.ts';

/** Python 3; each defines `work()`, which is called for ever. */
const PROGRAMS = {
  'two functions that call one each': `
def h_odd(): pass
def h_even(): pass
def odd(): h_odd()
def even(): h_even()
def work():
    odd()
    even()
`,
  'recursions of two functions, 16 deep': `
def odd(depth):
    if depth: odd(depth - 1)
def even(depth):
    if depth: even(depth - 1)
def work():
    odd(15)
    even(15)
`,
  'generators of json within generators': `
import json, json.encoder
json.encoder.c_make_encoder = None
def make(depth):
    if depth == 0: return 2.5
    if depth % 2: return {"k%d" % i: make(depth - 1) for i in range(3)}
    return [make(depth - 1) for i in range(4)]
document = make(4)
encoder = json.encoder.JSONEncoder(indent=1)
def work(): "".join(encoder.iterencode(document))
`,
  'html.parser': `
from html.parser import HTMLParser
class Parser(HTMLParser):
    def handle_starttag(self, tag, attributes): self.note(tag)
    def handle_endtag(self, tag): self.note(tag)
    def handle_data(self, data): self.note(data)
    def note(self, what): self.last = what
page = "".join("<div class=a%d><p id=x>text &amp; more <b>bold</b></p></div>" % i for i in range(200))
def work():
    parser = Parser()
    parser.feed(page)
    parser.close()
`,
  difflib: `
import difflib, random
random.seed(2)
before = [random.choice("abcdefgh") * random.randint(1, 4) + "\\n" for _ in range(120)]
after = [line for line in before if random.random() < .8] + ["zz\\n"]
def work(): list(difflib.ndiff(before, after))
`,
  'visitor of a tree': `
class Node:
    def __init__(self, kind, nodes): self.kind, self.nodes = kind, nodes
    def accept(self, visitor): return getattr(visitor, "visit_%d" % self.kind)(self)
class Visitor:
    def generic(self, node):
        total = 0
        for inner in node.nodes: total += inner.accept(self)
        return total
    def leaf(self, node): return self.weigh(node) + 1
    def weigh(self, node): return node.kind
for kind in range(8):
    exec("def visit_%d(self, node): return self.generic(node) + self.leaf(node)\\nVisitor.visit_%d = visit_%d" % (kind, kind, kind))
def make(depth, kind): return Node(kind % 8, [make(depth - 1, kind * 3 + i) for i in range(3)] if depth else [])
tree, visitor = make(5, 1), Visitor()
def work(): tree.accept(visitor)
`,
  'decimal in Python': `
import _pydecimal as decimal
def work():
    x = decimal.Decimal("1.1")
    for i in range(20): x = x * decimal.Decimal("1.01") + decimal.Decimal(i)
    x.sqrt()
`,
} as const;

const RATE_HZ = 1000;

/** How we can look at it. */
const WAYS: readonly (readonly [string, SamplingOptions])[] = [
  ['again', { blocking: true }],
  ['pyflight', {}],
  ['pyflight --same-cpu', { sameCpu: true }],
];

/** How often each function was innermost. */
type Innermost = ReadonlyMap<string, number>;

const { values: options } = parseArgs({
  options: {
    versions: { type: 'string', default: '3.8,3.11,3.12,3.13,3.14' },
    seconds: { type: 'string', default: '5' },
  },
});
const seconds = Number(options.seconds);
const run = promisify(execFile);
const scratch = mkdtempSync(join(tmpdir(), 'pyflight-bench-'));
const pySpy = findPeer('py-spy');

console.log(`Node.js ${process.version}, ${seconds} s at ${RATE_HZ} Hz each, load ${load()}`);
await forEachFamily(options.versions, compare);
rmSync(scratch, { recursive: true });
console.log(`\nload ${load()}`);

async function compare(interpreter: Interpreter): Promise<void> {
  console.log(`\nCPython ${interpreter.version}`);
  for (const [title, program] of Object.entries(PROGRAMS)) {
    const code = `import sys\n${program}\nprint("{}")\nsys.stdout.flush()\nwhile True: work()\n`;
    await using target = await startCommand(interpreter, [...interpreter.command, '-S', '-c', code]);
    const truth = await ours(target.pid, { blocking: true });
    const lines: string[] = [];
    for (const [name, way] of WAYS) {
      const { innermost, tornShare } = await ours(target.pid, way);
      const leftOut = way.blocking === true ? '' : `, ${percent(tornShare)} left out`;
      lines.push(`${name} ${distanceText(truth.innermost, innermost)}${leftOut}`);
    }
    if (pySpy !== undefined) {
      const stopped = await pySpys(target.pid, []);
      const running = await pySpys(target.pid, ['--nonblocking']);
      lines.push(`py-spy ${distanceText(truth.innermost, stopped)}`);
      lines.push(`py-spy --nonblocking ${distanceText(truth.innermost, running)}`);
    }
    console.log(`  ${title}: ${lines.join('; ')}`);
  }
}

async function ours(pid: number, way: SamplingOptions): Promise<{ innermost: Innermost; tornShare: number }> {
  const options = { rateHz: RATE_HZ, durationSeconds: seconds, mode: 'wall', ...way } as const;
  const profile = await startSampling(pid, options).ended;
  const innermost = new Map<string, number>();
  for (const { calls, looks } of seenStacks(profile)) count(innermost, calls.at(-1) ?? '?', looks);
  const { samples, tornSamples } = profile.account;
  return { innermost, tornShare: tornSamples / (samples + tornSamples) };
}

async function pySpys(pid: number, flags: readonly string[]): Promise<Innermost> {
  const file = join(scratch, 'raw.txt');
  const words = ['record', '-r', String(RATE_HZ), '-d', String(seconds), '-f', 'raw', '-o', file];
  await run(pySpy ?? '', [...words, ...flags, '-p', String(pid)]);
  const innermost = new Map<string, number>();
  for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
    const [, name, looks] = /([^;]*?) \([^;]*\) (\d+)$/.exec(line) ?? [];
    count(innermost, name ?? '?', Number(looks ?? 0));
  }
  return innermost;
}

/** Adds looks at a function by its bare name: py-spy knows no other. */
function count(innermost: Map<string, number>, name: string, looks: number): void {
  const bare = name.split('.').at(-1) ?? name;
  innermost.set(bare, (innermost.get(bare) ?? 0) + looks);
}

function distanceText(truth: Innermost, other: Innermost): string {
  const [all, allOthers] = [sum(truth), sum(other)];
  let apart = 0;
  for (const name of new Set([...truth.keys(), ...other.keys()]))
    apart += Math.abs((truth.get(name) ?? 0) / all - (other.get(name) ?? 0) / allOthers) / 2;
  return percent(apart);
}

function sum(innermost: Innermost): number {
  return [...innermost.values()].reduce((all, looks) => all + looks, 0);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
