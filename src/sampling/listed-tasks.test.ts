import { expect, test } from 'vitest';
import { toAddress } from '../base/address.ts';
import { ListedTasks } from './listed-tasks.ts';

test('tasks that a list lacks which could not be read to its end stay until it is whole again', () => {
  const [first, second, third] = [toAddress(0x1000), toAddress(0x2000), toAddress(0x3000)];
  const listed = new ListedTasks();
  listed.take([first, second], true);
  listed.take([third], false);
  expect(listed.tasks).toEqual([first, second, third]);
  listed.take([], false);
  expect(listed.tasks).toEqual([first, second]);
  listed.take([third], true);
  expect(listed.tasks).toEqual([third]);
});
