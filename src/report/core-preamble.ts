import { escapeForTerminal } from '../base/escaping.ts';
import type { CoreFacts, CoreProcessFacts } from '../model/core-signal.ts';
import type { ProcessFacts } from '../model/snapshot.ts';
import { deathCause } from './death-cause.ts';
import type { Style } from './style.ts';

/** The line with which PyStack tells that the user need not name the program; none when the core does not tell it. */
export function* executableLine({ executable }: ProcessFacts): Generator<string> {
  if (executable !== '') yield `Using executable found in the core file: ${escapeForTerminal(executable)}`;
}

/** What stands above the stacks of a core, to the character as PyStack 1.7 has it but for its defects. */
export function* corePreambleLines(facts: CoreFacts, style: Style): Generator<string> {
  yield '';
  if (facts.process !== undefined) yield* processLines(facts.process, style);
  const cause = deathCause(facts);
  if (cause === undefined) return;
  if (facts.process !== undefined) yield '';
  yield style.yellow(escapeForTerminal(cause));
}

function* processLines(process: CoreProcessFacts, style: Style): Generator<string> {
  const value = (text: string | number): string => style.green(escapeForTerminal(String(text)));
  const { state, isZombie, niceness, pid, parentPid, session, uid, gid, processGroup } = process;
  yield style.blue('Core file information:');
  yield `state: ${value(state)} zombie: ${value(isZombie ? 'True' : 'False')} niceness: ${value(niceness)}`;
  yield `pid: ${value(pid)} ppid: ${value(parentPid)} sid: ${value(session)}`;
  yield `uid: ${value(uid)} gid: ${value(gid)} pgrp: ${value(processGroup)}`;
  yield `executable: ${value(process.name)} arguments: ${value(process.commandLine)}`;
}
