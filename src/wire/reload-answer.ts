import { AgentAnswerError } from '../base/errors.ts';
import type {
  CodeDifference,
  DefinitionValue,
  InnerFunctions,
  ReloadReport,
} from '../model/reload-report.ts';
import { Fields } from './fields.ts';
import { parseView } from './view-answer.ts';

const KINDS = ['function', 'generator', 'coroutine', 'async-generator'] as const;

/** Reads the answer to `reload`. */
export function parseReload(answer: Fields): ReloadReport {
  return {
    label: answer.text('label'),
    definedAs: answer.optionalText('definedAs'),
    loader: answer.optionalText('loader'),
    file: answer.text('file'),
    line: answer.whole('line'),
    endLine: answer.optionalWhole('endLine'),
    verdict: answer.word('verdict', ['changed', 'moved', 'unchanged', 'undone']),
    isApplied: answer.flag('isApplied'),
    source: answer.optionalText('text'),
    oldSource: answer.optionalText('oldText'),
    differences: answer.list('facts', parseDifference),
    values: answer.list('values', parseValue),
    decorators: answer.texts('decorators'),
    areDecoratorsChanged: answer.has('decoratorsChanged') ? answer.flag('decoratorsChanged') : undefined,
    kind: answer.word('kind', KINDS),
    oldKind: answer.word('oldKind', KINDS),
    functions: answer.whole('functions'),
    inner: answer.list('inner', parseInner),
    runningThreads: answer.whole('running'),
    undoable: answer.whole('undoable'),
    compileSeconds: answer.number('seconds'),
  };
}

function parseDifference(item: unknown, what: string): CodeDifference {
  const fields = Fields.of(item, what);
  return {
    what: fields.word('what', ['arguments', 'names', 'variables', 'constants', 'inner']),
    removed: fields.texts('removed'),
    added: fields.texts('added'),
  };
}

function parseValue(item: unknown, what: string): DefinitionValue {
  const fields = Fields.of(item, what);
  return {
    kind: fields.word('kind', ['default', 'annotation']),
    name: fields.text('name'),
    action: fields.word('action', ['computed', 'kept', 'removed']),
    before: fields.has('old') ? parseView(fields.value('old')) : undefined,
    after: fields.has('new') ? parseView(fields.value('new')) : undefined,
  };
}

function parseInner(item: unknown, what: string): InnerFunctions {
  const fields = Fields.of(item, what);
  const [functions, left] = [fields.whole('functions'), fields.whole('left')];
  if (functions + left === 0) throw new AgentAnswerError(`${what} counts nothing`);
  return { name: fields.text('name'), functions, left };
}
