import type { CallDetails, RecordedCall, RecordList } from '../model/recorded-calls.ts';
import { parseRecordStore } from './answers.ts';
import {
  FUNCTION_KINDS,
  parseCallError,
  parseFailure,
  parseMoment,
  parseWatchedValue,
} from './call-answers.ts';
import { Fields } from './fields.ts';

/** Reads a call that was recorded, without its values. */
export function parseRecordedCall(fields: Fields): RecordedCall {
  return {
    ...parseMoment(fields),
    index: fields.whole('index'),
    module: fields.text('module'),
    path: fields.texts('path'),
    nested: fields.texts('nested'),
    label: fields.text('label'),
    kind: fields.word('kind', FUNCTION_KINDS),
    errorType: fields.optionalText('errorType'),
    isCopied: fields.flag('isCopied'),
    replayOf: fields.optionalWhole('replayOf'),
  };
}

/** Reads the answer to `tt-show` and `tt-replay`. */
export function parseDetails(answer: Fields): CallDetails {
  return {
    ...parseRecordedCall(answer),
    target: answer.has('target') ? parseWatchedValue(answer.fields('target')) : undefined,
    args: parseWatchedValue(answer.fields('args')),
    kwargs: parseWatchedValue(answer.fields('kwargs')),
    result: answer.has('value') ? parseWatchedValue(answer.fields('value')) : undefined,
    error: answer.has('error') ? parseCallError(answer.fields('error')) : undefined,
    asOf: answer.word('asOf', ['entry', 'now']),
    notes: answer.texts('notes'),
  };
}

/** Reads the answer to `tt-list`. */
export function parseRecordList(answer: Fields): RecordList {
  return {
    records: answer.list('records', (item, what) => parseRecordedCall(Fields.of(item, what))),
    matched: answer.whole('matched'),
    failures: answer.whole('failures'),
    failure: answer.has('failure') ? parseFailure(answer.fields('failure')) : undefined,
    store: parseRecordStore(answer.fields('state')),
  };
}
