import { expect, test } from 'vitest';
import { labelsOf, serviceNameOf } from './series.ts';

test.each([
  ['python3 /srv/shop/app.py --fast', 'app'],
  ['/usr/bin/python3.11 -u -X dev shop.py', 'dev'],
  ['python3 -m gunicorn shop:app', 'gunicorn'],
  ['python -B -m http.server 8000', 'http.server'],
  ['python3 serve.py -m 3', 'serve'],
  ['/opt/venv/bin/celery -A shop worker', 'celery'],
  ['python3', 'python3'],
  ['', 'python'],
])('serviceNameOf() a program that was started as %j', (commandLine, name) => {
  expect(serviceNameOf(commandLine.split(' '))).toBe(name);
});

test('labelsOf() reads names and values, which may hold =', () => {
  expect([...labelsOf('env=prod, region=eu-1,query=a=b')]).toEqual([
    ['env', 'prod'],
    ['region', 'eu-1'],
    ['query', 'a=b'],
  ]);
  expect([...labelsOf(undefined)]).toEqual([]);
});

test.each(['env', 'env=', '=prod', '1env=prod', '__name__=cpu', 'a=1,,b=2'])(
  'labelsOf(%j) is refused',
  (given) => {
    expect(() => labelsOf(given)).toThrow(/^Cannot use .* as a label: write it as name=value/);
  },
);
