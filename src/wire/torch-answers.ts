import { AgentAnswerError } from '../base/errors.ts';
import type {
  DeviceTensors,
  FilePiece,
  TensorGroup,
  TensorReport,
  TorchMeasurement,
  TorchOperator,
  TorchProfile,
  TorchRecording,
} from '../model/torch-report.ts';
import { parseAccount } from './call-answers.ts';
import { Fields } from './fields.ts';

/** Reads a piece of a file. */
export function parsePiece(event: Fields): FilePiece {
  return { file: event.whole('file'), bytes: Buffer.from(event.text('piece'), 'base64') };
}

/** Reads the answer to `torch-profile`. */
export function parseTorchProfile(answer: Fields): TorchProfile {
  return {
    ...parseMeasurement(answer),
    operators: answer.list('operators', parseOperator),
    operatorCount: answer.whole('operatorCount'),
    selfCpuUs: answer.number('selfCpuUs'),
    selfDeviceUs: answer.number('selfDeviceUs'),
    unsummedCount: answer.whole('unsummed'),
    hasCuda: answer.flag('hasCuda'),
  };
}

/** Reads the answer to `torch-record`. */
export function parseTorchRecording(answer: Fields): TorchRecording {
  return { ...parseMeasurement(answer), wasRecording: answer.flag('wasRecording') };
}

function parseMeasurement(answer: Fields): TorchMeasurement {
  return {
    account: parseAccount(answer),
    torchVersion: answer.text('torch'),
    fileCount: answer.whole('files'),
  };
}

function parseOperator(item: unknown, what: string): TorchOperator {
  const fields = Fields.of(item, what);
  return {
    name: fields.text('name'),
    calls: fields.whole('calls'),
    selfCpuUs: fields.number('selfCpuUs'),
    cpuUs: fields.number('cpuUs'),
    selfDeviceUs: fields.number('selfDeviceUs'),
    deviceUs: fields.number('deviceUs'),
  };
}

/** Reads the answer to `torch-tensors`. */
export function parseTensorReport(answer: Fields): TensorReport {
  return {
    torchVersion: answer.text('torch'),
    count: answer.whole('count'),
    storageCount: answer.whole('storageCount'),
    storageBytes: answer.whole('storageBytes'),
    withoutStorage: answer.whole('withoutStorage'),
    groups: answer.list('groups', parseGroup),
    groupCount: answer.whole('groupCount'),
    others: answer.list('others', parseDevice),
  };
}

function parseGroup(item: unknown, what: string): TensorGroup {
  const fields = Fields.of(item, what);
  return {
    shape: fields.list('shape', parseLength),
    dtype: fields.text('dtype'),
    count: fields.whole('count'),
    sizeBytes: fields.whole('sizeBytes'),
    storageBytes: fields.whole('storageBytes'),
    places: fields.texts('places'),
    placedCount: fields.whole('placed'),
  };
}

function parseLength(item: unknown, what: string): number | undefined {
  if (item === null) return undefined;
  if (typeof item !== 'number' || !Number.isSafeInteger(item) || item < 0)
    throw new AgentAnswerError(`${what} holds no length`);
  return item;
}

function parseDevice(item: unknown, what: string): DeviceTensors {
  const fields = Fields.of(item, what);
  return {
    device: fields.text('device'),
    count: fields.whole('count'),
    sizeBytes: fields.whole('sizeBytes'),
  };
}
