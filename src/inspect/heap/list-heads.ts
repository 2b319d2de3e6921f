import type { Address } from '../../base/address.ts';
import { NotKeptError } from '../../base/errors.ts';
import { findGenerations } from '../../cpython/collector/generations.ts';
import { readInterpreters } from '../../cpython/interpreters.ts';
import type { Target } from '../../target/target.ts';

/**
 * The heads of the collector's lists, of all interpreters.
 * @throws {NotKeptError} for a CPython whose collector has no lists
 */
export function listHeads({ memory, runtime }: Target): readonly Address[] {
  return readInterpreters(memory, runtime, []).flatMap(({ facts }) => {
    const generations = findGenerations(memory, runtime, facts.address);
    if (generations.kind === 'none') throw new NotKeptError('its objects', generations.reason);
    return generations.heads;
  });
}
