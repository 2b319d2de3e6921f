import { attach, InspectorError, snapshotToJson } from '../../src/api/index.ts';

/** What a look from another process came to: a snapshot as JSON, or the error's code and message. */
const [pid] = process.argv.slice(2).map(Number);
try {
  using inspection = await attach(pid ?? 0);
  console.log(JSON.stringify({ viewerPid: process.pid, snapshot: snapshotToJson(inspection.snapshot()) }));
} catch (error) {
  if (!(error instanceof InspectorError)) throw error;
  console.log(JSON.stringify({ viewerPid: process.pid, code: error.code, message: error.message }));
}
