import { expect, test } from 'vitest';
import { makeProfiledProcess, makeProfileFrame } from '../../test/support/profiles.ts';
import { FrameLabels } from './frame-label.ts';
import { originOf } from './frame-origin.ts';

const LABELS = new FrameLabels({ processes: [makeProfiledProcess()] });

test.each([
  ['main@/srv/shop/app.py:12', 'main (app.py:12)', 'app', 'own'],
  ['get@/srv/shop/views/__init__.py:3', 'get (views/__init__.py:3)', 'views', 'own'],
  ['loads@/usr/lib/python3.12/json/decoder.py:9', 'loads (json/decoder.py:9)', 'json.decoder', 'standard'],
  ['get@/opt/v/lib/python3.12/site-packages/flask/app.py:9', 'get (flask/app.py:9)', 'flask.app', 'package'],
  ['run@/usr/lib/python3/dist-packages/apt/x.py:9', 'run (apt/x.py:9)', 'apt.x', 'package'],
  [
    '_load@<frozen importlib._bootstrap>:4',
    '_load (<frozen importlib._bootstrap>:4)',
    'importlib._bootstrap',
    'standard',
  ],
  ['f@<string>:1', 'f (<string>:1)', '<string>', 'own'],
  ['[qsort@/usr/lib/libc.so.6]', 'qsort (libc.so.6)', '', 'native'],
  ['<GC>', '<GC>', '', 'other'],
])('FrameLabels and originOf() of %s', (text, label, module, origin) => {
  const frame = makeProfileFrame(text);
  expect(LABELS.label(frame)).toBe(label);
  expect(LABELS.module(frame)).toBe(module);
  expect(originOf(frame)).toBe(origin);
});

test('FrameLabels names the first line of a function whose line is not known', () => {
  expect(LABELS.label({ ...makeProfileFrame('f'), firstLine: 7, line: 0 })).toBe('f (app.py:7)');
  expect(LABELS.label({ ...makeProfileFrame('f'), firstLine: 0, line: 0 })).toBe('f (app.py)');
});

test('FrameLabels leaves file names whole where that is wished, and names modules all the same', () => {
  const labels = new FrameLabels({ processes: [makeProfiledProcess()], hasWholeFileNames: true });
  const frame = makeProfileFrame('get@/opt/v/lib/python3.12/site-packages/flask/app.py:9');
  expect(labels.label(frame)).toBe('get (/opt/v/lib/python3.12/site-packages/flask/app.py:9)');
  expect(labels.module(frame)).toBe('flask.app');
  expect(labels.label(makeProfileFrame('[qsort@/usr/lib/libc.so.6]'))).toBe('qsort (/usr/lib/libc.so.6)');
});
