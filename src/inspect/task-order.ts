import type { RawTask } from '../cpython/asyncio/tasks.ts';

type Aged = Pick<RawTask, 'name' | 'address'>;

/** Orders tasks as they were made: names that asyncio gives count upwards; those that somebody else gave come after them. */
export function byAge(left: Aged, right: Aged): number {
  const [a, b] = [ageOf(left), ageOf(right)];
  if (a !== b) return a - b;
  const [leftName, rightName] = [left.name ?? '', right.name ?? ''];
  if (leftName !== rightName) return leftName < rightName ? -1 : 1;
  return left.address - right.address;
}

function ageOf({ name }: Aged): number {
  const number = /^Task-(\d+)$/u.exec(name ?? '')?.[1];
  return number === undefined ? Number.MAX_SAFE_INTEGER : Number(number);
}
