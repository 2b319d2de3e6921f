import { expect, test } from 'vitest';
import { runCommandLine } from '../../../test/support/fake-cli.ts';
import { violations } from '../../../test/support/schemas.ts';
import { makeSnapshot } from '../../../test/support/snapshots.ts';
import { toAddress } from '../../base/address.ts';
import type { GlobalValue } from '../../model/global-value.ts';
import type { InstanceReport } from '../../model/instance-report.ts';
import type { ModuleReport } from '../../model/loaded-module.ts';

const SERVICE = makeSnapshot([]);
const AT = toAddress(0x7f00_1000);
const READ = {
  process: SERVICE.process,
  takenAt: '2026-01-01T00:00:00.000Z',
  pauseNs: 1_200_000n,
  problems: [],
};
const MODULE = {
  name: 'shop.cart',
  ownName: undefined,
  interpreterId: 0,
  kind: 'source',
  file: '/srv/shop/cart.py',
  cached: undefined,
  packagePath: [],
  fileState: 'changed',
} as const;
const MODULES: ModuleReport = { ...READ, modules: [MODULE], meant: undefined };
const GLOBAL: GlobalValue = {
  ...READ,
  interpreterId: 0,
  module: 'shop.cart',
  path: ['Cart', 'total'],
  foundIn: 'shop.base.Base',
  typeName: 'dict',
  address: AT,
  value: { kind: 'mapping', type: 'dict', entries: [], omitted: 3 },
};
const INSTANCES: InstanceReport = {
  ...READ,
  module: 'shop.cart',
  className: 'Cart',
  total: 3,
  counts: [
    { typeName: 'shop.cart.Cart', count: 2 },
    { typeName: 'shop.cart.Sub', count: 1 },
  ],
  instances: [
    {
      typeName: 'shop.cart.Sub',
      address: AT,
      value: { kind: 'opaque', typeName: 'shop.cart.Sub', address: AT },
      referrers: [
        {
          typeName: 'dict',
          address: AT,
          place: { kind: 'item', key: { kind: 'str', value: 'c', omitted: 0, python2: undefined } },
          owner: { kind: 'module', name: 'shop.cart' },
        },
        {
          typeName: 'frame',
          address: AT,
          place: { kind: 'variable', name: 'c' },
          owner: { kind: 'call', name: 'pay' },
        },
        {
          typeName: 'dict',
          address: AT,
          place: undefined,
          owner: { kind: 'instance', typeName: 'shop.cart.Shop', address: AT },
        },
        {
          typeName: 'dict',
          address: AT,
          place: { kind: 'item', key: { kind: 'str', value: 'k', omitted: 0, python2: undefined } },
          owner: { kind: 'global', name: 'shop.cart.carts' },
        },
        {
          typeName: 'list',
          address: AT,
          place: { kind: 'index', index: 2 },
          owner: { kind: 'attribute', name: 'row', typeName: 'shop.cart.Shop', address: AT },
        },
        {
          typeName: 'dict',
          address: AT,
          place: { kind: 'item', key: { kind: 'str', value: 'first', omitted: 0, python2: undefined } },
          owner: { kind: 'class', name: 'shop.cart.Shop' },
        },
      ],
      otherReferrers: 4,
    },
  ],
  trackedCount: 1000,
  untracked: 'some',
};
const WORLD = { snapshots: [SERVICE], modules: MODULES, global: GLOBAL, instances: INSTANCES };

test('module prints the name of a file, and says that the file was changed', async () => {
  const { status, out, notes, calls } = await runCommandLine(['module', '5010', '/srv/shop/cart.py'], WORLD);
  expect([status, out]).toEqual([0, 'shop.cart\n']);
  expect(notes).toBe(
    'warning: the file of shop.cart (/srv/shop/cart.py) is changed since the process started\n',
  );
  expect(calls).toContain('modules {"file":"/srv/shop/cart.py","pause":true}');
});

test('module --list takes a pattern, and marks what was changed', async () => {
  const { out, calls } = await runCommandLine(['module', '5010', '--list', 'shop.*', '--no-block'], WORLD);
  expect(out).toBe(
    'MODULE     KIND    FILE\nshop.cart  source  /srv/shop/cart.py  (changed since the process started)\n',
  );
  expect(calls).toContain('modules {"glob":"shop.*","pause":false}');
});

test('module exits with 7 when nothing is loaded from a file', async () => {
  const world = { ...WORLD, modules: { ...MODULES, modules: [] } };
  const { status, notes } = await runCommandLine(['module', '5010', 'cart.py'], world);
  expect([status, notes]).toEqual([7, 'error: cart.py is not loaded in process 5010\n']);
});

const GLOBAL_LINES: readonly (readonly [string, string | undefined])[] = [
  ['shop.cart total', '{"module":"shop.cart","path":["total"]'],
  ['shop.cart Cart.Line total', '{"module":"shop.cart","path":["Cart","Line","total"]'],
  ['shop.cart:Cart.total', '{"module":"shop.cart","path":["Cart","total"]'],
  ['--mod shop.cart --cls Cart --var total', '{"module":"shop.cart","path":["Cart","total"]'],
  ['shop.cart Cart --var total', '{"module":"shop.cart","path":["Cart","total"]'],
  ['shop.cart', undefined],
  ['shop.cart a b c', undefined],
  ['shop.cart a..b', undefined],
];
test.each(GLOBAL_LINES)('getglobal understands %s', async (line, wanted) => {
  const { status, calls, notes } = await runCommandLine(['getglobal', '5010', ...line.split(' ')], WORLD);
  expect(status).toBe(wanted === undefined ? 2 : 0);
  if (wanted === undefined) expect(notes).toContain('name a module, perhaps a class, and a name');
  else expect(calls.join('\n')).toContain(`global ${wanted},"depth":2,"whole":false,"pause":true}`);
});

test('getglobal prints name, type and value, and where it was inherited from', async () => {
  const { out } = await runCommandLine(['getglobal', '5010', 'shop.cart', 'Cart', 'total'], WORLD);
  expect(out.split('\n')).toEqual([
    '  NAME:       shop.cart:Cart.total, from class shop.base.Base',
    "  TYPE:       <class 'dict'>",
    '  VALUE:      {',
    '                ... 3 more',
    '              }',
    '',
  ]);
});

test('getglobal names what is there when something is not', async () => {
  const { status, notes } = await runCommandLine(['getglobal', '5010', 'shop', 'x'], {
    snapshots: [SERVICE],
  });
  expect(status).toBe(7);
  expect(notes).toContain('Cannot find module shop: it is not loaded');
});

test('vmtool takes two words for its class, and prints instances with what holds them', async () => {
  const line = ['vmtool', '5010', '-a', 'getInstances', '-c', 'shop.cart', 'Cart', '-n', '-1', '-x', '-1'];
  const { status, out, notes, calls } = await runCommandLine([...line, '--referrers'], WORLD);
  expect(status).toBe(0);
  expect(calls.join('\n')).toContain(
    'instances {"module":"shop.cart","className":"Cart","limit":1000000,"referrers":true,"depth":"all"',
  );
  expect(out.split('\n')).toEqual([
    '  CLASS:      shop.cart:Cart',
    '  INSTANCES:  3 (2 shop.cart.Cart, 1 shop.cart.Sub), 1 of them shown',
    '',
    '  [0] shop.cart.Sub at 0x7f001000',
    '      <shop.cart.Sub object at 0x7f001000>',
    '      held by',
    "        dict at 0x7f001000 ['c'], the globals of module shop.cart",
    '        frame at 0x7f001000, variable c, in a running call of pay',
    '        dict at 0x7f001000, the attributes of shop.cart.Shop at 0x7f001000',
    "        dict at 0x7f001000 ['k'], that is shop.cart.carts['k']",
    '        list at 0x7f001000 [2], that is .row[2] of shop.cart.Shop at 0x7f001000',
    "        dict at 0x7f001000 ['first'], the attributes of class shop.cart.Shop",
    '        ... 4 more',
    '',
  ]);
  expect(notes).toContain('the collector tracks a Cart only when it holds something that it tracks');
});

test.each([
  ['vmtool 5010'],
  ['vmtool 5010 -c shop'],
  ['vmtool 5010 -c a b -x 7'],
  ['vmtool 5010 -c a b -n -2'],
])('%s is refused', async (line) => {
  expect((await runCommandLine(line.split(' '), WORLD)).status).toBe(2);
});

test.each([
  ['modules', ['module', '5010', '--list', '--json']],
  ['global', ['getglobal', '5010', 'shop.cart', 'x', '--json']],
  ['instances', ['vmtool', '5010', '-c', 'shop.cart:Cart', '--json']],
])('docs/%s.schema.json describes what is printed', async (schema, line) => {
  const { out } = await runCommandLine(line, WORLD);
  expect(violations(schema, JSON.parse(out))).toEqual([]);
});
