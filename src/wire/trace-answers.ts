import { AgentAnswerError } from '../base/errors.ts';
import type { CallTree, TracedCall, TracedFunction, UnwatchedFunction } from '../model/call-tree.ts';
import { parseMoment } from './call-answers.ts';
import { Fields } from './fields.ts';

/** Reads a call that `trace` has seen. The search path comes with the first one only. */
export function parseCallTree(fields: Fields, searchPath: readonly string[]): CallTree {
  const functions = fields.list('functions', parseFunction);
  return {
    ...parseMoment(fields),
    calls: fields.list('rows', (item, what) => parseCall(Fields.of(item, what), functions)),
    unwatched: fields.list('unwatched', parseUnwatched),
    cut: fields.list('cut', parseUnwatched),
    omitted: fields.whole('omitted'),
    isComplete: fields.flag('complete'),
    searchPath: fields.has('path') ? fields.texts('path') : searchPath,
  };
}

function parseCall(fields: Fields, functions: readonly TracedFunction[]): TracedCall {
  const called = functions[fields.whole('function')];
  if (called === undefined) throw new AgentAnswerError('a call is of no function that was told');
  const totalNs = fields.whole('total');
  const isOne = !fields.has('count');
  const error = fields.optionalText('error');
  return {
    depth: fields.whole('depth'),
    kind: fields.word('kind', ['python', 'c', 'await']),
    function: called,
    calledAt: fields.has('place') ? parseLine(fields.value('place')) : undefined,
    startNs: Math.max(fields.number('start'), 0),
    totalNs,
    ownNs: fields.whole('own'),
    count: isOne ? 1 : fields.whole('count'),
    leastNs: isOne ? totalNs : fields.whole('least'),
    mostNs: isOne ? totalNs : fields.whole('most'),
    error: error === undefined ? undefined : { typeName: error === '' ? undefined : error },
    hidden: { count: fields.whole('hidden'), totalNs: fields.whole('hiddenNs') },
  };
}

function parseFunction(item: unknown, what: string): TracedFunction {
  const [name, file, line] = Array.isArray(item) ? item : [];
  if (typeof name !== 'string') throw new AgentAnswerError(`${what} holds no function`);
  return {
    name,
    file: typeof file === 'string' ? file : undefined,
    line: typeof line === 'number' ? line : undefined,
  };
}

function parseUnwatched(item: unknown, what: string): UnwatchedFunction {
  const count: unknown = Array.isArray(item) ? item[3] : undefined;
  if (typeof count !== 'number') throw new AgentAnswerError(`${what} holds no count`);
  return { function: parseFunction(item, what), count };
}

function parseLine(value: unknown): TracedCall['calledAt'] {
  const [file, line] = Array.isArray(value) ? value : [];
  if (typeof file !== 'string') throw new AgentAnswerError('a call holds no line');
  // A frame may be on no line at all.
  return typeof line === 'number' ? { file, line } : undefined;
}
