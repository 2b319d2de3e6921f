import type { TensorReport, TorchMeasurement, TorchProfile, TorchRecording } from '../model/torch-report.ts';
import { accountToJson } from './call-json.ts';
import type { JsonObject } from './json-value.ts';

/** Writes what calls under the profiler came to, and the files of their traces. */
export function torchProfileToJson(profile: TorchProfile, files: readonly string[]): JsonObject {
  const { operators, operatorCount, selfCpuUs, selfDeviceUs, unsummedCount, hasCuda } = profile;
  return {
    ...measurementToJson(profile, files),
    hasCuda,
    operatorCount,
    selfCpuUs,
    selfDeviceUs,
    unsummedCount,
    operators: operators.map((operator) => ({ ...operator })),
  };
}

/** Writes which snapshots of recorded calls there are. */
export function torchRecordingToJson(recording: TorchRecording, files: readonly string[]): JsonObject {
  return { ...measurementToJson(recording, files), wasRecording: recording.wasRecording };
}

function measurementToJson(
  { account, torchVersion }: TorchMeasurement,
  files: readonly string[],
): JsonObject {
  return { ...accountToJson(account), torchVersion, goesOn: account.goesOn, files: [...files] };
}

/** Writes which snapshot was taken. */
export function torchSnapshotToJson(torchVersion: string, file: string): JsonObject {
  return { schemaVersion: 1, event: 'snapshot', torchVersion, files: [file] };
}

/** Writes the tensors that live. */
export function tensorReportToJson({ groups, others, ...report }: TensorReport): JsonObject {
  return {
    schemaVersion: 1,
    event: 'tensors',
    ...report,
    groups: groups.map(({ shape, places, ...group }) => ({
      ...group,
      shape: shape.map((length) => length ?? null),
      places: [...places],
    })),
    others: others.map((each) => ({ ...each })),
  };
}
