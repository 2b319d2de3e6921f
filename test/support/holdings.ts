import { type Address, toAddress } from '../../src/base/address.ts';
import type { ChainStep, HoldingReport, LargestObjects } from '../../src/model/holding-chain.ts';
import type { HeldPlace } from '../../src/model/instance-report.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

function at(number: number): Address {
  return toAddress(0x7f00_0000_0000 + number * 256);
}

function step(typeName: string, number: number, place?: HeldPlace): ChainStep {
  return { typeName, address: at(number), place };
}

function key(value: string): HeldPlace {
  return { kind: 'item', key: { kind: 'str', value, omitted: 0, python2: undefined } };
}

const NEXT: HeldPlace = { kind: 'attribute', name: 'next' };

/** Three of five instances: one with two ways, one at the end of a long chain, and one that nothing leads to. */
export function holdingsOf({ process, takenAt, pauseNs }: Snapshot): HoldingReport {
  const lines: HeldPlace = { kind: 'attribute', name: 'lines' };
  const ways = [
    {
      root: { kind: 'module', name: 'shop' },
      steps: [
        step('dict', 1, key('carts')),
        step('shop.Cart', 2, key('a')),
        step('list', 3, lines),
        step('shop.Line', 4, { kind: 'index', index: 3 }),
      ],
      omitted: 0,
      lastSteps: [],
    },
    {
      root: { kind: 'variable', name: 'line', call: 'show' },
      steps: [step('shop.Line', 4)],
      omitted: 0,
      lastSteps: [],
    },
  ] as const;
  const long = {
    root: { kind: 'module', name: 'shop' },
    steps: [step('shop.Line', 8, key('last')), step('shop.Line', 9, NEXT), step('shop.Line', 10, NEXT)],
    omitted: 1200,
    lastSteps: [step('shop.Line', 11), step('shop.Line', 5, NEXT)],
  } as const;
  const referrer = {
    typeName: 'list',
    address: at(7),
    place: { kind: 'index', index: 0 },
    owner: undefined,
  } as const;
  const held = { typeName: 'shop.Line', otherChains: 0, referrers: [], otherReferrers: 0 };
  return {
    process,
    takenAt,
    pauseNs,
    subject: { kind: 'class', module: 'shop', className: 'Line' },
    total: 5,
    unheldCount: 1,
    objects: [
      { ...held, address: at(4), chains: ways, otherChains: 2 },
      { ...held, address: at(5), chains: [long] },
      { ...held, address: at(6), chains: [], referrers: [referrer], otherReferrers: 1 },
    ],
    problems: [],
  };
}

/** Two objects: a list of a module, and one whose size is that of its struct alone. */
export function largestOf({ process, takenAt, pauseNs }: Snapshot): LargestObjects {
  const whole = { omitted: 0, lastSteps: [] } as const;
  return {
    process,
    takenAt,
    pauseNs,
    objects: [
      {
        typeName: 'list',
        address: at(1),
        sizeBytes: 3 << 20,
        isStructOnly: false,
        itemCount: 4096,
        chain: { root: { kind: 'module', name: 'shop' }, steps: [step('list', 1, key('carts'))], ...whole },
      },
      {
        typeName: '_io.BufferedReader',
        address: at(2),
        sizeBytes: 72 << 10,
        isStructOnly: true,
        itemCount: undefined,
        chain: { root: { kind: 'interpreter', id: 0 }, steps: [step('_io.BufferedReader', 2)], ...whole },
      },
    ],
    objectCount: 3003,
    sizeBytes: (3 << 20) + (72 << 10),
    problems: [],
  };
}
