import { expect, test } from 'vitest';
import { addressFromHalves, hex, isAddress, offsetBy, toAddress } from './address.ts';

test.each([0, 1, 0x7fff_ffff_ffff, 2 ** 53 - 1])('isAddress() takes %d', (value) => {
  expect(isAddress(value)).toBe(true);
  expect(toAddress(value)).toBe(value);
});

test.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])('isAddress() refuses %d', (value) => {
  expect(isAddress(value)).toBe(false);
  expect(() => toAddress(value)).toThrow(
    new RangeError(`Cannot use ${value} as an address: not a whole number below 2^53`),
  );
});

test.each([
  [0, 0, 0],
  [0xdead_beef, 0x7f00, 0x7f00_dead_beef],
  [0xffff_ffff, 0x1f_ffff, 2 ** 53 - 1],
  [0, 0x20_0000, undefined],
  // [vsyscall], which every x86-64 process maps.
  [0xff60_0000, 0xffff_ffff, undefined],
])('addressFromHalves(%d, %d) is %s', (low, high, address) => {
  expect(addressFromHalves(low, high)).toBe(address);
});

test('offsetBy() moves both ways', () => {
  expect(offsetBy(toAddress(0x1000), 0x10)).toBe(0x1010);
  expect(offsetBy(toAddress(0x1000), -0x10)).toBe(0xff0);
});

test.each([
  [0x10, -0x20, 0],
  [2 ** 53 - 1, 8, 2 ** 53 - 1],
  [2 ** 53 - 1, 2 ** 70, 2 ** 53 - 1],
])('offsetBy() stays in the address space when %d is moved by %d', (address, bytes, expected) => {
  expect(offsetBy(toAddress(address), bytes)).toBe(expected);
});

test('offsetBy() refuses to move by what is no number', () => {
  expect(() => offsetBy(toAddress(0x10), Number.NaN)).toThrow(RangeError);
});

test.each([
  [0, '0x0'],
  [0x7f00_dead_beef, '0x7f00deadbeef'],
  [0xffff_ffff_ff60_0000n, '0xffffffffff600000'],
  [-0x20_0000, '-0x200000'],
])('hex(%d) is %s', (value, text) => {
  expect(hex(value)).toBe(text);
});
