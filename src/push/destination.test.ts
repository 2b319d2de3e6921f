import { expect, test } from 'vitest';
import { destinationOf } from './destination.ts';

test.each([
  ['http://pyroscope:4040', 'http://pyroscope:4040/push.v1.PusherService/Push', 'application/proto'],
  ['https://host/base/', 'https://host/base/push.v1.PusherService/Push', 'application/proto'],
  ['HTTP://host/push.v1.PusherService/Push', 'http://host/push.v1.PusherService/Push', 'application/proto'],
  ['otlp+http://host:4318', 'http://host:4318/v1development/profiles', 'application/x-protobuf'],
  [
    'otlp+https://host/v1development/profiles',
    'https://host/v1development/profiles',
    'application/x-protobuf',
  ],
])('destinationOf(%s) is the endpoint of that server', (given, url, contentType) => {
  const destination = destinationOf(given);
  expect([destination.url, destination.contentType]).toEqual([url, contentType]);
});

test.each(['', 'pyroscope:4040', 'ftp://host', 'http://', 'http://host:99999'])(
  'destinationOf(%j) is refused',
  (given) => {
    expect(() => destinationOf(given)).toThrow(
      /^Cannot push to .*: write it as http:\/\/host:4040 \(Pyroscope\)/,
    );
  },
);

test('destinationOf() takes no password from the command line, and does not repeat it', () => {
  expect(() => destinationOf('https://me:secret@host')).toThrow(
    'Cannot push to https://…@host: names and passwords are taken from PYFLIGHT_PUSH_BASIC alone',
  );
});
