import { hex } from '../base/address.ts';
import type { GlobalValue } from '../model/global-value.ts';
import type { HeldPlace, HolderOwner, InstanceReport, Referrer } from '../model/instance-report.ts';
import { type JsonObject, type JsonValue, numberToJson, optionalToJson } from './json-value.ts';
import { objectToJson } from './object-json.ts';
import { problemToJson, processToJson } from './snapshot-json.ts';

type Read = Pick<GlobalValue, 'process' | 'takenAt' | 'pauseNs' | 'problems'>;

/** What every answer from memory begins with. */
export function readToJson({ process, takenAt, pauseNs }: Read): { readonly [name: string]: JsonValue } {
  return {
    schemaVersion: 1,
    takenAt,
    process: processToJson(process),
    pauseNs: optionalToJson(pauseNs, String),
  };
}

/** Writes the value of a global as one JSON document, as docs/global.schema.json describes it. */
export function globalToJson(found: GlobalValue): JsonObject {
  return {
    ...readToJson(found),
    interpreterId: numberToJson(found.interpreterId),
    module: found.module,
    path: [...found.path],
    foundIn: found.foundIn ?? null,
    typeName: found.typeName,
    address: hex(found.address),
    value: objectToJson(found.value),
    problems: found.problems.map(problemToJson),
  };
}

/** Writes instances as one JSON document, as docs/instances.schema.json describes it. */
export function instancesToJson(report: InstanceReport): JsonObject {
  return {
    ...readToJson(report),
    module: report.module,
    className: report.className,
    total: report.total,
    counts: report.counts.map(({ typeName, count }) => ({ typeName, count })),
    instances: report.instances.map(({ typeName, address, value, referrers, otherReferrers }) => ({
      typeName,
      address: hex(address),
      value: objectToJson(value),
      referrers: optionalToJson(referrers, (all) => all.map(referrerToJson)),
      otherReferrers,
    })),
    trackedCount: report.trackedCount,
    untracked: report.untracked,
    problems: report.problems.map(problemToJson),
  };
}

/** Writes what holds an object. */
export function referrerToJson({ typeName, address, place, owner }: Referrer): JsonValue {
  return {
    typeName,
    address: hex(address),
    place: optionalToJson(place, placeToJson),
    owner: optionalToJson(owner, ownerToJson),
  };
}

/** Writes where in its holder an object is. */
export function placeToJson(place: HeldPlace): JsonValue {
  return place.kind === 'item' ? { kind: place.kind, key: objectToJson(place.key) } : { ...place };
}

function ownerToJson(owner: HolderOwner): JsonValue {
  return 'address' in owner ? { ...owner, address: hex(owner.address) } : { ...owner };
}
