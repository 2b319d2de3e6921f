import { isAddress, toAddress } from '../../base/address.ts';
import { BadArgumentError } from '../../base/errors.ts';
import type { HoldingSubject } from '../../model/holding-chain.ts';
import { holdingLines, largestLines } from '../../report/holding-layout.ts';
import { boundOf } from '../bounds.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { wordsOf } from '../grammar.ts';
import type { JsonMode } from '../json-output.ts';
import { outLines } from '../out-lines.ts';
import { askMemory, type MemoryWishes, notePause, noteProblems, outDocument } from './memory-question.ts';

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
  const report = await askMemory(wishes, context, (inspection, pause) =>
    inspection.holdings({ subject, limit, ...pause }),
  );
  if (wishes.json === undefined)
    outLines(holdingLines(report, { style: context.style, width: context.columns }), context);
  else {
    const { holdingsToJson } = await import('../../report/holding-json.ts');
    outDocument('mem', report, { document: holdingsToJson(report), mode: wishes.json }, context);
  }
  notePause(report.pauseNs, context);
  return noteProblems(report.problems, context);
}

/** `mem top`: the objects that take most by themselves. */
export async function tellLargest(wishes: ChainWishes, context: Context): Promise<Outcome> {
  const limit = limitOf(wishes);
  const report = await askMemory(wishes, context, (inspection, pause) =>
    inspection.largestObjects({ limit, ...pause }),
  );
  if (wishes.json === undefined)
    outLines(largestLines(report, { style: context.style, width: context.columns }), context);
  else {
    const { largestToJson } = await import('../../report/holding-json.ts');
    outDocument('mem', report, { document: largestToJson(report), mode: wishes.json }, context);
  }
  notePause(report.pauseNs, context);
  return noteProblems(report.problems, context);
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
