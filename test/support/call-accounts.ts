import type { CallAccount } from '../../src/model/function-calls.ts';

/** Makes the account of a hook that has seen one call, which it showed. */
export function makeAccount(changes: Partial<CallAccount> = {}): CallAccount {
  return {
    reason: 'limit',
    seen: 1,
    matched: 1,
    shown: 1,
    dropped: 0,
    skipped: 0,
    abandoned: 0,
    expressionFailures: 0,
    ownFailures: 0,
    lastFailure: undefined,
    costNs: 4600,
    isRestored: true,
    goesOn: false,
    ...changes,
  };
}
