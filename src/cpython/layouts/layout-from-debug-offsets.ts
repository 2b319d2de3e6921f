import { UnsupportedPythonError } from '../../base/errors.ts';
import { formatPythonVersion } from '../../model/python-version.ts';
import type { DebugOffsets } from './debug-offsets.ts';
import type { Layout, RemoteDebuggerLayout } from './layout.ts';
import { measuredLayoutFor, unknownVersion } from './layout-for.ts';

/**
 * Makes the row of a target that publishes its offsets: each published field wins over the measured row of its
 * minor version, which gives the rest. Members of `_PyRuntime` and of interpreters move within a minor version, so
 * that the unpublished ones among them keep their distance from a published neighbour.
 * @throws {UnsupportedPythonError} when there is no measured row, or when its objects have another head
 */
export function layoutFromDebugOffsets(offsets: DebugOffsets): Layout {
  const row = measuredLayoutFor(offsets.version);
  if (row === undefined) throw unknownVersion(offsets.version);
  const { groups } = offsets;
  const headBytes = groups['pyobject']?.['size'];
  if (headBytes !== row.object.sizeBytes)
    throw new UnsupportedPythonError(
      formatPythonVersion(offsets.version),
      `its objects begin with ${headBytes} bytes, those of our table with ${row.object.sizeBytes}`,
    );
  const remoteDebugger = row.remoteDebugger && remoteDebuggerRow(row.remoteDebugger, groups);
  return {
    ...row,
    remoteDebugger,
    ...stateRows(row, groups),
    ...executionRows(row, groups),
    exceptionItem:
      row.exceptionItem && overlaid(row.exceptionItem, groups['err_stackitem'], { exception: 'exc_value' }),
    ...objectRows(row, groups),
  };
}

type Groups = DebugOffsets['groups'];

function stateRows(
  row: Layout,
  groups: Groups,
): Pick<Layout, 'runtime' | 'gil' | 'interpreter' | 'threadState'> {
  const { runtime_state: runtime, interpreter_state: interpreter, gc } = groups;
  const lock = interpreter?.['gil_runtime_state'];
  return {
    runtime: row.runtime && {
      ...overlaid(row.runtime, runtime, { finalizing: 'finalizing', interpretersHead: 'interpreters_head' }),
      interpretersMain:
        moved(row.runtime.interpretersMain, row.runtime.interpretersHead, runtime?.['interpreters_head']) ??
        row.runtime.interpretersMain,
    },
    gil: row.gil && {
      ...row.gil,
      locked: difference(interpreter?.['gil_runtime_state_locked'], lock) ?? row.gil.locked,
      lastHolder: difference(interpreter?.['gil_runtime_state_holder'], lock) ?? row.gil.lastHolder,
      enabled: row.gil.enabled === undefined ? undefined : interpreter?.['gil_runtime_state_enabled'],
    },
    interpreter: overlaid(
      {
        ...row.interpreter,
        pendingCalls: moved(
          row.interpreter.pendingCalls,
          row.interpreter.gil ?? 0,
          interpreter?.['ceval_gil'],
        ),
        remoteDebugging:
          groups['debugger_support']?.['remote_debugging_enabled'] ?? row.interpreter.remoteDebugging,
        threadsMain:
          moved(row.interpreter.threadsMain, row.interpreter.threadsHead, interpreter?.['threads_head']) ??
          row.interpreter.threadsMain,
        gcCollecting: sum(interpreter?.['gc'], gc?.['collecting']) ?? row.interpreter.gcCollecting,
        ...movedGenerations(row.interpreter, sum(interpreter?.['gc'], gc?.['collecting'])),
        ...movedTail(row.interpreter, interpreter),
        gcFrame: sum(interpreter?.['gc'], gc?.['frame']) ?? row.interpreter.gcFrame,
      },
      interpreter,
      {
        sizeBytes: 'size',
        next: 'next',
        id: 'id',
        threadsHead: 'threads_head',
        threadsMain: 'threads_main',
        modules: 'imports_modules',
        sysDict: 'sysdict',
        builtins: 'builtins',
        gil: 'ceval_gil',
        codeObjectGeneration: 'code_object_generation',
      },
    ),
    threadState: overlaid(threadRow(row.threadState, groups), groups['thread_state'], {
      sizeBytes: 'size',
      next: 'next',
      interpreter: 'interp',
      frame: 'current_frame',
      threadId: 'thread_id',
      nativeThreadId: 'native_thread_id',
      datastackChunk: 'datastack_chunk',
      raisedException: 'current_exception',
      exceptionState: 'exc_state',
    }),
  };
}

function threadRow(row: Layout['threadState'], groups: Groups): Layout['threadState'] {
  return overlaid(movedImplementation(row, groups), groups['debugger_support'], {
    evalBreaker: 'eval_breaker',
    remoteDebugger: 'remote_debugger_support',
  });
}

/** The lists of the collector keep their distance from its published `collecting`. */
function movedGenerations(
  { gcCollecting, gcGenerations, gcYoungest, gcPermanent }: Layout['interpreter'],
  collecting: number | undefined,
): Pick<Layout['interpreter'], 'gcGenerations' | 'gcYoungest' | 'gcPermanent'> {
  if (gcCollecting === undefined || collecting === undefined)
    return { gcGenerations, gcYoungest, gcPermanent };
  return {
    gcGenerations: moved(gcGenerations, gcCollecting, collecting),
    gcYoungest: moved(gcYoungest, gcCollecting, collecting),
    gcPermanent: moved(gcPermanent, gcCollecting, collecting),
  };
}

/** What lies behind the published members keeps its distance from the last one of them. */
function movedTail(
  { allocator, worldStopper, codeObjectGeneration, modules }: Layout['interpreter'],
  published: Readonly<Record<string, number>> | undefined,
): Pick<Layout['interpreter'], 'allocator' | 'worldStopper'> {
  const [measured, now] =
    codeObjectGeneration === undefined
      ? [modules, published?.['imports_modules']]
      : [codeObjectGeneration, published?.['code_object_generation']];
  return { allocator: moved(allocator, measured, now), worldStopper: moved(worldStopper, measured, now) };
}

/** `_PyThreadStateImpl` begins with the published PyThreadState; 3.14 and later publish the rest in `.AsyncioDebug`. */
function movedImplementation(row: Layout['threadState'], groups: Groups): Layout['threadState'] {
  const thread = groups['thread_state'];
  const runningLoop = moved(row.runningLoop, row.sizeBytes, thread?.['size']);
  const exceptionInfo = moved(row.exceptionInfo, row.raisedException, thread?.['current_exception']);
  return {
    ...row,
    runningLoop: runningLoop ?? row.runningLoop,
    exceptionInfo: exceptionInfo ?? row.exceptionInfo,
  };
}

function remoteDebuggerRow(row: RemoteDebuggerLayout, groups: Groups): RemoteDebuggerLayout {
  return overlaid(row, groups['debugger_support'], {
    pendingCall: 'debugger_pending_call',
    scriptPath: 'debugger_script_path',
    pathSizeBytes: 'debugger_script_path_size',
  });
}

function executionRows(row: Layout, groups: Groups): Pick<Layout, 'frame' | 'generator' | 'code'> {
  return {
    generator: overlaid(row.generator, groups['gen_object'], {
      frameState: 'gi_frame_state',
      inlineFrame: 'gi_iframe',
    }),
    frame: overlaid(movedReturnOffset(row.frame, groups), groups['interpreter_frame'], {
      sizeBytes: 'localsplus',
      previous: 'previous',
      code: 'executable',
      lastInstruction: 'instr_ptr',
      locals: 'localsplus',
      owner: 'owner',
      tlbcIndex: 'tlbc_index',
      stackTop: 'stackpointer',
    }),
    code: overlaid(row.code, groups['code_object'], {
      sizeBytes: 'size',
      filename: 'filename',
      name: 'name',
      qualname: 'qualname',
      lineTable: 'linetable',
      firstLine: 'firstlineno',
      argCount: 'argcount',
      localsPlusNames: 'localsplusnames',
      localsPlusKinds: 'localspluskinds',
      adaptiveCode: 'co_code_adaptive',
      tlbc: 'co_tlbc',
    }),
  };
}

/** It lies right before the published `owner`. */
function movedReturnOffset(row: Layout['frame'], groups: Groups): Layout['frame'] {
  const owner = groups['interpreter_frame']?.['owner'];
  return { ...row, returnOffset: moved(row.returnOffset, row.owner ?? 0, owner) ?? row.returnOffset };
}

function objectRows(
  row: Layout,
  groups: Groups,
): Pick<
  Layout,
  'object' | 'type' | 'unicode' | 'bytes' | 'long' | 'float' | 'tuple' | 'list' | 'set' | 'dict'
> {
  return {
    object: overlaid(row.object, groups['pyobject'], { sizeBytes: 'size', type: 'ob_type' }),
    type: overlaid(
      overlaid(row.type, groups['type_object'], {
        sizeBytes: 'size',
        name: 'tp_name',
        flags: 'tp_flags',
        basicSize: 'tp_basicsize',
        dictOffset: 'tp_dictoffset',
      }),
      groups['heap_type_object'],
      { htCachedKeys: 'ht_cached_keys' },
    ),
    unicode:
      row.unicode &&
      overlaid(row.unicode, groups['unicode_object'], {
        length: 'length',
        state: 'state',
        asciiData: 'asciiobject_size',
        compactData: 'compactunicodeobject_size',
      }),
    bytes: overlaid(row.bytes, groups['bytes_object'], { size: 'ob_size', data: 'ob_sval' }),
    long: overlaid(row.long, groups['long_object'], { sizeAndSign: 'lv_tag', digits: 'ob_digit' }),
    float: overlaid(row.float, groups['float_object'], { value: 'ob_fval' }),
    tuple: overlaid(row.tuple, groups['tuple_object'], { size: 'ob_size', items: 'ob_item' }),
    list: overlaid(row.list, groups['list_object'], { size: 'ob_size', items: 'ob_item' }),
    set: overlaid(row.set, groups['set_object'], { used: 'used', mask: 'mask', table: 'table' }),
    dict: overlaid(row.dict, groups['dict_object'], { keys: 'ma_keys', values: 'ma_values' }),
  };
}

/** A member that the measured row lacks stays absent: builds with a GIL publish 0 for those of builds without. */
function overlaid<T extends object>(
  row: T,
  published: Readonly<Record<string, number>> | undefined,
  names: { readonly [Member in keyof T]?: string },
): T {
  const known = new Map(Object.entries(row));
  const entries = Object.entries<string | undefined>(names).flatMap(([member, name]) => {
    const value = name === undefined ? undefined : published?.[name];
    return value === undefined || known.get(member) === undefined ? [] : [[member, value] as const];
  });
  return { ...row, ...Object.fromEntries(entries) };
}

/** Where a member went whose neighbour is published elsewhere than measured. */
function moved(
  measured: number | undefined,
  neighbour: number,
  published: number | undefined,
): number | undefined {
  return sum(measured, difference(published, neighbour));
}

function sum(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left + right;
}

function difference(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : left - right;
}
