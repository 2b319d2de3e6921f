/** What a user of the engine does with the machine itself rather than with a target. */
export { type Child, startChild } from '../platform/child-process.ts';
export { hostName, type PushEnvironment, readPushEnvironment } from '../platform/environment.ts';
export { findOnPath } from '../platform/executables.ts';
export { loadHttpPost } from '../platform/http-post.ts';
export { readInputFile } from '../platform/input-file.ts';
export {
  openLoopbackServer,
  type PageAnswer,
  type PageRequest,
} from '../platform/loopback-server.ts';
export { type OutputFile, openOutputFile, writeTextFile } from '../platform/output-file.ts';
export { readProcessEnvironment } from '../platform/process-files.ts';
export { type Program, type ProgramOptions, startProgram } from '../platform/program.ts';
