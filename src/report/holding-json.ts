import { hex } from '../base/address.ts';
import type {
  ChainStep,
  HeldObject,
  HoldingChain,
  HoldingReport,
  LargestObjects,
} from '../model/holding-chain.ts';
import { chainText } from './chain-text.ts';
import { type JsonObject, type JsonValue, optionalToJson } from './json-value.ts';
import { problemToJson } from './snapshot-json.ts';
import { placeToJson, readToJson, referrerToJson } from './values-json.ts';

/** Writes why objects are alive as one JSON document, as docs/holdings.schema.json describes it. */
export function holdingsToJson(report: HoldingReport): JsonObject {
  const { subject } = report;
  return {
    ...readToJson(report),
    subject: subject.kind === 'class' ? { ...subject } : { ...subject, address: hex(subject.address) },
    total: report.total,
    unheldCount: report.unheldCount,
    objects: report.objects.map(heldToJson),
    problems: report.problems.map(problemToJson),
  };
}

/** Writes the largest objects as one JSON document, as docs/largest-objects.schema.json describes it. */
export function largestToJson(report: LargestObjects): JsonObject {
  return {
    ...readToJson(report),
    objectCount: report.objectCount,
    sizeBytes: report.sizeBytes,
    objects: report.objects.map(({ chain, address, itemCount, ...object }) => ({
      ...object,
      address: hex(address),
      itemCount: itemCount ?? null,
      chain: chainToJson(chain),
    })),
    problems: report.problems.map(problemToJson),
  };
}

function heldToJson(held: HeldObject): JsonValue {
  return {
    typeName: held.typeName,
    address: hex(held.address),
    chains: held.chains.map(chainToJson),
    otherChains: held.otherChains,
    referrers: held.referrers.map(referrerToJson),
    otherReferrers: held.otherReferrers,
  };
}

function chainToJson(chain: HoldingChain): JsonValue {
  const { root, steps, omitted, lastSteps } = chain;
  return {
    text: chainText(chain),
    root: root.kind === 'thread' ? { ...root, threadId: root.threadId ?? null } : { ...root },
    steps: steps.map(stepToJson),
    omitted,
    lastSteps: lastSteps.map(stepToJson),
  };
}

function stepToJson({ typeName, address, place }: ChainStep): JsonValue {
  return { typeName, address: hex(address), place: optionalToJson(place, placeToJson) };
}
