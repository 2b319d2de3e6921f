import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Short files whose tests take long: vitest begins with the largest, and one of these would run alone at the end. */
const LONGEST = [
  'native-merge.test.ts',
  'sampling-native.test.ts',
  'programs.test.ts',
  'gilstat.test.ts',
  'injection-states.test.ts',
  'memory-questions.test.ts',
  'sampling.test.ts',
  'sampling-interpreters.test.ts',
];

/** Runs the files of a project in an order in which both processors have something to do until the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted(
      (a, b) => groupOf(a) - groupOf(b) || Number(isLong(b.moduleId)) - Number(isLong(a.moduleId)),
    );
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}

function isLong(path: string): boolean {
  return LONGEST.includes(basename(path));
}
