/** The files of `python/`, in the order in which they run. */
export const PAYLOAD_PARTS: readonly string[] = [
  'originals',
  'failures',
  'json_text',
  'object_view',
  'arrays',
  'names',
  'hooks',
  'workers',
  'connections',
  'operations',
  'console',
  'agent',
  'start',
];

/** How an interpreter lets us see calls. */
export type CallEngine = 'monitoring' | 'trampolines';

/** Parts that a command has before its own. */
const BEFORE: Readonly<Record<CallEngine, Readonly<Record<string, readonly string[]>>>> = {
  monitoring: { trace: ['trace_tree', 'trace_monitoring'] },
  trampolines: { trace: ['trace_tree', 'trace_profile'] },
};

/** Parts that are sent when they are wanted, so that the agent itself comes in fast, in the order in which they run. */
function callParts(engine: CallEngine, command: string): readonly string[] {
  return [
    'natives',
    'finder',
    'expressions',
    'probes',
    engine,
    'streams',
    ...(BEFORE[engine][command] ?? []),
    ...(COMMAND_PARTS.get(command) ?? [command]),
  ];
}

/** Those of a command that are more than one of its name. */
const COMMAND_PARTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['tt', ['records', 'tt', 'replay']],
  ['torch-profile', ['torch_files', 'torch_calls', 'torch_profile']],
  ['torch-record', ['torch_files', 'torch_cuda', 'torch_calls', 'torch_record']],
]);

/** Of questions that are about no function. */
const QUESTION_PARTS: ReadonlyMap<string, readonly string[]> = new Map([
  ['torch-snapshot', ['torch_files', 'torch_cuda']],
  ['torch-tensors', ['torch_files', 'object_lists', 'torch_tensors']],
  ['allocations', ['allocations']],
  ['census', ['object_lists', 'census']],
  ['instances', ['object_lists', 'instances']],
]);

/** The parts that an operation wants which is not in the agent from the beginning. */
export function partsFor(engine: CallEngine, op: string): readonly string[] {
  return QUESTION_PARTS.get(op) ?? callParts(engine, op);
}

/** The parts that `reload` wants: it goes on to be seen by who listens to the function. */
export function reloadParts(engine: CallEngine): readonly string[] {
  return ['natives', 'finder', 'expressions', 'probes', engine, ...RELOAD_PARTS];
}

const RELOAD_PARTS = [
  'definitions',
  'code_likeness',
  'closures',
  'definition_values',
  'reload_users',
  'reload_records',
  'reload',
] as const;

/** Every part that is not of {@link PAYLOAD_PARTS}. */
export const LATER_PARTS: readonly string[] = [
  'natives',
  'finder',
  'expressions',
  'probes',
  'monitoring',
  'trampolines',
  'streams',
  'watch',
  'trace_tree',
  'trace_monitoring',
  'trace_profile',
  'trace',
  'records',
  'tt',
  'replay',
  'monitor',
  'callers',
  'torch_files',
  'torch_cuda',
  'torch_calls',
  'torch_profile',
  'torch_record',
  'torch_tensors',
  'allocations',
  'object_lists',
  'census',
  'instances',
  ...RELOAD_PARTS,
];

/** What stands between them: no Python text has a form feed otherwise. */
export const PART_BREAK = '\f';
