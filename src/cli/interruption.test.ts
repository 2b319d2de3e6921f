import { expect, test } from 'vitest';
import { Interruption } from './interruption.ts';

test('Interruption.interrupt() tells listeners once and keeps the first status', () => {
  const interruption = new Interruption();
  const heard: string[] = [];
  interruption.onInterrupt(() => heard.push('kept'));
  const forget = interruption.onInterrupt(() => heard.push('forgotten'));
  forget();
  expect(interruption.status).toBeUndefined();
  interruption.interrupt(130);
  interruption.interrupt(143);
  expect([interruption.status, heard]).toEqual([130, ['kept']]);
});

test('Interruption.onInterrupt() calls at once when it is too late to wait', () => {
  const interruption = new Interruption();
  interruption.interrupt(129);
  const heard: string[] = [];
  interruption.onInterrupt(() => heard.push('late'));
  expect(heard).toEqual(['late']);
});

test('Interruption.wait() ends by time, by an interrupt, and at once after one', async () => {
  const interruption = new Interruption();
  expect(await interruption.wait(1)).toBe('elapsed');
  const long = interruption.wait(3_600_000);
  interruption.interrupt(130);
  expect(await long).toBe('interrupted');
  expect(await interruption.wait(3_600_000)).toBe('interrupted');
});
