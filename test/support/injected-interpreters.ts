import { inject } from 'vitest';
import { knowInterpreters } from './interpreters.ts';

knowInterpreters(inject('interpreters'));
