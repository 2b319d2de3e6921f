import type { Address } from '../../base/address.ts';
import { foreignOffset, type ObjectSource, readCString, readPointer, readStruct } from './foreign-struct.ts';

/** `tp_members` lies two pointers before `tp_base`; `PyMemberDef`: cpython/Include/descrobject.h, the same in 2.7 to 3.15. */
const MEMBERS_BEFORE_BASE = 16;
const MEMBER = { name: 0, kind: 8, offset: 16, sizeBytes: 40 };
/** `T_OBJECT` and `T_OBJECT_EX`: the member is a reference. */
const REFERENCES = [6, 16];
/** No type has more, and none derives from so many. */
const MOST_MEMBERS = 256;
const MOST_BASES = 64;
const LONGEST_C_NAME = 256;

/**
 * Finds the attribute that C code makes of a place in the struct of its objects, as `__closure__` of a function; `undefined`
 * when none of them is the object.
 */
export function findMemberName(
  source: ObjectSource,
  holder: Address,
  type: Address,
  object: Address,
): string | undefined {
  let next: Address | undefined = type;
  for (let count = 0; next !== undefined && count < MOST_BASES; count += 1) {
    const base = foreignOffset(next, source.layout.type.base, 'tp_base');
    const place = foreignOffset(base, -MEMBERS_BEFORE_BASE, 'tp_members');
    const members = readPointer(source.memory, place, 'tp_members');
    const name = members === undefined ? undefined : nameAmong(source, members, holder, object);
    if (name !== undefined) return name;
    next = readPointer(source.memory, base, 'tp_base');
  }
  return undefined;
}

function nameAmong(
  { memory }: ObjectSource,
  members: Address,
  holder: Address,
  object: Address,
): string | undefined {
  for (let at = 0; at < MOST_MEMBERS; at += 1) {
    const place = foreignOffset(members, at * MEMBER.sizeBytes, 'tp_members');
    const member = readStruct(memory, place, MEMBER.sizeBytes, 'PyMemberDef');
    const name = member.pointer(MEMBER.name);
    if (name === undefined) return undefined;
    if (!REFERENCES.includes(member.u32(MEMBER.kind))) continue;
    const held = foreignOffset(holder, member.ssize(MEMBER.offset), 'member');
    if (readPointer(memory, held, 'member') === object) return readCString(memory, name, LONGEST_C_NAME);
  }
  return undefined;
}
