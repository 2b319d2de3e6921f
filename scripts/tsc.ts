/**
 * The compiler that checks and emits types: TypeScript 7, a tenth of the time of 6. That one stays beside it, since 7
 * has no API for our own rules. Both have a program of this name, and npm links either.
 */
export const TSC = 'node_modules/typescript-native/bin/tsc';
