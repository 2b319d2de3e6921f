import { expect, test } from 'vitest';
import { libraryDirectories, moduleFileCandidates } from './library-search.ts';

test('libraryDirectories() takes the root and what holds libraries below it', () => {
  const files = [
    '/srv/app/run',
    '/srv/app/_internal/libpython3.12.so.1.0',
    '/srv/app/_internal/a/_ctypes.cpython-312-x86_64-linux-gnu.so',
    '/srv/app/_internal/a/x.so',
    '/srv/app/doc/libs.sorted',
    '/srv/app/_a/y.so.2',
  ];
  expect(libraryDirectories('/srv/app', files)).toEqual({
    root: '/srv/app',
    directories: ['/srv/app', '/srv/app/_a', '/srv/app/_internal', '/srv/app/_internal/a'],
  });
});

test('moduleFileCandidates() looks where it was told first, and then where the process had it', () => {
  const search = { directories: ['/a', '/lib'] };
  expect(moduleFileCandidates('/lib/libx.so.1', search)).toEqual(['/a/libx.so.1', '/lib/libx.so.1']);
  expect(moduleFileCandidates('/lib/libx.so.1', { directories: [] })).toEqual(['/lib/libx.so.1']);
});

test('moduleFileCandidates() takes a root for the place where the process had its own', () => {
  const search = { directories: ['/srv', '/srv/lib'], root: '/srv' };
  expect(moduleFileCandidates('/lib/libx.so.1', search)).toEqual([
    '/srv/libx.so.1',
    '/srv/lib/libx.so.1',
    '/lib/libx.so.1',
  ]);
});

test('moduleFileCandidates() has none for what never had a file', () => {
  expect(moduleFileCandidates('[vdso]', { directories: ['/a'] })).toEqual([]);
});
