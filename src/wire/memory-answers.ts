import { AgentAnswerError } from '../base/errors.ts';
import type { AllocationReport, AllocationSite } from '../model/allocation-report.ts';
import type { TypeUsage } from '../model/heap-summary.ts';
import type { ObjectCensus } from '../model/object-census.ts';
import { Fields } from './fields.ts';

/** Reads the answer to `census`. */
export function parseCensus(answer: Fields): ObjectCensus {
  const types = answer.list('types', parseUsage);
  return {
    types: types.toSorted((a, b) => b.sizeBytes - a.sizeBytes || b.count - a.count),
    trackedCount: answer.whole('tracked'),
  };
}

function parseUsage(item: unknown, what: string): TypeUsage {
  const fields = Fields.of(item, what);
  return {
    typeName: fields.text('name'),
    count: fields.whole('count'),
    sizeBytes: fields.whole('sizeBytes'),
    isStructOnly: false,
  };
}

/** Reads the answer to `allocations`. */
export function parseAllocations(answer: Fields): AllocationReport {
  return {
    reason: answer.word('reason', ['time', 'stopped']),
    seconds: answer.number('seconds'),
    wasTracing: answer.flag('wasTracing'),
    frameLimit: answer.whole('frameLimit'),
    ownBytes: answer.whole('ownBytes'),
    sizeBytes: answer.whole('sizeBytes'),
    sizeChange: answer.number('sizeChange'),
    countChange: answer.number('countChange'),
    sites: answer.list('sites', parseSite),
    siteCount: answer.whole('siteCount'),
  };
}

function parseSite(item: unknown, what: string): AllocationSite {
  const fields = Fields.of(item, what);
  return {
    frames: fields.list('frames', parseFrame),
    sizeChange: fields.number('sizeChange'),
    countChange: fields.number('countChange'),
    sizeBytes: fields.whole('sizeBytes'),
    count: fields.whole('count'),
  };
}

function parseFrame(item: unknown, what: string): { readonly file: string; readonly line: number } {
  const [file, line] = Array.isArray(item) ? item : [];
  if (typeof file !== 'string' || typeof line !== 'number')
    throw new AgentAnswerError(`${what} holds no place in code`);
  return { file, line };
}
