import { expect, test } from 'vitest';
import { SampleState } from './sample-table.ts';
import { threadSpans } from './time-spans.ts';

function sample(startNs: number, weightNs: number, stack: number, state: number = SampleState.onCpu) {
  return { startNs, weightNs, stack, state, looks: 1, thread: 0 };
}

test('threadSpans() tells for each span what took most of it, and how much of it ran', () => {
  const samples = [sample(0, 25, 7), sample(25, 5, 8, 0), sample(30, 5, 9), sample(35, 3, 7)];
  expect(threadSpans(samples, 50, 5)).toEqual({ spans: [7, 7, 7, 9, -1], cpu: [1, 1, 0.5, 1, 0] });
});

test('threadSpans() takes samples that end after the profile, and none', () => {
  expect(threadSpans([sample(5, 100, 3)], 20, 2)).toEqual({ spans: [3, 3], cpu: [1, 1] });
  expect(threadSpans([], 0, 2)).toEqual({ spans: [-1, -1], cpu: [0, 0] });
});
