import { hex } from '../../base/address.ts';
import { ByteCursor } from '../../base/byte-cursor.ts';
import { readEncodedPointer } from './encoded-pointer.ts';
import { basesAt, type CommonEntry, type FrameEntry } from './entries.ts';
import type { FrameSection } from './frame-section.ts';
import type { CallFrameRow, CfaRule, RegisterRule } from './row.ts';

/** A large function takes thousands of instructions. */
const MAX_STEPS = 65_536;

/** Compilers nest one deep. */
const MAX_REMEMBERED = 64;

/** Higher numbers are none of registers that we know; aarch64 counts to 127, x86-64 to 129. */
const MAX_REGISTER = 255;

interface RuleSet {
  cfa: CfaRule | undefined;
  registers: Map<number, RegisterRule>;
  isReturnAddressSigned: boolean;
}

/**
 * Runs the call frame instructions of a function up to an address of the file's own (DWARF 5, 6.4.2 and 6.4.3);
 * `undefined` when they do not say what the CFA is there.
 * @throws {MalformedInputError} for instructions that are unknown or make no sense
 */
export function rowOf(entry: FrameEntry, address: number, section: FrameSection): CallFrameRow | undefined {
  const { common } = entry;
  const initial = new FrameProgram(common, section, {
    cfa: undefined,
    registers: new Map(),
    isReturnAddressSigned: false,
  });
  // The instructions of the CIE belong to no place, so that those which move on are out of place there.
  initial.run(common.instructions, { start: 0, until: 0, address: section.address });
  const program = new FrameProgram(common, section, initial.rules);
  program.run(entry.instructions, {
    start: entry.start,
    until: address,
    address: entry.instructionsAddress,
  });
  const { cfa, registers, isReturnAddressSigned } = program.rules;
  if (cfa === undefined) return undefined;
  const { returnAddressRegister, isSignalFrame } = common;
  const functionStart = entry.start;
  return { cfa, registers, returnAddressRegister, isSignalFrame, isReturnAddressSigned, functionStart };
}

interface Span {
  readonly start: number;
  /** Instructions for addresses above it are not run. */
  readonly until: number;
  /** Address of the first byte of the instructions. */
  readonly address: number;
}

/** The state of running one list of call frame instructions. */
class FrameProgram {
  readonly common: CommonEntry;
  readonly rules: RuleSet;
  readonly section: FrameSection;
  readonly #initial: RuleSet;
  readonly #remembered: RuleSet[] = [];
  #cursor = new ByteCursor(new Uint8Array(), 'call frame instructions');
  #instructionsAddress = 0;
  #location = 0;

  constructor(common: CommonEntry, section: FrameSection, initial: RuleSet) {
    this.common = common;
    this.section = section;
    this.#initial = initial;
    this.rules = copyOf(initial);
  }

  get cursor(): ByteCursor {
    return this.#cursor;
  }

  run(instructions: Uint8Array, { start, until, address }: Span): void {
    this.#cursor = new ByteCursor(instructions, `call frame instructions of ${this.section.name}`);
    this.#instructionsAddress = address;
    this.#location = start;
    for (let steps = 0; !this.#cursor.atEnd; steps += 1) {
      if (steps >= MAX_STEPS) throw this.#cursor.fail(`more than ${MAX_STEPS} instructions`);
      this.#step();
      if (this.#location > until) return;
    }
  }

  #step(): void {
    const code = this.#cursor.u8();
    const operand = code & 0x3f;
    if (code >= 0xc0)
      this.restore(operand); // DW_CFA_restore
    else if (code >= 0x80)
      this.setOffset(operand, this.#cursor.uleb128()); // DW_CFA_offset
    else if (code >= 0x40)
      this.advance(operand); // DW_CFA_advance_loc
    else {
      const instruction = INSTRUCTIONS[code];
      if (instruction === undefined)
        throw this.#cursor.fail(`call frame instruction ${hex(code)} is unknown`);
      instruction(this);
    }
  }

  /** Moves on by a factored distance. */
  advance(distance: number): void {
    this.#location += distance * this.common.codeAlignment;
  }

  setLocation(): void {
    const bases = basesAt(this.section, this.#instructionsAddress);
    this.#location = readEncodedPointer(this.#cursor, this.common.pointerEncoding, bases);
  }

  /** Reads the number of a register. */
  register(): number {
    const number = this.#cursor.uleb128();
    if (number > MAX_REGISTER) throw this.#cursor.fail(`register ${number} is above ${MAX_REGISTER}`);
    return number;
  }

  /** Reads an offset in bytes, given as it is. */
  offset(): number {
    return this.#cursor.uleb128();
  }

  /** Reads an offset in units of the data alignment. */
  factoredOffset(isSigned: boolean): number {
    return this.factored(isSigned ? this.#cursor.sleb128() : this.#cursor.uleb128());
  }

  factored(offset: number): number {
    const bytes = offset * this.common.dataAlignment;
    if (!Number.isSafeInteger(bytes)) throw this.#cursor.fail('offset is beyond ±2^53');
    return bytes;
  }

  expression(): Uint8Array {
    return this.#cursor.bytes(this.#cursor.uleb128());
  }

  setOffset(register: number, factored: number): void {
    this.set(register, { kind: 'offset', offset: this.factored(factored) });
  }

  set(register: number, rule: RegisterRule): void {
    this.rules.registers.set(register, rule);
  }

  /** Back to the rule that the CIE has for a register. */
  restore(register: number): void {
    const rule = this.#initial.registers.get(register);
    if (rule === undefined) this.rules.registers.delete(register);
    else this.rules.registers.set(register, rule);
  }

  setCfa(change: { readonly register?: number; readonly offset?: number }): void {
    const { cfa } = this.rules;
    const before = cfa?.kind === 'register' ? cfa : undefined;
    const register = change.register ?? before?.register;
    const offset = change.offset ?? before?.offset;
    if (register === undefined || offset === undefined)
      throw this.#cursor.fail('a part of the CFA rule changes, and there is no such rule');
    this.rules.cfa = { kind: 'register', register, offset };
  }

  remember(): void {
    if (this.#remembered.length >= MAX_REMEMBERED)
      throw this.#cursor.fail(`more than ${MAX_REMEMBERED} states are remembered`);
    this.#remembered.push(copyOf(this.rules));
  }

  /** gcc and binutils mean the CFA rule too, and so does DWARF since version 3. */
  restoreState(): void {
    const state = this.#remembered.pop();
    if (state === undefined) throw this.#cursor.fail('no state is remembered');
    Object.assign(this.rules, state);
  }
}

function copyOf({ cfa, registers, isReturnAddressSigned }: RuleSet): RuleSet {
  return { cfa, registers: new Map(registers), isReturnAddressSigned };
}

type Instruction = (program: FrameProgram) => void;

const toggleSigned: Instruction = ({ rules }) => {
  rules.isReturnAddressSigned = !rules.isReturnAddressSigned;
};

// DWARF 5, 7.24, and what GNU and AArch64 add; the three that hold their operand in the opcode are in #step().
const INSTRUCTIONS: Readonly<Record<number, Instruction>> = {
  0: () => undefined, // nop
  1: (program) => program.setLocation(), // set_loc
  2: (program) => program.advance(program.cursor.u8()), // advance_loc1
  3: (program) => program.advance(program.cursor.u16()), // advance_loc2
  4: (program) => program.advance(program.cursor.u32()), // advance_loc4
  5: (program) => program.set(program.register(), { kind: 'offset', offset: program.factoredOffset(false) }), // offset_extended
  6: (program) => program.restore(program.register()), // restore_extended
  7: (program) => program.set(program.register(), { kind: 'undefined' }), // undefined
  8: (program) => program.set(program.register(), { kind: 'same-value' }), // same_value
  9: (program) => program.set(program.register(), { kind: 'register', register: program.register() }), // register
  10: (program) => program.remember(), // remember_state
  11: (program) => program.restoreState(), // restore_state
  12: (program) => program.setCfa({ register: program.register(), offset: program.offset() }), // def_cfa
  13: (program) => program.setCfa({ register: program.register() }), // def_cfa_register
  14: (program) => program.setCfa({ offset: program.offset() }), // def_cfa_offset
  15: (program) => {
    program.rules.cfa = { kind: 'expression', expression: program.expression() };
  }, // def_cfa_expression
  16: (program) => program.set(program.register(), { kind: 'expression', expression: program.expression() }), // expression
  17: (program) => program.set(program.register(), { kind: 'offset', offset: program.factoredOffset(true) }), // offset_extended_sf
  18: (program) => program.setCfa({ register: program.register(), offset: program.factoredOffset(true) }), // def_cfa_sf
  19: (program) => program.setCfa({ offset: program.factoredOffset(true) }), // def_cfa_offset_sf
  20: (program) =>
    program.set(program.register(), { kind: 'value-offset', offset: program.factoredOffset(false) }), // val_offset
  21: (program) =>
    program.set(program.register(), { kind: 'value-offset', offset: program.factoredOffset(true) }), // val_offset_sf
  22: (program) =>
    program.set(program.register(), { kind: 'value-expression', expression: program.expression() }), // val_expression
  44: toggleSigned, // AARCH64_negate_ra_state_with_pc
  45: toggleSigned, // AARCH64_negate_ra_state; SPARC's GNU_window_save has the same number
  46: (program) => void program.offset(), // GNU_args_size
  47: (program) =>
    program.set(program.register(), { kind: 'offset', offset: -program.factoredOffset(false) }), // GNU_negative_offset_extended
};
