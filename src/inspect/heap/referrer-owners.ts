import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { isClass } from '../../cpython/objects/subtypes.ts';
import { hasFlag, TYPE_FLAGS } from '../../cpython/objects/type-flags.ts';
import type { HolderOwner } from '../../model/instance-report.ts';
import type { ObjectsOf, Target } from '../../target/target.ts';
import { moduleGlobals } from '../module-globals.ts';
import { classNameOf } from '../named-objects.ts';

/** A place that holds some object. */
export interface Hit {
  readonly holder: Address;
  readonly type: Address;
}

/** The places that hold one object, of which the first are listed. */
export interface Hits {
  readonly listed: Hit[];
  count: number;
}

/** Finds what holds objects, by walking the heap once. */
type FindHits = (wanted: ReadonlySet<number>) => ReadonlyMap<number, Hits>;

/** Names what the holders of objects belong to in turn: a dict, a list or a cell says little by itself. */
export class HolderOwners {
  readonly #target: Target;
  readonly #globals: ReadonlyMap<number, string>;
  /** What holds the holders, and the dicts of attributes among those. */
  readonly #hits: ReadonlyMap<number, Hits>;

  private constructor(target: Target, globals: ReadonlyMap<number, string>, hits: ReadonlyMap<number, Hits>) {
    this.#target = target;
    this.#globals = globals;
    this.#hits = hits;
  }

  /** Looks for what holds these holders, and where that is a dict, for whose attributes are in it. */
  static find(target: Target, holders: readonly Hit[], findHits: FindHits): HolderOwners {
    const globals = moduleGlobals(target);
    const inner = holders.filter(({ holder, type }) => !globals.has(holder) && needsOwner(target, type));
    const around = hitsOf(inner, findHits);
    const dicts = [...around.values()].flatMap(({ listed }) =>
      listed.filter(
        ({ holder, type }) => !globals.has(holder) && !around.has(holder) && isPlainDict(target, type),
      ),
    );
    return new HolderOwners(target, globals, new Map([...around, ...hitsOf(dicts, findHits)]));
  }

  /** What a holder belongs to; `undefined` when it stands for itself, or nothing was found. */
  of(hit: Hit): HolderOwner | undefined {
    const module = this.#globals.get(hit.holder);
    if (module !== undefined) return { kind: 'module', name: module };
    const owners = this.#ownersOf(hit);
    const { name } = this.#target.objects.typeFacts(hit.type);
    if (name === 'cell') {
      const closure = owners.find(({ type }) => this.#target.objects.typeFacts(type).name === 'tuple');
      return closure && { kind: 'closure', address: closure.holder };
    }
    return this.#whoseAttributes(hit) ?? this.#nameOf(hit, owners);
  }

  #ownersOf({ holder }: Hit): readonly Hit[] {
    return this.#hits.get(holder)?.listed ?? [];
  }

  /** The class or the instance whose `__dict__` it is. */
  #whoseAttributes(hit: Hit): ClassOrInstance | undefined {
    if (!isPlainDict(this.#target, hit.type)) return undefined;
    for (const { holder, type } of this.#ownersOf(hit)) {
      if (isClass(this.#target.objects, holder))
        return { kind: 'class', name: classNameOf(this.#target, holder) };
      const { fullName } = this.#target.objects.typeFacts(type);
      if (hasAttributesIn(this.#target, holder, hit.holder))
        return { kind: 'instance', typeName: fullName, address: holder };
    }
    return undefined;
  }

  /** The name that a container is bound to, that of a module or a class before that of an instance. */
  #nameOf({ holder }: Hit, owners: readonly Hit[]): HolderOwner | undefined {
    const names = owners.flatMap((owner) => this.#boundIn(owner, holder) ?? []);
    return names.find(({ kind }) => kind === 'global') ?? names[0];
  }

  #boundIn(owner: Hit, container: Address): HolderOwner | undefined {
    const { objects } = this.#target;
    const module = this.#globals.get(owner.holder);
    const whose: ClassOrInstance | undefined =
      module === undefined ? this.#whoseAttributes(owner) : { kind: 'class', name: module };
    if (whose !== undefined) {
      const name = readIfSound(() => objects.nameInDict(owner.holder, container));
      if (name === undefined) return undefined;
      return whose.kind === 'class'
        ? { kind: 'global', name: `${whose.name}.${name}` }
        : { ...whose, kind: 'attribute', name };
    }
    if (isClass(objects, owner.holder)) return undefined;
    const name = readIfSound(() => objects.attributeName(owner.holder, container));
    const typeName = objects.typeFacts(owner.type).fullName;
    return name === undefined ? undefined : { kind: 'attribute', name, typeName, address: owner.holder };
  }
}

type ClassOrInstance = Extract<HolderOwner, { readonly kind: 'class' | 'instance' }>;

function hitsOf(holders: readonly Hit[], findHits: FindHits): ReadonlyMap<number, Hits> {
  return holders.length === 0 ? new Map() : findHits(new Set(holders.map(({ holder }) => holder)));
}

const CONTAINER_FLAGS = [TYPE_FLAGS.dictSubclass, TYPE_FLAGS.listSubclass, TYPE_FLAGS.tupleSubclass];
const CONTAINERS = ['set', 'frozenset', 'collections.deque', 'cell'];

/** A container or a cell says little by itself. */
function needsOwner({ objects }: Target, type: Address): boolean {
  const { flags, builtInTypes } = objects.typeFacts(type);
  return (
    CONTAINER_FLAGS.some((flag) => hasFlag(flags, flag)) ||
    builtInTypes.some((name) => CONTAINERS.includes(name))
  );
}

/** Whether a dict that something holds is that of its attributes: `__dict__` of a class or an instance. */
export function hasAttributesIn({ objects }: ObjectsOf, holder: Address, dict: Address): boolean {
  if (isClass(objects, holder)) return true;
  return readIfSound(() => objects.attributeDict(holder)) === dict;
}

/** The attributes of classes and instances are in dicts of no other class. */
export function isPlainDict({ objects }: ObjectsOf, type: Address): boolean {
  return objects.typeFacts(type).name === 'dict';
}
