import { hex } from '../base/address.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import type {
  CodePlace,
  SharedSemaphoreWait,
  Wait,
  WaitedObject,
  WaitingThread,
} from '../model/thread-wait.ts';
import { callWords } from './call-words.ts';

/** What is waited for, in words that can follow "waits for": `lock A`, `the GIL`. */
export function waitWords(wait: Wait, { activity }: Pick<WaitingThread, 'activity'>): string {
  switch (wait.kind) {
    case 'lock':
    case 'condition':
    case 'barrier':
    case 'event':
      return `${wait.kind} ${objectWords(wait.object)}`;
    case 'semaphore':
      return `semaphore ${objectWords(wait.object)}${wait.value === undefined ? '' : `, now ${wait.value}`}`;
    case 'shared-semaphore':
      return sharedWords(wait);
    case 'queue':
      return queueWords(wait);
    case 'join':
      return `the end of thread ${wait.threadName === undefined ? objectWords(wait.object) : escapeForTerminal(wait.threadName)}`;
    case 'future':
      return `the result of future ${objectWords(wait.object)}${wait.state === undefined ? '' : `, ${escapeForTerminal(wait.state)}`}`;
    case 'import-lock':
      return wait.moduleName === undefined
        ? 'an import lock'
        : `the import of ${escapeForTerminal(wait.moduleName)}`;
    case 'gil':
      return 'the GIL';
    case 'mutex':
      return `a pthread mutex at ${hex(wait.address)}`;
    case 'futex':
      return `a futex at ${hex(wait.address)}`;
    case 'system-call':
      return callWords(wait, activity);
    default:
      return wait satisfies never;
  }
}

/** `SEM_VALUE_MAX`: what has it has no limit. */
const NO_LIMIT = 2 ** 31 - 1;

function sharedWords({ object, operation, value, maxValue }: SharedSemaphoreWait): string {
  const method = UNNAMED_METHODS.has(operation) ? '' : ` (${escapeForTerminal(operation)})`;
  const limit = maxValue === NO_LIMIT ? '' : ` of ${maxValue}`;
  return `${sharedObjectWords(object)}${method}${value === undefined ? '' : `, now ${value}${limit}`}`;
}

/** To take a lock is what it is for. */
const UNNAMED_METHODS: ReadonlySet<string> = new Set(['acquire', '__enter__']);

/** With its type, since a lock of several processes is not what one of threads is: `multiprocessing.Lock A`. */
function sharedObjectWords(object: WaitedObject): string {
  if (object.name === undefined) return objectWords(object);
  const typeName = object.typeName.replace(/^multiprocessing\.\w+\./u, 'multiprocessing.');
  return `${escapeForTerminal(typeName)} ${objectWords(object)}`;
}

type QueueWait = Extract<Wait, { readonly kind: 'queue' }>;

const QUEUE_WORDS: Readonly<Record<QueueWait['operation'], string>> = {
  get: 'an item of queue',
  put: 'room in queue',
  join: 'the end of work on queue',
};

function queueWords({ operation, object, length, maxSize, unfinished }: QueueWait): string {
  const limit = maxSize === undefined || maxSize === 0 ? '' : ` of ${maxSize}`;
  const parts = [
    length === undefined ? undefined : `${length}${limit} in it`,
    operation === 'join' && unfinished !== undefined ? `${unfinished} unfinished` : undefined,
  ].filter((part) => part !== undefined);
  return `${QUEUE_WORDS[operation]} ${objectWords(object)}${parts.length === 0 ? '' : `, ${parts.join(', ')}`}`;
}

/** What an object is called: by its name in the program, and by type and address where the name is only a variable's. */
function objectWords(object: WaitedObject): string {
  const { name } = object;
  if (name === undefined) return identity(object);
  const path = escapeForTerminal(name.path);
  if (name.of !== undefined) return `${path} of ${identity(name.of)}`;
  return name.isLocal ? `${path}, ${identity(object)}` : path;
}

function identity({ typeName, address }: Pick<WaitedObject, 'typeName' | 'address'>): string {
  return `<${escapeForTerminal(typeName)} at ${hex(address)}>`;
}

/** What a thread holds when another one waits for that; `undefined` for what nobody can hold. */
export function heldWords(wait: Wait): string | undefined {
  switch (wait.kind) {
    case 'lock':
      return `lock ${objectWords(wait.object)}`;
    case 'shared-semaphore':
      return sharedObjectWords(wait.object);
    case 'gil':
      return 'the GIL';
    case 'mutex':
      return `the pthread mutex at ${hex(wait.address)}`;
    case 'import-lock':
      return wait.moduleName === undefined
        ? 'an import lock'
        : `the import of ${escapeForTerminal(wait.moduleName)}`;
    default:
      return undefined;
  }
}

/** What a thread is called: by its name where it has one, else by its id. */
export function threadWords(thread: Pick<WaitingThread, 'pythonName' | 'kernelName' | 'osThreadId'>): string {
  const { pythonName, kernelName, osThreadId } = thread;
  const name = pythonName ?? kernelName?.trimEnd();
  if (name === undefined || name === '') return `thread ${osThreadId ?? '?'}`;
  return escapeForTerminal(name);
}

/** Where something is in the source: `bank.py:12`. */
export function shortPlace({ filename, line }: CodePlace): string {
  return `${escapeForTerminal(filename.split('/').at(-1) ?? filename)}:${line ?? '?'}`;
}

/** Where something is in the source, with the function: `in transfer, /srv/bank.py:12`. */
export function longPlace({ filename, name, line }: CodePlace): string {
  return `in ${escapeForTerminal(name)}, ${escapeForTerminal(filename)}:${line ?? '?'}`;
}

/** What is to be said of the owner of what a thread waits for, when that is none of the Python threads. */
export function strangerWords({ wait, holder }: Pick<WaitingThread, 'wait' | 'holder'>): string {
  if (holder !== undefined)
    return holder.thread === undefined
      ? `, held by thread ${holder.osThreadId ?? '?'}, which runs no Python`
      : '';
  if (wait?.kind === 'shared-semaphore')
    return wait.isTakenElsewhere === true ? ', owner: another process, unknown' : '';
  if (wait?.kind !== 'lock') return '';
  return wait.isLocked === false ? ', free by now' : ', owner unknown';
}
