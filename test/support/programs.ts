import { type Interpreter, SUPPORTED_FAMILIES } from './interpreters.ts';

/** A program of `test/programs`. */
export interface Program {
  readonly file: string;
  /** The first family that can run it. */
  readonly since: string;
  /** Names of functions, innermost first, that stand on one of its threads in this order. */
  readonly stack: readonly string[];
}

/** Every target program, with what it must be seen to do. */
export const PROGRAMS: readonly Program[] = [
  { file: 'single-thread.py', since: '2.7', stack: ['inner', 'middle', 'outer', '<module>'] },
  { file: 'threads.py', since: '2.7', stack: ['third_function', 'second_function', 'first_function', 'run'] },
  { file: 'recursion.py', since: '2.7', stack: ['park', 'descend', 'descend', 'descend', 'run'] },
  { file: 'names.py', since: '3.6', stack: ['\u{20000}', 'naïve', 'функция_函数', 'méthode_方法', 'main'] },
  { file: 'locals.py', since: '2.7', stack: ['last', 'inner', 'closures', 'arguments', 'numbers', 'main'] },
  { file: 'gil-contention.py', since: '2.7', stack: ['spin', 'compute', 'run'] },
  { file: 'gc-collecting.py', since: '3.6', stack: ['park', '__del__', 'collect', 'run'] },
  { file: 'gc-released.py', since: '3.6', stack: ['park', '__del__', 'collect', 'run'] },
  { file: 'subinterpreters.py', since: '3.8', stack: ['run', 'run_nested', 'main', '<module>'] },
  {
    file: 'borrowed-interpreters.py',
    since: '3.8',
    stack: ['describe_self_and', 'run', 'run', '_bootstrap_inner'],
  },
  {
    file: 'generators.py',
    since: '3.6',
    stack: ['values', 'delegating', 'async_values', 'inner_coroutine', 'outer_coroutine', 'drive'],
  },
  {
    file: 'inline-calls.py',
    since: '2.7',
    stack: ['called_from_python', 'called_by_partial', 'call_partial', 'sort_key', 'call_sorted', '<module>'],
  },
  {
    file: 'positions.py',
    since: '2.7',
    stack: ['in_call', '__getitem__', 'in_subscript', '__add__', 'in_operator', '__lt__', 'in_comparison'],
  },
  {
    file: 'native-crossings.py',
    since: '2.7',
    stack: ['go_on', 'through_eval', 'go_on', '<module>', 'through_exec', 'go_on', 'steps'],
  },
  { file: 'atexit-blocked.py', since: '2.7', stack: ['announce', 'announce_and_stay', 'at_exit'] },
  { file: 'finalizing.py', since: '3.6', stack: ['announce', 'announce_and_stay', '__del__'] },
  { file: 'many-threads.py', since: '2.7', stack: ['park', 'descend', 'descend', 'run'] },
  { file: 'thread-names.py', since: '2.7', stack: ['park', 'unknown_work'] },
  { file: 'lock-holder.py', since: '2.7', stack: ['park', 'want', 'run'] },
  { file: 'exec-churn.py', since: '2.7', stack: ['churn', 'run'] },
  { file: 'gc-running.py', since: '2.7', stack: ['tidy_up', 'run'] },
  { file: 'moving-recursion.py', since: '2.7', stack: ['move', 'run'] },
  {
    file: 'terminated-thread.py',
    since: '2.7',
    stack: ['announce', 'announce_and_stay', 'main', '<module>'],
  },
];

/** Tells whether an interpreter is new enough for a program. */
export function canRun(interpreter: Interpreter, program: Program): boolean {
  return SUPPORTED_FAMILIES.indexOf(interpreter.family) >= SUPPORTED_FAMILIES.indexOf(program.since);
}
