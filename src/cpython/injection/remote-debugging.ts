import { type Address, offsetBy } from '../../base/address.ts';
import type { Memory, MemoryWrite } from '../../base/ports.ts';
import { StructView } from '../../base/struct-view.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import type { Layout } from '../layouts/layout.ts';
import { lookUpWrite, PLEASE_STOP } from './eval-breaker.ts';

/** Where PEP 768 has one thread told which script to run. */
export interface RemoteDebuggerPlaces {
  readonly pendingCall: Address;
  readonly scriptPath: Address;
  readonly pathSizeBytes: number;
  readonly breaker: Address;
}

/** Finds those of a thread; `undefined` before 3.14. */
export function findRemoteDebugger(layout: Layout, state: Address): RemoteDebuggerPlaces | undefined {
  const { remoteDebugger, evalBreaker } = layout.threadState;
  if (layout.remoteDebugger === undefined || remoteDebugger === undefined || evalBreaker === undefined)
    return undefined;
  const support = offsetBy(state, remoteDebugger);
  return {
    pendingCall: offsetBy(support, layout.remoteDebugger.pendingCall),
    scriptPath: offsetBy(support, layout.remoteDebugger.scriptPath),
    pathSizeBytes: layout.remoteDebugger.pathSizeBytes,
    breaker: offsetBy(state, evalBreaker),
  };
}

/** Tells whether an interpreter lets itself be asked: neither built nor started without. */
export function readIsRemoteDebuggable(memory: Memory, layout: Layout, interpreter: Address): boolean {
  const { remoteDebugging } = layout.interpreter;
  return remoteDebugging !== undefined && readInt(memory, offsetBy(interpreter, remoteDebugging)) === 1;
}

/** Tells whether a thread has been asked and has not begun yet. */
export function readIsAsked(memory: Memory, places: RemoteDebuggerPlaces): boolean {
  return readInt(memory, places.pendingCall) === 1;
}

/** What to write to ask a thread: the path, then the request (`send_exec_to_proc_handle`, cpython/Python/remote_debugging.c, 3.14). */
export function requestOf(places: RemoteDebuggerPlaces, path: Uint8Array): readonly MemoryWrite[] {
  return [
    { address: places.scriptPath, bytes: new StructWriter(path.length + 1).copy(0, path).bytes },
    { address: places.pendingCall, bytes: new StructWriter(4).u32(0, 1).bytes },
  ];
}

/** What to write then to have the evaluation loop look up; see {@link lookUpWrite}. */
export function requestBitOf(
  memory: Memory,
  { breaker }: RemoteDebuggerPlaces,
  isStill: boolean,
): MemoryWrite {
  return lookUpWrite(memory, breaker, { isStill, event: PLEASE_STOP });
}

/** What to write to take a request back. The bit stays set: the loop looks up once, and finds nothing. */
export function requestWithdrawalOf(places: RemoteDebuggerPlaces): readonly MemoryWrite[] {
  return [
    { address: places.pendingCall, bytes: new Uint8Array(4) },
    { address: places.scriptPath, bytes: new Uint8Array(1) },
  ];
}

function readInt(memory: Memory, address: Address): number {
  return new StructView(memory.read(address, 4), 'int').i32(0);
}
