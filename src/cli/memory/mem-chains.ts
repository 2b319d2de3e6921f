import { isAddress, toAddress } from '../../base/address.ts';
import { BadArgumentError } from '../../base/errors.ts';
import type { HoldingSubject } from '../../model/holding-chain.ts';
import type { Problem } from '../../model/problem.ts';
import { holdingLines, largestLines } from '../../report/holding-layout.ts';
import type { JsonObject } from '../../report/json-value.ts';
import { boundOf } from '../bounds.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { wordsOf } from '../grammar.ts';
import type { JsonMode } from '../json-output.ts';
import { outLines } from '../out-lines.ts';
import {
  askHeap,
  type MemoryAnswer,
  type MemoryWishes,
  notePause,
  noteProblems,
  outDocument,
} from './memory-question.ts';

/** What is asked of a heap, and how it is shown. */
export interface ChainWishes extends MemoryWishes {
  /** -1 for all. */
  readonly limit: number;
  readonly json: JsonMode | undefined;
}

/** All that can be of any use: each way is as long as it is. */
const MOST_SHOWN = 10_000;

/** `mem referrers`: why an object, or the instances of a class, are alive. */
export async function tellReferrers(
  words: readonly string[],
  wishes: ChainWishes,
  context: Context,
): Promise<Outcome> {
  const subject = subjectOf(words);
  const limit = limitOf(wishes);
  const report = await askHeap(wishes, context, (inspection, pause) =>
    inspection.holdings({ subject, limit, ...pause }),
  );
  const toJson = async () => (await import('../../report/holding-json.ts')).holdingsToJson(report);
  const toLines = () => holdingLines(report, { style: context.style, width: context.columns });
  return await tell({ ...report, json: wishes.json, toJson, toLines }, context);
}

/** `mem top`: the objects that take most by themselves. */
export async function tellLargest(wishes: ChainWishes, context: Context): Promise<Outcome> {
  const limit = limitOf(wishes);
  const report = await askHeap(wishes, context, (inspection, pause) =>
    inspection.largestObjects({ limit, ...pause }),
  );
  const toJson = async () => (await import('../../report/holding-json.ts')).largestToJson(report);
  const toLines = () => largestLines(report, { style: context.style, width: context.columns });
  return await tell({ ...report, json: wishes.json, toJson, toLines }, context);
}

/** What a heap answered, for programs or for people. */
interface HeapAnswer extends MemoryAnswer {
  readonly problems: readonly Problem[];
  readonly json: JsonMode | undefined;
  /** Loads what it is made with: most calls want text. */
  readonly toJson: () => Promise<JsonObject>;
  readonly toLines: () => Iterable<string>;
}

async function tell({ json, toJson, toLines, ...answer }: HeapAnswer, context: Context): Promise<Outcome> {
  if (json === undefined) outLines(toLines(), context);
  else outDocument('mem', answer, { document: await toJson(), mode: json }, context);
  notePause(answer.pauseNs, context);
  return noteProblems(answer.problems, context);
}

function limitOf({ limit }: ChainWishes): number {
  return Math.min(boundOf(limit), MOST_SHOWN);
}

/** `shop.cart Cart`, `shop.cart:Cart`, or an address such as vmtool prints. */
function subjectOf(words: readonly string[]): HoldingSubject {
  const [word = ''] = words;
  if (words.length === 1 && /^0x[0-9a-f]+$/iu.test(word)) {
    const address = Number(word);
    if (isAddress(address)) return { kind: 'object', address: toAddress(address) };
    throw new BadArgumentError(`Cannot use ${word} as an address: it is beyond what a process can have`);
  }
  if (words.length === 0)
    throw new BadArgumentError('Cannot look for what holds nothing: name module and class, or an address');
  const [module = '', className = ''] = wordsOf(['module', 'class'], words.join(' '));
  return { kind: 'class', module, className };
}
