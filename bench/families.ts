import { loadavg } from 'node:os';
import { findInterpreters, type Interpreter } from '../test/support/interpreters.ts';

/** Measures something with an interpreter of each wanted family, none of them a debug build, one after the other. */
export async function forEachFamily(
  families: string,
  measure: (interpreter: Interpreter) => Promise<void>,
): Promise<void> {
  const interpreters = findInterpreters();
  for (const family of families.split(',')) {
    const interpreter = interpreters.find((each) => each.family === family && each.kind !== 'debug');
    if (interpreter === undefined) console.log(`\nCPython ${family} is not here`);
    else await measure(interpreter);
  }
}

/** How busy the machine is: figures taken beside other work are worth less. */
export function load(): string {
  return loadavg()[0]?.toFixed(1) ?? '?';
}
