import {
  AgentAnswerError,
  EvaluationCancelledError,
  EvaluationFailedError,
  HookRefusedError,
  type InspectorError,
  NotInTargetError,
  NotReloadableError,
  type ReloadObstacle,
  ReplayRefusedError,
} from '../base/errors.ts';
import { type TorchObstacle, TorchRefusedError } from '../base/torch-errors.ts';
import type {
  ActiveHook,
  AgentClient,
  AgentStatus,
  Collection,
  ConsoleOutcome,
  Evaluation,
  HookRemoval,
  InstanceEvaluation,
  RunningRequest,
} from '../model/agent.ts';
import type { RecordStore } from '../model/recorded-calls.ts';
import { Fields } from './fields.ts';
import { parseView } from './view-answer.ts';

/** What came from the agent, sorted: the answer to a request, the failure of one, or something on the way there. */
export type Message =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Fields }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: Fields }
  /** `id` 0 is said to everybody. */
  | { readonly kind: 'event'; readonly id: number; readonly event: Fields };

/** Sorts a message of the agent. */
export function parseMessage(value: unknown): Message {
  const fields = Fields.of(value, 'message');
  const id = fields.whole('id');
  if (fields.has('ok')) return { kind: 'answer', id, answer: fields.fields('ok') };
  if (fields.has('error')) return { kind: 'failure', id, failure: fields.fields('error') };
  return { kind: 'event', id, event: fields.fields('event') };
}

/** Makes the error of what the agent says it cannot do. */
export function failureOf(failure: Fields): InspectorError {
  const message = failure.text('message');
  const torchObstacle = TORCH_OBSTACLES.get(failure.text('code'));
  if (torchObstacle !== undefined) return new TorchRefusedError(torchObstacle, message);
  const obstacle = RELOAD_OBSTACLES.get(failure.text('code'));
  if (obstacle !== undefined)
    return new NotReloadableError(obstacle, message, failure.optionalText('traceback'));
  switch (failure.text('code')) {
    case 'raised':
      return new EvaluationFailedError(message, failure.optionalText('traceback') ?? '');
    case 'cancelled':
      return new EvaluationCancelledError();
    case 'not-found':
      return new NotInTargetError(message);
    case 'no-replay':
      return new ReplayRefusedError(message);
    case 'refused':
      return new HookRefusedError(message, failure.has('functions') ? failure.texts('functions') : []);
    default:
      return new AgentAnswerError(message);
  }
}

const OBSTACLES: readonly ReloadObstacle[] = [
  'file',
  'syntax',
  'gone',
  'ambiguous',
  'closure',
  'decorators',
  'value',
  'no-function',
  'failed',
  'nothing',
  'replaced',
];
const RELOAD_OBSTACLES = new Map<string, ReloadObstacle>(OBSTACLES.map((each) => [`reload-${each}`, each]));

const TORCH_OBSTACLES = new Map<string, TorchObstacle>(
  (['absent', 'no-cuda', 'busy', 'failed'] as const).map((each) => [`torch-${each}`, each]),
);

/** The agent speaks another protocol: the code of its failure of `hello`. */
export function isOtherProtocol(failure: Fields): boolean {
  return failure.text('code') === 'protocol';
}

/** What the agent says when it is greeted. */
export interface Greeting {
  readonly version: string;
  readonly leaseSeconds: number;
  /** How calls can be seen there. */
  readonly engine: 'monitoring' | 'trampolines';
  /** Further parts of our program that it has already. */
  readonly parts: readonly string[];
}

/** Reads the answer to `hello`. */
export function parseGreeting(answer: Fields): Greeting {
  return {
    version: answer.text('version'),
    leaseSeconds: answer.number('leaseSeconds'),
    engine: answer.word('engine', ['monitoring', 'trampolines']),
    parts: answer.texts('parts'),
  };
}

/** Reads the answer to `status`. */
export function parseStatus(answer: Fields): AgentStatus {
  return {
    pid: answer.whole('pid'),
    python: answer.text('python'),
    version: answer.text('version'),
    protocol: answer.whole('protocol'),
    ageSeconds: answer.number('seconds'),
    leaseSeconds: answer.number('leaseSeconds'),
    threadId: answer.optionalWhole('threadId'),
    directory: answer.text('directory'),
    clients: answer.list('clients', parseClient),
    hooks: answer.list('hooks', parseHook),
    running: answer.list('workers', parseRunning),
    modulesAdded: answer.texts('modulesAdded'),
    records: answer.has('records') ? parseRecordStore(answer.fields('records')) : undefined,
  };
}

/** Reads how much is recorded. */
export function parseRecordStore(fields: Fields): RecordStore {
  return {
    count: fields.whole('count'),
    bytes: fields.whole('bytes'),
    budget: fields.whole('budget'),
    dropped: fields.whole('dropped'),
  };
}

function parseClient(item: unknown, what: string): AgentClient {
  const fields = Fields.of(item, what);
  return {
    pid: fields.whole('pid'),
    uid: fields.whole('uid'),
    name: fields.text('name'),
    seconds: fields.number('seconds'),
    isOwn: fields.flag('isOwn'),
  };
}

function parseHook(item: unknown, what: string): ActiveHook {
  const fields = Fields.of(item, what);
  return {
    id: fields.whole('id'),
    kind: fields.text('kind'),
    target: fields.text('target'),
    hits: fields.whole('hits'),
    costNs: fields.number('costNs'),
  };
}

function parseRunning(item: unknown, what: string): RunningRequest {
  const fields = Fields.of(item, what);
  return { op: fields.text('op'), seconds: fields.number('seconds') };
}

/** Reads the answer to `evaluate`. */
export function parseEvaluation(answer: Fields): Evaluation {
  const typeName = answer.text('type');
  const text = answer.optionalText('repr');
  const value =
    text === undefined
      ? ({ kind: 'view', view: parseView(answer.value('view')) } as const)
      : ({ kind: 'repr', text, omitted: answer.whole('omitted') } as const);
  return { typeName, value };
}

/** Reads the answer to `instances`. */
export function parseInstances(answer: Fields): InstanceEvaluation {
  return { ...parseEvaluation(answer), total: answer.whole('total') };
}

/** Reads the answer to `forceGc`. */
export function parseCollection(answer: Fields): Collection {
  return {
    collected: answer.list('collected', (item, what) => {
      if (typeof item !== 'number') throw new AgentAnswerError(`${what} holds no number`);
      return item;
    }),
    uncollectable: answer.whole('uncollectable'),
    seconds: answer.number('seconds'),
  };
}

/** Reads the answer to `reset`. */
export function parseRemoval(answer: Fields): HookRemoval {
  return { removed: answer.texts('removed'), kept: answer.texts('kept') };
}

/** What the agent says when it leaves, and by which its absence can be seen from outside. */
export interface Farewell extends HookRemoval {
  readonly running: readonly RunningRequest[];
  readonly modulesAdded: readonly string[];
  readonly threadId: number | undefined;
  /** The numbers that the kernel gave to its sockets. */
  readonly sockets: readonly number[];
}

/** Reads the answer to `leave`. */
export function parseFarewell(answer: Fields): Farewell {
  return {
    ...parseRemoval(answer),
    running: answer.list('workers', parseRunning),
    modulesAdded: answer.texts('modulesAdded'),
    threadId: answer.optionalWhole('threadId'),
    sockets: answer.list('sockets', (item, what) => {
      if (typeof item !== 'number') throw new AgentAnswerError(`${what} holds no number`);
      return item;
    }),
  };
}

/** Reads the answer to `console-run`. */
export function parseOutcome(answer: Fields): ConsoleOutcome {
  return {
    state: answer.word('state', ['done', 'failed', 'incomplete', 'ended']),
    code: answer.optionalText('code'),
  };
}
