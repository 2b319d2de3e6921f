import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDemanglerCode } from '../../test/support/demangler-code.ts';
import { cases } from '../../test/support/fuzzing.ts';
import { Demangler } from './demangler.ts';

const demangler = new Demangler(readDemanglerCode);

// The expected names are those of c++filt 2.40, and of rustc 1.95 without its hashes.
test.each([
  ['_ZN3foo3barEv', 'foo::bar()'],
  ['_ZNSt6vectorIiSaIiEE9push_backEOi', 'std::vector<int, std::allocator<int> >::push_back(int&&)'],
  ['_ZN3foo3barEv.isra.0', 'foo::bar() [clone .isra.0]'],
  ['_ZN3foo3barEv.part.0.cold', 'foo::bar() [clone .part.0] [clone .cold]'],
  ['_ZN3foo3barEv.lto_priv.0', 'foo::bar() [clone .lto_priv.0]'],
  ['_Z3fooi.123', 'foo(int) [clone .123]'],
  ['_ZTv0_n24_N3foo3barEv', 'virtual thunk to foo::bar()'],
  ['_ZThn8_N3foo3barEv', 'non-virtual thunk to foo::bar()'],
  ['_ZTch0_h16_N3foo3barEv', 'covariant return thunk to foo::bar()'],
  ['_RNvCs15kBYyAo9fc_7mycrate4main', 'mycrate::main'],
  ['_RNvCs15kBYyAo9fc_7mycrate4main.llvm.8412F0', 'mycrate::main'],
  ['_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE', 'core::fmt::Formatter::write_str'],
  ['_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE.llvm.8412', 'core::fmt::Formatter::write_str'],
  [
    '_ZN4core3ptr85drop_in_place$LT$std..rt..lang_start$LT$$LP$$RP$$GT$..$u7b$$u7b$closure$u7d$$u7d$$GT$17h0123456789abcdefE',
    'core::ptr::drop_in_place<std::rt::lang_start<()>::{{closure}}>',
  ],
])('demangle() gives the name of %s', (symbol, name) => {
  expect(demangler.demangle(symbol)).toBe(name);
});

test('demangle() leaves the version and @plt where they are', () => {
  expect(demangler.demangle('_ZNSolsEi@@GLIBCXX_3.4')).toBe('std::ostream::operator<<(int)@@GLIBCXX_3.4');
  expect(demangler.demangle('_ZN3foo3barEv.cold@plt')).toBe('foo::bar() [clone .cold]@plt');
});

test.each([
  'main',
  '_start',
  'foo.constprop.0',
  'clock_nanosleep@GLIBC_2.2.5',
  '_Z',
  '_R',
  '_Zbogus',
  '_Zé',
  '_ZN3foo',
  '_D3fooFZv',
  '?foo@@YAXXZ',
  '',
  `_Z${'N'.repeat(20_000)}`,
])('demangle() leaves a name as it is that is not mangled: %.20s', (symbol) => {
  expect(demangler.demangle(symbol)).toBe(symbol);
});

test('Demangler loads its code at the first mangled name, and once', () => {
  let loads = 0;
  const lazy = new Demangler(() => {
    loads += 1;
    return readDemanglerCode();
  });
  lazy.demangle('main');
  expect(loads).toBe(0);
  lazy.demangle('_Z1fv');
  lazy.demangle('_Z1gv');
  lazy.demangle('_Z1fv');
  expect(loads).toBe(1);
});

test('Demangler refuses code that is another module', () => {
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const other = new Demangler(() => Uint8Array.from(header));
  expect(() => other.demangle('_Z1fv')).toThrow('Cannot use the demangler: its module is another one');
});

/** A name whose parameters each hold the one before twice: it doubles with every 10 letters. */
function doublingName(times: number): string {
  const substitution = (index: number): string => `S${(index - 1).toString(36).toUpperCase()}_`;
  const parameters = Array.from({ length: times }, (_, index) => {
    const before = substitution(index + 1);
    return `S_I${before}${before}E`;
  });
  return `_Z1fSt4pairIiiE${parameters.join('')}`;
}

test('demangle() leaves names as they are that stand for too much, and still does others', () => {
  const fresh = new Demangler(readDemanglerCode);
  const short = doublingName(3);
  expect(fresh.demangle(short)).not.toBe(short);
  // Without a bound the second takes a second, the third seven, and the last one for ever.
  for (const times of [10, 20, 40, 200]) {
    const name = doublingName(times);
    expect(fresh.demangle(name)).toBe(name);
  }
  expect(fresh.demangle('_ZN3foo3barEv')).toBe('foo::bar()');
});

test('Demangler gives up on all names when many stand for too much', () => {
  const fresh = new Demangler(readDemanglerCode);
  for (let times = 30; times < 40; times += 1) fresh.demangle(doublingName(times));
  expect(fresh.demangle('_ZN3foo3barEv')).toBe('_ZN3foo3barEv');
});

test('demangle() answers for any change of a mangled name', () => {
  const names = [
    '_ZNSt6vectorIiSaIiEE9push_backEOi',
    '_ZN6thread5spawnIZ4mainE3$_0JiDpT0_EEEvOT_DpOS2_',
    '_RINvMsi_NtCsgvbsrvnw3yD_9hashbrown3rawINtB6_12RawIterRangehE9next_implKb0_ECs6GmmlP4bgsG_1r',
    '_ZN4core3fmt9Formatter9write_str17h0123456789abcdefE.llvm.8412',
  ];
  const change = fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...'NISTZE_0123456789@.$é'), fc.string()));
  const fresh = new Demangler(readDemanglerCode);
  fc.assert(
    fc.property(fc.constantFrom(...names), fc.array(change, { maxLength: 4 }), (name, changes) => {
      let changed = name;
      for (const [at, text] of changes) {
        const from = 2 + (at % (changed.length - 2));
        changed = changed.slice(0, from) + text + changed.slice(from + 1);
      }
      expect(fresh.demangle(changed).length).toBeGreaterThan(0);
    }),
    cases(200),
  );
});
