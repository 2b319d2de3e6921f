import type { TestProject } from 'vitest/node';
import { discoverInterpreters, type Interpreter } from './interpreters.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    readonly interpreters: readonly Interpreter[];
  }
}

/** Asks every interpreter once who it is, for all test files of a project; vitest calls this before them. */
export function setup(project: TestProject): void {
  project.provide('interpreters', discoverInterpreters());
}
