import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentSession } from '../../src/api/index.ts';
import { AgentScene } from '../support/agent-scene.ts';
import { PYFLIGHT, runPyflight } from '../support/command-line.ts';
import { until } from '../support/counting-target.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { loadCalled, openWatch, watchWhile } from '../support/watching.ts';
