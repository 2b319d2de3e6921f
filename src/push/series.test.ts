import { expect, test } from 'vitest';
import { labelsOf, namesInEnvironment, serviceNameOf } from './series.ts';

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

test.each([
  [{}, undefined, {}],
  [{ OTEL_SERVICE_NAME: 'shop' }, 'shop', {}],
  [
    { OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,service.version=2.1, team=a%2Cb ' },
    'shop',
    { 'service.version': '2.1', team: 'a,b' },
  ],
  [{ OTEL_SERVICE_NAME: 'till', OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop' }, 'till', {}],
  [{ OTEL_SERVICE_NAME: '', OTEL_RESOURCE_ATTRIBUTES: 'service.name=shop,x=' }, 'shop', {}],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod-name=a,__name__=b,env=prod' }, undefined, { env: 'prod' }],
  [{ OTEL_RESOURCE_ATTRIBUTES: 'env=prod,team=%' }, undefined, {}],
  [{ OTEL_RESOURCE_ATTRIBUTES: '=prod' }, undefined, {}],
])('namesInEnvironment() of %j: %j, and labels %j', (environment, service, labels) => {
  const names = namesInEnvironment(new Map(Object.entries(environment)));
  expect([names.service, Object.fromEntries(names.labels)]).toEqual([service, labels]);
});
