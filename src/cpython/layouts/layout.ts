/**
 * Where CPython's structs keep what we read: byte offsets from the start of each struct. `undefined` means
 * that the version has no such member; an offset of 0 is a real one (3.12 keeps the code object of a frame there).
 * A difference between versions that is not an offset is a row of `rules`.
 */
export interface Layout {
  /** `3.11`, `3.13t` (free-threaded), `3.11d` (debug build). */
  readonly name: string;
  readonly rules: Rules;

  /** `_PyRuntimeState`; versions before 3.7 have none. */
  readonly runtime: RuntimeLayout | undefined;
  /** `struct _gil_runtime_state`; on 3.6 and 2.7 the members are static variables with symbols of their own. */
  readonly gil: GilLayout | undefined;
  readonly interpreter: InterpreterLayout;
  readonly threadState: ThreadStateLayout;
  /** `_PyErr_StackItem`, 3.7+: the exception that a piece of a stack handles, and the item of what called it. */
  readonly exceptionItem: { readonly exception: number; readonly previous: number } | undefined;
  /** On 3.6 the members are static variables with symbols of their own. */
  readonly pendingCalls: PendingCallsLayout | undefined;
  readonly remoteDebugger: RemoteDebuggerLayout | undefined;
  readonly frame: FrameLayout;
  readonly generator: GeneratorLayout;
  readonly code: CodeLayout;
  /** `PyFrameObject`: where it keeps its `_PyInterpreterFrame`, or the one that it has itself, 3.11+. */
  readonly frameObject: { readonly frame: number; readonly data: number } | undefined;

  /** `PyGC_Head`, in front of each object that the collector tracks; builds without a GIL keep no lists. */
  readonly collector: { readonly headBytes: number; readonly generationBytes: number } | undefined;

  readonly arenas: ArenasLayout;
  readonly pool: PoolLayout;

  readonly object: { readonly sizeBytes: number; readonly type: number; readonly varSize: number };
  readonly type: {
    /** `sizeof(PyTypeObject)`; members beyond it belong to PyHeapTypeObject. */
    readonly sizeBytes: number;
    readonly name: number;
    readonly basicSize: number;
    readonly itemSize: number;
    readonly flags: number;
    readonly base: number;
    readonly mro: number;
    readonly dict: number;
    readonly dictOffset: number;
    /** PyHeapTypeObject, 3.3+. */
    readonly htQualname: number | undefined;
    /** PyHeapTypeObject: keys that instances share, 3.3+. */
    readonly htCachedKeys: number | undefined;
    /** PyHeapTypeObject: `__slots__`. */
    readonly htSlots: number;
    /** `sizeof(PyHeapTypeObject)`. */
    readonly heapSizeBytes: number;
  };

  /** Python 3's `str`. */
  readonly unicode: UnicodeLayout | undefined;
  /** Python 2's `unicode`. */
  readonly unicode2:
    | { readonly length: number; readonly data: number; readonly sizeBytes: number }
    | undefined;
  /** `bytes`, and Python 2's `str`. */
  readonly bytes: { readonly size: number; readonly data: number };
  readonly byteArray: { readonly size: number; readonly start: number; readonly allocated: number };
  /** Python 2's `int`: a C long. */
  readonly int2: { readonly value: number } | undefined;
  /** `int` of Python 3, `long` of Python 2. `sizeAndSign` is `ob_size`, or `lv_tag` from 3.12 on. */
  readonly long: { readonly sizeAndSign: number; readonly digits: number };
  readonly float: { readonly value: number };
  readonly complex: { readonly real: number; readonly imaginary: number };
  readonly tuple: { readonly size: number; readonly items: number };
  /** `allocated` counts the places that its table has. */
  readonly list: { readonly size: number; readonly items: number; readonly allocated: number };
  readonly set: {
    readonly used: number;
    readonly mask: number;
    readonly table: number;
    /** The table of a small one, within it. */
    readonly smallTable: number;
    readonly entrySize: number;
    readonly entryKey: number;
    readonly entryHash: number;
  };
  /** `dequeobject` and its `struct BLOCK`, which is its items and two links; 3.6+. */
  readonly deque:
    | {
        readonly leftBlock: number;
        readonly leftIndex: number;
        readonly blockSizeBytes: number;
        readonly blockNext: number;
        readonly blockData: number;
      }
    | undefined;
  /** `ma_keys`/`ma_values` of Python 3; `ma_mask`/`ma_table` of Python 2. */
  readonly dict: DictLayout;
  /** `struct _dictkeysobject`, Python 3 only. */
  readonly dictKeys: DictKeysLayout | undefined;
  /** `collections.OrderedDict` of Python 3: a dict, and nodes in its order. */
  readonly orderedDict: { readonly fastNodeCount: number; readonly nodeBytes: number } | undefined;
  readonly cell: { readonly content: number };
  readonly range: { readonly start: number; readonly stop: number; readonly step: number } | undefined;
  /** Python 2's `xrange`: C longs. */
  readonly xrange2: { readonly start: number; readonly step: number; readonly length: number } | undefined;
  readonly slice: { readonly start: number; readonly stop: number; readonly step: number };
  readonly exception: { readonly dict: number; readonly args: number };
  readonly function: {
    readonly code: number;
    readonly name: number;
    readonly qualname: number | undefined;
    readonly closure: number;
  };
  /** `PyCFunctionObject`: a function made in C, bound to its object. `definition` points to a PyMethodDef, which begins with the name. */
  readonly builtinMethod: { readonly definition: number; readonly self: number };
  /** `PyMethodObject`: a Python function, bound to its object. */
  readonly method: { readonly function: number; readonly self: number };
  /** `PyDescrObject`: a function made in C, not bound. */
  readonly descriptor: { readonly name: number };
  /** `_thread.lock`. */
  readonly lock: LockLayout;
  /** `_thread.RLock`; Python code in 2.7. */
  readonly rlock: (LockLayout & { readonly owner: number; readonly count: number }) | undefined;
  readonly weakReference: { readonly object: number };
  /** `md_state` is what the C code of a module keeps; measured from 3.12 on. */
  readonly module: { readonly dict: number; readonly state: number | undefined };
  /** Python 2's old-style classes and their instances. */
  readonly instance2: { readonly class: number; readonly dict: number } | undefined;
  readonly class2: { readonly name: number; readonly bases: number; readonly dict: number } | undefined;
}

/** What a lock sleeps on: a pointer to a POSIX semaphore (an RLock to 3.13, a Lock to 3.13.0), or a PyMutex, one byte. */
export interface LockLayout {
  readonly semaphore: number | undefined;
  readonly mutex: number | undefined;
}

/** The part of a row that scripts/make-layouts measures. */
export type MeasuredLayout = Omit<Layout, 'rules'>;

/** `_PyRuntimeState`, 3.7+: the one struct that every interpreter of a process hangs off. */
export interface RuntimeLayout {
  readonly finalizing: number;
  readonly interpretersHead: number;
  readonly interpretersMain: number;
  /** `gilstate.tstate_current`, 3.7 to 3.11. */
  readonly currentThreadState: number | undefined;
  /** `ceval.gil`, 3.7 to 3.11; later ones hang off the interpreter. */
  readonly gil: number | undefined;
  /** `gc.collecting`, 3.7 and 3.8; later per interpreter. */
  readonly gcCollecting: number | undefined;
  /** The pthread_t of the thread that handles signals, 3.7+. */
  readonly mainThread: number | undefined;
  /** `ceval.pending` and `ceval.eval_breaker`, 3.7 and 3.8; later per interpreter. */
  readonly pendingCalls: number | undefined;
  readonly evalBreaker: number | undefined;
  /** `gc.generation0`, which points to the three `gc.generations`, and the `permanent_generation` of gc.freeze(), 3.7 and 3.8; later per interpreter. */
  readonly gcYoungest: number | undefined;
  readonly gcPermanent: number | undefined;
}

/** `struct _gil_runtime_state`: the lock that a thread holds while it runs Python. */
export interface GilLayout {
  readonly sizeBytes: number;
  readonly lastHolder: number;
  readonly locked: number;
  /** Counts how often the lock was taken by another thread than the last one: an unsigned long. */
  readonly switchNumber: number;
  /** Waiting threads sleep in futex(2) on an address inside. */
  readonly cond: number;
  /** A thread that was asked to drop the lock waits here until another has taken it. */
  readonly switchCond: number;
  /** `sizeof(pthread_cond_t)`. */
  readonly condSizeBytes: number;
  /** Free-threaded builds: whether the lock is in use at all. */
  readonly enabled: number | undefined;
}

/** `PyInterpreterState`: one interpreter, its threads and its modules. */
export interface InterpreterLayout {
  readonly sizeBytes: number;
  readonly next: number;
  /** 3.7+. */
  readonly id: number | undefined;
  readonly threadsHead: number;
  /** 3.13+. */
  readonly threadsMain: number | undefined;
  readonly modules: number;
  readonly sysDict: number;
  readonly builtins: number;
  /** 3.9+. */
  readonly gcCollecting: number | undefined;
  /** `gc.frame`, the frame that a collection began in, 3.15+. */
  readonly gcFrame: number | undefined;
  /** The three `gc.generations` (to 3.14.4: `young` and the two `old`, at the same places), 3.14+. */
  readonly gcGenerations: number | undefined;
  /**
   * `gc.generation0`, which points to the three `gc.generations`, 3.9 to 3.13. Not where these are themselves: Debian aligns the
   * PyGC_Head of 3.13 to 4 bytes (its bug 1087600), so that they begin 4 bytes sooner there.
   */
  readonly gcYoungest: number | undefined;
  /** `gc.permanent_generation`, 3.9+. */
  readonly gcPermanent: number | undefined;
  /** Pointer to its `struct _gil_runtime_state`, 3.12+. */
  readonly gil: number | undefined;
  /** `ceval.pending`, 3.9+. */
  readonly pendingCalls: number | undefined;
  /** `ceval.eval_breaker`, 3.9 to 3.12; later per thread. */
  readonly evalBreaker: number | undefined;
  /** `config.remote_debug`, 3.14+. */
  readonly remoteDebugging: number | undefined;
  /** `obmalloc`: the state of its allocator (3.12), or the pointer to that (3.13+). */
  readonly allocator: number | undefined;
  /** 3.14+. */
  readonly codeObjectGeneration: number | undefined;
  /** `stoptheworld.requester`: the thread for whose sake all others stand still; free-threaded builds. */
  readonly worldStopper: number | undefined;
}

/** `struct arena_object` of obmalloc, and where `struct _obmalloc_state` has the list of them. */
export interface ArenasLayout {
  readonly sizeBytes: number;
  readonly address: number;
  /** `pool_address`: where the pools begin that were never used. */
  readonly untouched: number;
  readonly poolCount: number;
  /** `mgmt.arenas` and `mgmt.maxarenas`, 3.12+; to 3.11 they are static variables with symbols of their own. */
  readonly list: number | undefined;
  readonly listLength: number | undefined;
}

/** `struct pool_header` of obmalloc, at the start of each pool: blocks of one size. */
export interface PoolLayout {
  readonly headBytes: number;
  readonly blockCount: number;
  /** Pools of one size with free blocks are in a ring, which the allocator's own list begins. */
  readonly next: number;
  readonly previous: number;
  /** Which of the arenas it lies in. */
  readonly arenaIndex: number;
  /** `maxnextoffset`: where its last block begins. */
  readonly lastOffset: number;
}

/** `PyThreadState`: what one interpreter knows of one thread. */
export interface ThreadStateLayout {
  readonly sizeBytes: number;
  readonly next: number;
  readonly interpreter: number;
  /** `frame` (to 3.10) or `current_frame` (3.13+). */
  readonly frame: number | undefined;
  /** The `_PyCFrame` of the innermost invocation of the evaluation loop, 3.10 to 3.12. */
  readonly cframe: number | undefined;
  /** Offset of `current_frame` in that `_PyCFrame`, where 3.11 and 3.12 keep it. */
  readonly cframeCurrentFrame: number | undefined;
  readonly threadId: number;
  /** 3.11+. */
  readonly nativeThreadId: number | undefined;
  /** A number that no other thread state of the process has had. Read to 3.10, since later ones have `native_thread_id`. */
  readonly id: number | undefined;
  /** 3.11+. */
  readonly datastackChunk: number | undefined;
  readonly dict: number;
  /** `curexc_type` (to 3.11) or `current_exception`: NULL where no exception is on its way. */
  readonly raisedException: number;
  /** `exc_type`, to 3.6: NULL or None where no exception is being handled. */
  readonly handledException: number | undefined;
  /** `exc_info`, 3.7+: pointer to the innermost {@link Layout.exceptionItem}, which may be one of a generator. */
  readonly exceptionInfo: number | undefined;
  /** `exc_state`, 3.7+: the outermost of these items itself. */
  readonly exceptionState: number | undefined;
  /** 3.13+. */
  readonly evalBreaker: number | undefined;
  /** `remote_debugger_support`, 3.14+. */
  readonly remoteDebugger: number | undefined;
  /** `asyncio_running_loop` of `_PyThreadStateImpl`, 3.13+; before, the dict has it. */
  readonly runningLoop: number | undefined;
}

/** `struct _pending_calls`, 3.7+: the ring of calls that an interpreter makes at its next safe point. */
export interface PendingCallsLayout {
  readonly sizeBytes: number;
  /** Pointer to a POSIX semaphore, to 3.12. */
  readonly lock: number | undefined;
  /** PyMutex, one byte, 3.13+. */
  readonly mutex: number | undefined;
  /** Whether there is anything to do, to 3.12. */
  readonly callsToDo: number | undefined;
  /** How many calls wait, and the most that may, 3.13+. */
  readonly count: number | undefined;
  readonly most: number | undefined;
  /** The array of the ring, and its second element: function, argument, and from 3.13 on flags. */
  readonly calls: number;
  readonly secondCall: number;
  /** Index of the oldest call, and of the place behind the newest. */
  readonly first: number;
  readonly last: number;
}

/** `_PyRemoteDebuggerSupport`, 3.14+: where PEP 768 has a script named that a thread is to run. */
export interface RemoteDebuggerLayout {
  readonly pendingCall: number;
  readonly scriptPath: number;
  readonly pathSizeBytes: number;
}

/** PyFrameObject to 3.10, `_PyInterpreterFrame` from 3.11 on. */
export interface FrameLayout {
  /** Without the locals. */
  readonly sizeBytes: number;
  readonly previous: number;
  readonly code: number;
  /** `f_lasti` (an int) to 3.10; `prev_instr` or `instr_ptr` (an address) from 3.11 on. */
  readonly lastInstruction: number;
  readonly locals: number;
  /** 3.11+. */
  readonly owner: number | undefined;
  /** 3.11 only. */
  readonly isEntry: number | undefined;
  /** Free-threaded builds of 3.14+: which thread's copy of the bytecode runs. */
  readonly tlbcIndex: number | undefined;
  readonly globals: number;
  /** To 3.10; later the value stack lies behind the locals. */
  readonly valueStack: number | undefined;
  /** How many blocks are open, and the array of them, to 3.10. */
  readonly blockCount: number | undefined;
  readonly blocks: number | undefined;
  /** One past the top of the value stack: a pointer (to 3.9, 3.14+) or the count of locals and values (3.11 to 3.13). */
  readonly stackTop: number | undefined;
  /** `f_stackdepth` and `f_state`, 3.10 only. */
  readonly stackDepth: number | undefined;
  readonly state: number | undefined;
  /** `f_executing`, 3.6 to 3.9. */
  readonly executing: number | undefined;
  /** `f_tstate`, 2.7: NULL in a generator that does not run. */
  readonly threadState: number | undefined;
  /** Two bytes, 3.14+: 0 until the frame calls another one of Python. */
  readonly returnOffset: number | undefined;
}

/** `PyGenObject`, and what coroutines and asynchronous generators share with it. */
export interface GeneratorLayout {
  /** Pointer to its frame, NULL once it has ended; to 3.10. */
  readonly frame: number | undefined;
  /** `gi_running`, to 3.9. */
  readonly running: number | undefined;
  /** 3.11+. */
  readonly frameState: number | undefined;
  /** The frame itself, 3.11+. */
  readonly inlineFrame: number | undefined;
  /** 3.6+. */
  readonly qualname: number | undefined;
}

/** `PyCodeObject`: names, lines and flags of a compiled function. */
export interface CodeLayout {
  readonly sizeBytes: number;
  readonly filename: number;
  readonly name: number;
  /** 3.11+. */
  readonly qualname: number | undefined;
  readonly lineTable: number;
  readonly firstLine: number;
  readonly argCount: number;
  readonly posOnlyArgCount: number | undefined;
  readonly kwOnlyArgCount: number | undefined;
  readonly flags: number;
  /** `co_varnames`, `co_cellvars`, `co_freevars`, to 3.10. */
  readonly varNames: number | undefined;
  readonly cellVars: number | undefined;
  readonly freeVars: number | undefined;
  /** 3.11+. */
  readonly localsPlusNames: number | undefined;
  readonly localsPlusKinds: number | undefined;
  /** Where the instructions begin, 3.11+. */
  readonly adaptiveCode: number | undefined;
  /** Free-threaded builds of 3.14+. */
  readonly tlbc: number | undefined;
  /** The most values that the stack of a frame holds. */
  readonly stackSize: number;
  /** 3.11+. */
  readonly exceptionTable: number | undefined;
  /** `co_code`, a `bytes`, to 3.10. */
  readonly instructions: number | undefined;
  /** `co_nlocals`; from 3.11 on `co_nlocalsplus`, with the cells and free variables. */
  readonly localCount: number;
  /** What others keep with it (PEP 523), 3.6+. */
  readonly extra: number | undefined;
  /** `co_cell2arg`, 3.6 to 3.10. */
  readonly cellMap: number | undefined;
  /** `co_opcache_map` and `co_opcache_size`, 3.8 to 3.10. */
  readonly opcodeCacheMap: number | undefined;
  readonly opcodeCacheSize: number | undefined;
}

/** `PyASCIIObject` and its longer forms: the three ways in which Python 3 keeps a `str`. */
export interface UnicodeLayout {
  readonly length: number;
  readonly state: number;
  /** `sizeof(PyASCIIObject)`: ASCII characters follow. */
  readonly asciiData: number;
  /** `sizeof(PyCompactUnicodeObject)`: other compact characters follow. */
  readonly compactData: number;
  /** `data.any` of a PyUnicodeObject that is not compact. */
  readonly dataPointer: number;
  /** Bit positions in the 32-bit state word. */
  readonly kindShift: number;
  readonly compactShift: number;
  readonly asciiShift: number;
  /** `sizeof(PyUnicodeObject)`: one that is not compact. */
  readonly sizeBytes: number;
  /** The same text as UTF-8, kept once somebody has asked for it. */
  readonly utf8: number;
  readonly utf8Length: number;
  /** The same text as wchar_t, to 3.11. */
  readonly wide: number | undefined;
  readonly wideLength: number | undefined;
}

/** `PyDictObject`: Python 3's keys and values, or Python 2's one table. */
export interface DictLayout {
  readonly used: number;
  readonly keys: number | undefined;
  readonly values: number | undefined;
  /** Python 2. */
  readonly mask: number | undefined;
  readonly table: number | undefined;
  /** The table of a small one, within it. */
  readonly smallTable: number | undefined;
}

/** `struct _dictkeysobject`: the hash table of a dict, with its entries behind the indices. */
export interface DictKeysLayout {
  /** `dk_size` (to 3.10) or `dk_log2_size` (a byte). */
  readonly size: number;
  /** `dk_log2_index_bytes`, 3.11+. */
  readonly log2IndexBytes: number | undefined;
  /** `dk_kind`, 3.11+: 0 general, 1 only str keys, 2 split. */
  readonly kind: number | undefined;
  /** How many entries it still takes. */
  readonly usable: number;
  readonly entryCount: number;
  readonly indices: number;
  readonly referenceCount: number;
}

/** How the interpreter shows in a C stack. */
export interface NativeRules {
  /** In the name of the function that is the evaluation loop. */
  readonly evaluation: string;
  /** Each instruction may be a function of its own, `_TAIL_CALL_…`, that stands in the place of the loop. */
  readonly tailCalls: boolean;
}

/** How instructions are written: by words of opcode and argument, or with arguments of two bytes or none (2.7). */
export interface BytecodeRules {
  readonly encoding: 'words' | 'one-or-three-bytes';
  readonly extendedArgument: number;
  /** Opcodes that open the block of a `with` statement; the argument leads to its handler. */
  readonly setupWith: readonly number[];
}

/** How a generator or coroutine tells where it stands and what it waits for. */
export interface GeneratorRules {
  /** `FRAME_CREATED`, `FRAME_EXECUTING`, and the least of the states after the end; `undefined` to 3.9. */
  readonly states:
    | { readonly created: number; readonly executing: number; readonly ended: number }
    | undefined;
  /** The states in which it waits for another; `undefined` to 3.12, where its next instruction tells. */
  readonly awaitingStates: readonly number[] | undefined;
  /** That next instruction: YIELD_FROM, or from 3.11 on RESUME with at least such an argument. */
  readonly awaitingInstruction: { readonly opcodes: readonly number[]; readonly leastArgument: number };
  /** What it waits for lies so far below the top of its value stack. */
  readonly awaitedDepth: 1 | 2;
  /** What `stackTop` of a frame is. */
  readonly stackTop: 'pointer' | 'base-and-depth' | 'count';
}

/** `FutureObj` and `TaskObj` of the C module `_asyncio`; both begin alike. */
export interface AsyncioLayout {
  readonly futureSizeBytes: number;
  readonly taskSizeBytes: number;
  readonly loop: number;
  /** The first callback, apart from the list of the others; 3.7+. */
  readonly callback0: number | undefined;
  readonly callbacks: number;
  readonly exception: number;
  readonly sourceTraceback: number;
  /** `fut_state`: 0 pending, 1 cancelled, 2 finished. */
  readonly state: number;
  /** 3.14+: NULL, a future, or a set of them where the flag says so. */
  readonly awaitedBy: number | undefined;
  readonly isAwaitedBySet: number | undefined;
  readonly waiter: number;
  readonly coroutine: number;
  /** 3.8+. */
  readonly name: number | undefined;
}

/** How much memory objects take. */
export interface SizeRules {
  /** Flags of types whose objects have two more pointers in front of them, 3.11+. */
  readonly preHeadFlags: number;
  /** An int has room for so many digits. */
  readonly leastDigits: 0 | 1;
  /** Classes made in C have a collector's head too, as far as `sys.getsizeof` knows: 3.11 and 3.12. */
  readonly staticTypesHaveHead: boolean;
  /** What a `bytearray` has its bytes in is an object with such a head, 3.15+. */
  readonly byteArrayHeadBytes: number;
}

/** How obmalloc keeps the memory of small objects. */
export interface AllocatorRules {
  readonly poolBytes: number;
  /** Where its state is: static variables (to 3.11), a member of each interpreter (3.12), or behind a pointer there (3.13+). */
  readonly state: 'variables' | 'member' | 'pointer';
}

/** What differs between versions and is not an offset. */
export interface Rules {
  readonly allocator: AllocatorRules;
  readonly sizes: SizeRules;
  /** To 3.10, where a frame has a stack of blocks; later an exception table says the same. */
  readonly bytecode: BytecodeRules | undefined;
  /** What a `with` statement keeps on the value stack: `__exit__` bound to its object, or (3.14+) function and object. */
  readonly withExit: 'bound' | 'function-and-self';
  /**
   * Where a thread that is parked (`_PyParkingLot_Park`) names what it waits for, from the semaphore that it sleeps on;
   * `undefined` where nothing parks threads.
   */
  readonly parkedAddress: number | undefined;
  /** How a code object maps instructions to lines. */
  readonly lineTable: 'lnotab-unsigned' | 'lnotab' | 'linetable' | 'locations';
  /** Bytes for each unit of `f_lasti`: 1 to 3.9, 2 in 3.10; 0 where the frame has an address instead. */
  readonly lastInstructionUnitBytes: 0 | 1 | 2;
  /** `owner` values of frames that the interpreter pushes for itself: no Python code, never shown. */
  readonly shimOwners: readonly number[];
  /** What `f_executing` (3.6 to 3.9) or `f_state` (3.10) is of a frame that runs. */
  readonly runningFrameStates: readonly number[];
  /** `owner` of frames that lie in a generator, and the greatest value of all; `undefined` to 3.10. */
  readonly frameOwners: { readonly generator: number; readonly last: number } | undefined;
  /** The outermost frame of a thread is a shim that lies in its thread state, and that no evaluation loop has pushed. */
  readonly hasBaseFrame: boolean;
  /** Low bits of frame references that are tags, to be cleared (3.14+: 2). */
  readonly stackRefTagBits: number;
  /** Who makes pending calls: the main thread, or (3.12+) any thread of the interpreter whose ring they are in. */
  readonly pendingCallsOf: 'main-thread' | 'interpreter';
  readonly native: NativeRules;
  readonly generators: GeneratorRules;
  /** `undefined` in versions without the C module: to 3.5. */
  readonly asyncio: AsyncioLayout | undefined;
  /** Bits of one digit of an int. */
  readonly longDigitBits: 15 | 30;
  /** `ob_size` is count and sign; `lv_tag` keeps the sign in its low 2 bits and the count from bit 3 on. */
  readonly longEncoding: 'ob_size' | 'lv_tag';
  /** Where an instance without a dict pointer of its own keeps its attributes. */
  readonly attributes: AttributeRule;
  /**
   * Where a table of values that shares its keys begins, from its own start (0 to 3.12, 8 from 3.13 on), and what
   * tells in which order they were set: the keys (to 3.10), bytes below the table, or bytes behind it (3.13+).
   */
  readonly splitValues: {
    readonly values: number;
    readonly order: 'of-keys' | 'bytes-below' | 'bytes-behind';
  };
}

/**
 * `dictoffset`: `tp_dictoffset` says where the dict pointer is (all versions, also for types without managed dicts).
 * `values-and-dict-before`: 3.11; `tagged-before`: 3.12, one word that is a dict or tagged values;
 * `inline-after`: 3.13+, the dict pointer before the object, values inline at `tp_basicsize`.
 * Offsets are from the object's address.
 */
export type AttributeRule =
  | { readonly kind: 'dictoffset' }
  | {
      readonly kind: 'values-and-dict-before' | 'tagged-before' | 'inline-after';
      readonly managedDict: number;
      readonly values: number | undefined;
      /** Bit numbers in `tp_flags`. */
      readonly managedDictFlag: number;
      readonly inlineValuesFlag: number | undefined;
    };
