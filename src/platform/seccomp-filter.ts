import { StructView } from '../base/struct-view.ts';
import { StructWriter } from '../base/struct-writer.ts';
import { readStatus } from './process-files.ts';

/** A system call as a seccomp filter sees it. */
export interface FilteredCall {
  readonly number: number;
  /** Those that are left out are 0. */
  readonly args: readonly number[];
}

/**
 * What the kernel does with a call (include/uapi/linux/seccomp.h). `missing` answers ENOSYS; `asks` leaves it to another
 * process; `ends` ends the process, or sends it SIGSYS.
 */
export type FilterVerdict = 'allowed' | 'missing' | 'refused' | 'asks' | 'ends';

/** Highest bits of what a filter answers; of several filters the lowest as a signed number counts. */
const ACTIONS: ReadonlyMap<number, FilterVerdict> = new Map([
  [0x7fff, 'allowed'],
  // It is logged too.
  [0x7ffc, 'allowed'],
  // Without a tracer the call answers ENOSYS.
  [0x7ff0, 'missing'],
  [0x7fc0, 'asks'],
  [0x0005, 'refused'],
]);

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64 (include/uapi/linux/audit.h). */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, number>> = { x64: 0xc000_003e, arm64: 0xc000_00b7 };
/** `struct seccomp_data`: number, architecture, instruction pointer, six arguments. */
const CALL_BYTES = 64;
const ARGUMENTS = 16;
/** `struct sock_filter`: a code, two distances to jump, a constant. */
const STEP_BYTES = 8;
const WORDS = 16;
const ENOSYS = 38;

/** Works out what filters make of a call of the machine that we run on. */
export function verdictOf(
  filters: readonly Uint8Array[],
  { number, args }: FilteredCall,
  architecture: NodeJS.Architecture = process.arch,
): FilterVerdict {
  const call = new StructWriter(CALL_BYTES).u32(0, number).u32(4, ARCHITECTURES[architecture] ?? 0);
  for (const [index, value] of args.entries()) call.u64(ARGUMENTS + 8 * index, value);
  const data = new StructView(call.bytes, 'struct seccomp_data');
  const strictest = Math.min(...filters.map((filter) => runFilter(filter, data) | 0));
  const verdict = ACTIONS.get((strictest >>> 16) & 0xffff) ?? 'ends';
  return verdict === 'refused' && (strictest & 0xffff) === ENOSYS ? 'missing' : verdict;
}

/** How many filters our own calls go through. */
export function ownFilterCount(): number {
  return readStatus(process.pid).filterCount;
}

/** The registers of a filter while it runs. */
interface State {
  accumulator: number;
  index: number;
  readonly words: Uint32Array;
}

/** Classic BPF as the kernel lets filters be (Documentation/networking/filter.rst). It only jumps ahead, so that it ends. */
function runFilter(filter: Uint8Array, data: StructView): number {
  const steps = new StructView(filter, 'struct sock_filter');
  const state: State = { accumulator: 0, index: 0, words: new Uint32Array(WORDS) };
  for (let at = 0; at < filter.length; at += STEP_BYTES) {
    const [code, operand] = [steps.u16(at), steps.u32(at + 4)];
    switch (code & 7) {
      case 0x05:
        at += STEP_BYTES * distanceOf(code, operand, [steps.u8(at + 2), steps.u8(at + 3)], state);
        break;
      case 0x06:
        return (code & 0x18) === 0x10 ? state.accumulator : operand;
      default:
        doStep(code, operand, data, state);
    }
  }
  return 0;
}

function distanceOf(
  code: number,
  operand: number,
  [yes, no]: readonly [number, number],
  { accumulator, index }: State,
): number {
  const right = (code & 8) === 0 ? operand : index;
  switch (code & 0xf0) {
    case 0x00:
      return operand;
    case 0x10:
      return accumulator === right ? yes : no;
    case 0x20:
      return accumulator > right ? yes : no;
    case 0x30:
      return accumulator >= right ? yes : no;
    default:
      return (accumulator & right) === 0 ? no : yes;
  }
}

function doStep(code: number, operand: number, data: StructView, state: State): void {
  switch (code & 7) {
    case 0x00:
      state.accumulator = loaded(code, operand, data, state.words);
      return;
    case 0x01:
      state.index = loaded(code, operand, data, state.words);
      return;
    case 0x02:
      state.words[operand] = state.accumulator;
      return;
    case 0x03:
      state.words[operand] = state.index;
      return;
    case 0x04:
      state.accumulator = computed(code & 0xf0, state.accumulator, (code & 8) === 0 ? operand : state.index);
      return;
    default:
      if ((code & 0x80) === 0) state.index = state.accumulator;
      else state.accumulator = state.index;
  }
}

function loaded(code: number, operand: number, data: StructView, words: Uint32Array): number {
  switch (code & 0xe0) {
    case 0x20:
      return data.u32(operand);
    case 0x60:
      return words[operand] ?? 0;
    case 0x80:
      return CALL_BYTES;
    default:
      return operand;
  }
}

function computed(operation: number, left: number, right: number): number {
  const compute = OPERATIONS.get(operation);
  return (compute?.(left, right) ?? 0) >>> 0;
}

const OPERATIONS: ReadonlyMap<number, (left: number, right: number) => number> = new Map([
  [0x00, (left, right) => left + right],
  [0x10, (left, right) => left - right],
  [0x20, Math.imul],
  [0x30, (left, right) => (right === 0 ? 0 : Math.floor(left / right))],
  [0x40, (left, right) => left | right],
  [0x50, (left, right) => left & right],
  [0x60, (left, right) => left << right],
  [0x70, (left, right) => left >>> right],
  [0x80, (left) => -left],
  [0x90, (left, right) => (right === 0 ? 0 : left % right)],
  [0xa0, (left, right) => left ^ right],
]);
