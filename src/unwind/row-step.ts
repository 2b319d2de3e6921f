import { type Address, hex, isAddress } from '../base/address.ts';
import { MalformedInputError } from '../base/errors.ts';
import type { CallFrameRow, CfaRule, RegisterRule } from '../dwarf/call-frame/row.ts';
import { type ExpressionContext, evaluateExpression } from '../dwarf/expression.ts';
import { addressOf, type RegisterSlot } from './registers.ts';
import type { StackEnd } from './unwound-stack.ts';
import type { Caller, Walk, WalkFrame } from './walk.ts';

/** A row and the load bias of the file that has it. */
export interface PlacedRow {
  readonly row: CallFrameRow;
  readonly bias: number;
}

/**
 * Steps to the caller by the rules of the file.
 * @throws {MalformedInputError | UnreadableMemoryError} when the rules ask for what is not there
 */
export function stepByRow(walk: Walk, frame: WalkFrame, { row, bias }: PlacedRow): Caller | StackEnd {
  const { architecture, words } = walk;
  const { registers, returnAddressRegister } = row;
  if (registers.get(returnAddressRegister)?.kind === 'undefined') return { kind: 'outermost' };
  const context: RowContext = {
    memory: words.memory,
    register: (number) => frame.registers.value(number),
    bias,
    fail: (state) => new MalformedInputError(`call frame of ${hex(frame.pc)}`, 0, state),
  };
  const cfa = cfaOf(row.cfa, context);
  const slots = frame.registers.calleeSaved(architecture);
  slots[architecture.stackPointer] = BigInt(cfa);
  for (const [register, rule] of registers) slots[register] = slotOf(rule, register, { frame, cfa, context });
  const returnAddress = returnAddressOf(walk, frame, row, { slots, fail: context.fail });
  return {
    kind: 'caller',
    method: 'call-frame-information',
    cfa,
    slots,
    returnAddress,
    isInterrupted: row.isSignalFrame,
  };
}

type Blame = (state: string) => MalformedInputError;

interface RowContext extends ExpressionContext {
  readonly fail: Blame;
}

function cfaOf(rule: CfaRule, context: RowContext): Address {
  const value = cfaValueOf(rule, context);
  const cfa = addressOf(value);
  if (cfa === undefined) throw context.fail(`the CFA ${hex(value)} is outside user space`);
  return cfa;
}

function cfaValueOf(rule: CfaRule, context: RowContext): bigint {
  if (rule.kind === 'expression') return evaluateExpression(rule.expression, context);
  const value = context.register(rule.register);
  if (value === undefined)
    throw context.fail(`register ${rule.register}, from which the CFA is computed, is not known`);
  return BigInt.asUintN(64, value + BigInt(rule.offset));
}

interface RuleContext {
  readonly frame: WalkFrame;
  readonly cfa: Address;
  readonly context: ExpressionContext;
}

function slotOf(rule: RegisterRule, register: number, { frame, cfa, context }: RuleContext): RegisterSlot {
  switch (rule.kind) {
    case 'undefined':
      return undefined;
    case 'same-value':
      return frame.registers.slot(register);
    case 'offset':
      return savedAt(cfa + rule.offset);
    case 'value-offset':
      return BigInt.asUintN(64, BigInt(cfa + rule.offset));
    case 'register':
      return frame.registers.slot(rule.register);
    case 'expression':
      return addressOf(evaluateExpression(rule.expression, { ...context, cfa }, [BigInt(cfa)]));
    case 'value-expression':
      return evaluateExpression(rule.expression, { ...context, cfa }, [BigInt(cfa)]);
  }
}

function savedAt(address: number): RegisterSlot {
  return isAddress(address) ? address : undefined;
}

/** Without a rule it is still in the link register, unless that was needed for a call since. */
function returnAddressOf(
  { architecture, words }: Walk,
  frame: WalkFrame,
  { registers, returnAddressRegister }: CallFrameRow,
  { slots, fail }: { readonly slots: RegisterSlot[]; readonly fail: Blame },
): bigint {
  if (!registers.has(returnAddressRegister)) {
    if (returnAddressRegister !== architecture.linkRegister || !frame.isActivation)
      throw fail(`no rule says where the return address, register ${returnAddressRegister}, is`);
    slots[returnAddressRegister] = frame.registers.slot(returnAddressRegister);
  }
  const slot = slots[returnAddressRegister];
  if (slot === undefined) throw fail('the return address is not known');
  return typeof slot === 'number' ? words.u64(slot) : slot;
}
