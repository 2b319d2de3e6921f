import { describe, expect, test } from 'vitest';
import { makeFrame, makeNativeFrame } from '../../test/support/snapshots.ts';
import { toAddress } from '../base/address.ts';
import type { GreenletRole, NativeRole } from '../cpython/native-roles.ts';
import type { Frame } from '../model/frame.ts';
import type { Evaluation } from './evaluations.ts';
import { mergeStack, type NativeCall } from './merged-stack.ts';

const ROLES: Readonly<Record<string, NativeRole>> = { LOOP: 'evaluation', vectorcall: 'machinery' };

const GREENLET_ROLES: Readonly<Record<string, GreenletRole>> = { SWITCH: 'other', BEGIN: 'beginning' };

/** Calls of 0x10 bytes each from 0x1000 up, innermost first, as `own function < what is inlined < …`. */
function calls(...written: readonly string[]): readonly NativeCall[] {
  return written.map((text, index) => ({
    functions: text
      .split(' < ')
      .map((symbol, at) => ({
        frame: makeNativeFrame({ symbol, isInlined: at > 0 }),
        role: ROLES[symbol] ?? 'interest',
      }))
      .toReversed(),
    stackPointer: toAddress(0x1000 + index * 0x10),
    cfa: index + 1 < written.length ? toAddress(0x1010 + index * 0x10) : undefined,
    greenletRole: GREENLET_ROLES[text],
  }));
}

/** An evaluation of these frames, whose anchor lies in the call with that index. */
function evaluation(names: string, call?: number): Evaluation<Frame> {
  const frames = names.split(' ').flatMap((name) => (name === '' ? [] : [makeFrame({ name })]));
  return { anchor: call === undefined ? undefined : toAddress(0x1008 + call * 0x10), frames };
}

/** Merges, and names what came out: `py:` stands before Python frames. */
function merge(
  native: readonly NativeCall[],
  shares: readonly (readonly Evaluation<Frame>[])[],
  isCutOff = false,
): readonly string[] | undefined {
  const parts = mergeStack(
    { calls: native, isCutOff },
    shares.map((evaluations) => ({ evaluations })),
  );
  return parts?.map((part) =>
    part.map((each) => (each.kind === 'python' ? `py:${each.frame.name}` : `${each.frame.symbol}`)).join(' '),
  );
}

const ANCHORED = calls('read', 'vectorcall', 'LOOP', 'sort', 'vectorcall', 'LOOP', 'main');

describe.each([
  ['anchors', [evaluation('key helper', 2), evaluation('work <module>', 5)]],
  ['their number', [evaluation('key helper'), evaluation('work <module>')]],
])('mergeStack() that tells loops by %s', (_, evaluations) => {
  test('replaces each loop by its frames and leaves the machinery out', () => {
    expect(merge(ANCHORED, [evaluations])).toEqual(['read py:key py:helper sort py:work py:<module> main']);
  });

  test('leaves out inlined machinery, and shows what else is inlined', () => {
    const native = calls('read', 'LOOP < import_name < vectorcall', 'sort < vectorcall', 'LOOP', 'main');
    const moved = evaluations.map((each, at) =>
      each.anchor === undefined ? each : { ...each, anchor: toAddress(0x1018 + at * 0x20) },
    );
    expect(merge(native, [moved])).toEqual([
      'read import_name py:key py:helper sort py:work py:<module> main',
    ]);
  });

  test('gives each of the interpreters that are nested on the thread its part', () => {
    const [inner, outer] = evaluations.map((each) => [each]);
    expect(inner && outer && merge(ANCHORED, [inner, outer])).toEqual([
      'read py:key py:helper',
      'sort py:work py:<module> main',
    ]);
  });
});

describe('mergeStack() by anchors', () => {
  test('does not need to know a loop by its name', () => {
    const native = calls('read', 'unknown', 'main');
    expect(merge(native, [[evaluation('work', 1)]])).toEqual(['read py:work main']);
  });

  test('has the outer loops at the end of a stack that is cut off', () => {
    const evaluations = [evaluation('inner', 2), evaluation('outer', 50)];
    expect(merge(ANCHORED, [evaluations], true)).toEqual(['read py:inner sort main py:outer']);
    expect(merge(ANCHORED, [evaluations])).toBeUndefined();
  });

  test('follows a signal handler to the stack that it has interrupted', () => {
    const below = calls('sort', 'LOOP', 'main');
    const handler = calls('read', 'LOOP', 'handler').map((call, at) => ({
      ...call,
      stackPointer: toAddress(0x9000 + at * 0x10),
      cfa: toAddress(0x9010 + at * 0x10),
    }));
    const inner = { ...evaluation('in_handler'), anchor: toAddress(0x9018) };
    expect(merge([...handler, ...below], [[inner, evaluation('work', 1)]])).toEqual([
      'read py:in_handler handler sort py:work main',
    ]);
  });

  test('refuses an anchor that lies below the calls that are left', () => {
    expect(merge(ANCHORED, [[evaluation('outer', 5), evaluation('inner', 2)]])).toBeUndefined();
    expect(merge(ANCHORED, [[evaluation('outer', 5), evaluation('inner', 2)]], true)).toBeUndefined();
    expect(merge(ANCHORED, [[evaluation('inner', -1)]])).toBeUndefined();
  });

  test('passes over a loop that has not entered a frame yet', () => {
    expect(merge(ANCHORED, [[evaluation('', 2), evaluation('main', 5)]])).toEqual(['read sort py:main main']);
  });

  test('shows nothing of a loop that has begun and has no frame, not even its shim', () => {
    expect(merge(ANCHORED, [[evaluation('main', 5)]])).toEqual(['read sort py:main main']);
  });
});

describe('mergeStack() by number', () => {
  test('lets the innermost call be a loop that has no frame yet or none any more', () => {
    const native = calls('LOOP', 'sort', 'LOOP', 'main');
    expect(merge(native, [[evaluation('work')]])).toEqual(['sort py:work main']);
  });

  test.each([
    ['more loops', [evaluation('work')]],
    ['fewer loops', [evaluation('a'), evaluation('b'), evaluation('c')]],
    ['no frames at all', []],
  ])('refuses %s than frames', (_, evaluations) => {
    expect(merge(ANCHORED, [evaluations])).toBeUndefined();
  });

  test('is all of the native calls where there is no Python', () => {
    expect(merge(calls('poll', 'wait', 'main'), [[]])).toEqual(['poll wait main']);
  });

  test('counts a loop that was inlined into another function once', () => {
    expect(merge(calls('read', 'run < LOOP', 'main'), [[evaluation('work')]])).toEqual([
      'read run py:work main',
    ]);
  });

  test('knows nothing of evaluations of which one has no anchor', () => {
    expect(merge(ANCHORED, [[evaluation('inner', 2), evaluation('outer')]])).toEqual([
      'read py:inner sort py:outer main',
    ]);
  });
});

describe('mergeStack() of a greenlet, by number', () => {
  const one = [[evaluation('work')]];

  test.each<[string, readonly string[], string | undefined]>([
    [
      'gives the loops before its beginning its frames, and those below none',
      ['read', 'LOOP', 'BEGIN', 'SWITCH', 'LOOP', 'sort', 'LOOP', 'main'],
      'read py:work BEGIN SWITCH sort main',
    ],
    [
      'takes any call of greenlet for its beginning where no name tells',
      ['read', 'LOOP', 'SWITCH', 'SWITCH', 'LOOP', 'main'],
      'read py:work SWITCH SWITCH main',
    ],
    [
      'knows from the beginning that the innermost loop has not just begun',
      ['LOOP', 'sort', 'BEGIN', 'LOOP', 'main'],
      'py:work sort BEGIN main',
    ],
    [
      'knows it also of one that has just begun',
      ['LOOP', 'sort', 'LOOP', 'BEGIN', 'LOOP', 'main'],
      'sort py:work BEGIN main',
    ],
    ['does not guess which it is where no name tells', ['LOOP', 'sort', 'SWITCH', 'LOOP', 'main'], undefined],
    ['does not merge what has fewer loops than frames', ['read', 'BEGIN', 'LOOP', 'main'], undefined],
    ['does not merge what greenlet has no part in', ['read', 'LOOP', 'sort', 'LOOP', 'main'], undefined],
  ])('%s', (_, native, expected) => {
    expect(merge(calls(...native), one)).toEqual(expected === undefined ? undefined : [expected]);
  });

  test('merges the main one, which runs a callback of a switch', () => {
    const native = calls('read', 'LOOP', 'SWITCH', 'LOOP', 'main');
    expect(merge(native, [[evaluation('trace'), evaluation('work')]])).toEqual([
      'read py:trace SWITCH py:work main',
    ]);
  });
});
