import type { PythonProcess } from '../model/python-process.ts';
import { type JsonObject, type JsonValue, numberToJson, optionalToJson } from './json-value.ts';
import { versionToJson } from './snapshot-json.ts';

/** Writes a list of processes as one JSON document, as docs/processes.schema.json describes it. */
export function processesToJson(processes: readonly PythonProcess[]): JsonObject {
  return { schemaVersion: 1, processes: processes.map(processToJson) };
}

function processToJson(process: PythonProcess): JsonValue {
  return {
    pid: process.pid,
    innerPid: process.innerPid ?? null,
    version: optionalToJson(process.version, versionToJson),
    user: process.user,
    uptimeSeconds: numberToJson(process.uptimeSeconds),
    cpuSeconds: numberToJson(process.cpuSeconds),
    residentBytes: numberToJson(process.residentBytes),
    container: process.container ?? null,
    commandLine: [...process.commandLine],
    executable: process.executable,
  };
}
