import { hex } from '../base/address.ts';
import type { CoreFacts, CoreSignal } from '../model/core-signal.ts';
import type { LackingFile } from '../model/lacking-file.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { deathCause } from './death-cause.ts';
import { type JsonObject, type JsonValue, numberToJson, optionalToJson } from './json-value.ts';
import { snapshotToJson } from './snapshot-json.ts';

/** What a core says beside the stacks. */
export interface CoreReport {
  readonly facts: CoreFacts;
  readonly lackingFiles: readonly LackingFile[];
}

/** Writes what a core file says as one JSON document, as docs/core.schema.json describes it. */
export function coreToJson(snapshot: Snapshot, { facts, lackingFiles }: CoreReport): JsonObject {
  const { writer, process, signal, missingBytes } = facts;
  return {
    schemaVersion: 1,
    cause: deathCause(facts) ?? null,
    writer: writer ?? null,
    missingBytes: numberToJson(missingBytes),
    process: optionalToJson(process, (known) => ({ ...known })),
    signal: optionalToJson(signal, signalToJson),
    lackingFiles: lackingFiles.map(({ state, path, expectedBuildId, foundBuildId }) => ({
      state,
      path,
      expectedBuildId: expectedBuildId ?? null,
      foundBuildId: foundBuildId ?? null,
    })),
    snapshot: snapshotToJson(snapshot),
  };
}

function signalToJson({ number, code, address, sender, systemCall }: CoreSignal): JsonValue {
  return {
    number,
    code: code ?? null,
    address: optionalToJson(address, hex),
    senderPid: sender?.pid ?? null,
    senderUid: sender?.uid ?? null,
    systemCall: systemCall ?? null,
  };
}
