/**
 * The library: everything that a program may use of pyflight.
 *
 *     import { attach } from 'pyflight';
 *     using inspection = await attach(4242);
 *     const snapshot = inspection.snapshot({ locals: true });
 */

export type { AgentConsole, StatementOptions } from '../agent/agent-console.ts';
export type {
  AgentSession,
  EvaluationWish,
  RecordingWish,
  TraceWish,
  WatchWish,
} from '../agent/agent-session.ts';
export type { CallRecords, RecordWish } from '../agent/call-records.ts';
export type { FunctionWish, StreamListener, StreamWish } from '../agent/call-stream.ts';
export type { AgentOptions } from '../agent/find-agent.ts';
export type { InjectionMethod } from '../agent/injection/inject.ts';
export type { AllocationWish, MemoryQuestions } from '../agent/memory-questions.ts';
export type { ReloadWish } from '../agent/reload-request.ts';
export type { MeasuringListener, TorchQuestions } from '../agent/torch-questions.ts';
export type { Address } from '../base/address.ts';
export * from '../base/errors.ts';
export * from '../base/server-errors.ts';
export * from '../base/torch-errors.ts';
export type { FormatOptions, ProfileFormat } from '../formats/format.ts';
export type { AsyncChoice } from '../inspect/async-tasks.ts';
export type { GlobalOptions } from '../inspect/global-value.ts';
export type { HeapSummaryOptions } from '../inspect/heap/heap-summary.ts';
export type { HoldingOptions } from '../inspect/heap/holdings.ts';
export type { InstanceOptions } from '../inspect/heap/instances.ts';
export type { LargestOptions } from '../inspect/heap/largest-objects.ts';
export type { LockOptions } from '../inspect/locks.ts';
export type { ModuleOptions } from '../inspect/modules.ts';
export type { NameOptions } from '../inspect/name-list.ts';
export type { CoreSnapshotOptions, SnapshotOptions } from '../inspect/snapshot.ts';
export type {
  ActiveHook,
  AgentClient,
  AgentStatus,
  Collection,
  ConsoleOutcome,
  Departure,
  Evaluation,
  HookRemoval,
  InstanceEvaluation,
  RunningRequest,
} from '../model/agent.ts';
export {
  ALLOCATION_GROUPINGS,
  type AllocationGrouping,
  type AllocationReport,
  type AllocationSite,
} from '../model/allocation-report.ts';
export type {
  AsyncLoop,
  AsyncTask,
  Awaited,
  AwaitedPrimitive,
  LoopTurn,
  PrimitiveHolder,
  TaskOrigin,
  TaskState,
} from '../model/async-task.ts';
export type { CallTree, TracedCall, TracedFunction, UnwatchedFunction } from '../model/call-tree.ts';
export type { CoreFacts, CoreProcessFacts, CoreSignal } from '../model/core-signal.ts';
export type { Frame, SourceRange } from '../model/frame.ts';
export type {
  CallAccount,
  CallCosts,
  CallError,
  CallerCounts,
  CallerPath,
  CallerReport,
  CallInterval,
  CallMoment,
  CallPlace,
  ExpressionFailure,
  HookedFunction,
  StreamEnd,
  WatchedCall,
  WatchedValue,
} from '../model/function-calls.ts';
export type {
  EstimatedTime,
  GilEvent,
  GilFrame,
  GilReport,
  GilThread,
  GilThreadUse,
  GilUse,
} from '../model/gil-report.ts';
export type { GlobalValue } from '../model/global-value.ts';
export type { Greenlet, GreenletThread } from '../model/greenlet.ts';
export { compareHeaps, type HeapComparison, type TypeChange } from '../model/heap-comparison.ts';
export type {
  ArenaUse,
  ArenaUses,
  HeapFigures,
  HeapSummary,
  MemoryKind,
  MemoryUse,
  TypeUsage,
} from '../model/heap-summary.ts';
export type {
  ChainRoot,
  ChainStep,
  HeldObject,
  HoldingChain,
  HoldingReport,
  HoldingSubject,
  LargeObject,
  LargestObjects,
} from '../model/holding-chain.ts';
export type {
  FoundInstance,
  HeldPlace,
  HolderOwner,
  InstanceReport,
  Referrer,
} from '../model/instance-report.ts';
export type { LackingFile } from '../model/lacking-file.ts';
export type { LoadedModule, ModuleFileState, ModuleReport } from '../model/loaded-module.ts';
export type { Deadlock, LockReport, Party, RunningLoop } from '../model/lock-report.ts';
export type { NameEntry } from '../model/name-entry.ts';
export type { MergedFrame, NativeFrame, NativeModule, NativeStack } from '../model/native-frame.ts';
export type { ObjectCensus } from '../model/object-census.ts';
export type { ObjectView, Variable } from '../model/object-view.ts';
export type { ChildProcess, OpenFile } from '../model/open-file.ts';
export type { Problem } from '../model/problem.ts';
export type { PythonProcess } from '../model/python-process.ts';
export { formatPythonVersion, type PythonVersion } from '../model/python-version.ts';
export type { CallDetails, RecordedCall, RecordList, RecordStore } from '../model/recorded-calls.ts';
export type {
  CodeDifference,
  DefinitionValue,
  FunctionKind,
  InnerFunctions,
  ReloadReport,
} from '../model/reload-report.ts';
export type { InterpreterFacts, ProcessFacts, Snapshot } from '../model/snapshot.ts';
export type { StoredCore } from '../model/stored-core.ts';
export type {
  GilState,
  NativeThread,
  ThreadActivity,
  ThreadIdentity,
  ThreadStack,
} from '../model/thread-stack.ts';
export type {
  CodePlace,
  Holder,
  HolderEvidence,
  ObjectName,
  SystemCallWait,
  Wait,
  WaitedObject,
  WaitingThread,
} from '../model/thread-wait.ts';
export type {
  DeviceTensors,
  FilePiece,
  TensorGroup,
  TensorReport,
  TorchMeasurement,
  TorchOperator,
  TorchProfile,
  TorchRecording,
} from '../model/torch-report.ts';
export type { TaskWait, WaitingTask } from '../model/waiting-task.ts';
export type { LiveMoment, LiveSpan, SpanCounts } from '../profile/live-moment.ts';
export type { LiveChoice, LiveRow } from '../profile/live-table.ts';
export type {
  Profile,
  ProfiledProcess,
  ProfiledThread,
  ProfileFrame,
  SampledMode,
  SamplingAccount,
  Spread,
} from '../profile/profile.ts';
export { type Sample, type SampleBlock, SampleState, samplesOf } from '../profile/sample-table.ts';
export type { StackColumns } from '../profile/stack-tree.ts';
export { locksToJson } from '../report/locks-json.ts';
export { formatObject } from '../report/object-text.ts';
export { snapshotToJson } from '../report/snapshot-json.ts';
export type { SamplingProgress } from '../sampling/control.ts';
export { findAgent, openAgent } from './agent.ts';
export { type AttachOptions, attach, type Inspection } from './attach.ts';
export { type CoreInspection, type CoreOptions, type CoreProgress, openCore } from './core.ts';
export type { GilAccount } from './gil-messages.ts';
export { type GilOptions, type GilSampling, startGilSampling } from './gil-sampling.ts';
export {
  type Child,
  findProgram,
  launch,
  type OutputFile,
  openOutputFile,
  type Program,
  type ProgramOptions,
  startProgram,
  writeTextFile,
} from './host.ts';
export { type LivePage, type LivePageOptions, servePage } from './live-page.ts';
export { listPythonProcesses } from './processes.ts';
export {
  type FormatFacts,
  findFormat,
  LiveProfile,
  listFormats,
  type ProfileView,
  profileParts,
  type ReadProfile,
  readProfile,
  viewProfile,
  WindowGatherer,
} from './profiles.ts';
export { openPush, type Push, type PushCounts, type PushOptions } from './push.ts';
export { type Sampling, type SamplingOptions, startSampling } from './sampling.ts';
export { listStoredCores } from './stored-cores.ts';
