import type { EstimatedTime, GilEvent, GilReport, GilThread, GilThreadUse } from '../model/gil-report.ts';
import { type JsonObject, optionalToJson } from './json-value.ts';

/** Writes a report, as docs/gilstat.schema.json describes it. */
export function gilReportToJson(report: GilReport): JsonObject {
  return {
    schemaVersion: 1,
    startedAt: new Date(report.startedAt).toISOString(),
    durationNs: report.durationNs,
    looks: report.looks,
    missedLooks: report.missedLooks,
    isExact: report.isExact,
    gils: report.gils.map(({ held, switches, ...gil }) => ({
      ...gil,
      held: timeToJson(held),
      switches: switches ?? null,
    })),
    threads: report.threads.map(useToJson),
    events: report.events.map(eventToJson),
    eventCount: report.eventCount,
  };
}

function useToJson({ thread, held, waited, dropping, ...use }: GilThreadUse): JsonObject {
  return {
    ...threadToJson(thread),
    ...use,
    held: timeToJson(held),
    waited: optionalToJson(waited, timeToJson),
    dropping: optionalToJson(dropping, timeToJson),
  };
}

function eventToJson({ thread, startedAt, stack, heldBy, ...event }: GilEvent): JsonObject {
  return {
    ...event,
    thread: threadToJson(thread),
    startedAt: new Date(startedAt).toISOString(),
    stack: optionalToJson(stack, (frames) => frames.map(({ name, file, line }) => ({ name, file, line }))),
    heldBy: heldBy.map(({ thread: holder, ns }) => ({ ...threadToJson(holder), ns })),
  };
}

function threadToJson({ interpreterId, osThreadId, pthreadId, name, isMainThread }: GilThread): JsonObject {
  return {
    interpreterId,
    osThreadId: osThreadId ?? null,
    pthreadId: pthreadId ?? null,
    name: name ?? null,
    isMainThread,
  };
}

function timeToJson({ ns, errorNs }: EstimatedTime): JsonObject {
  return { ns, errorNs };
}
