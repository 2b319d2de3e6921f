import { MalformedInputError } from '../base/errors.ts';
import { decodeCythonName } from './cython-names.ts';
import type { Demangler } from './demangler.ts';
import type { FunctionSymbol, FunctionSymbols } from './function-symbols.ts';
import type { LineInfo, SourceFrame, SymbolFrame } from './symbol-frame.ts';

/** What the names of one module come from. */
export interface ModuleSources {
  readonly functions: FunctionSymbols;
  readonly demangler: Demangler;
  /** Left out where there is no debugging information. */
  readonly lines?: LineInfo;
}

/** Says what stands at the addresses of one module, all of them the file's own. */
export class ModuleSymbolizer {
  readonly #sources: ModuleSources;
  #problem: MalformedInputError | undefined;

  constructor(sources: ModuleSources) {
    this.#sources = sources;
  }

  /** What could not be read so far. */
  get problems(): readonly MalformedInputError[] {
    const { problems } = this.#sources.functions;
    return this.#problem === undefined ? problems : [...problems, this.#problem];
  }

  /**
   * Finds the calls that stand at each of some addresses, the innermost inlined one first; empty when nothing is known of
   * it. The function that is not inlined has the name of its symbol, which tells copies and versions apart.
   */
  framesAt(addresses: readonly number[]): ReadonlyMap<number, readonly SymbolFrame[]> {
    const functions = this.#sources.functions.find(addresses);
    return new Map(addresses.map((address) => [address, this.#framesAt(address, functions.get(address))]));
  }

  #framesAt(address: number, symbol: FunctionSymbol | undefined): readonly SymbolFrame[] {
    const own = symbol === undefined ? undefined : this.#symbolPart(symbol, address);
    const located = this.#resolveLines(address);
    if (located.length > 0) return located.flatMap((frame) => this.#frameOf(frame, own) ?? []);
    return own === undefined ? [] : [{ ...own, file: undefined, line: undefined, isInlined: false }];
  }

  #frameOf(
    { name, linkageName, file, line, isInlined }: SourceFrame,
    own: SymbolPart | undefined,
  ): SymbolFrame | undefined {
    const place = { file, line, isInlined };
    if (!isInlined && own !== undefined) return { ...own, ...place };
    const mangled = linkageName ?? name;
    if (mangled === undefined) return undefined;
    const readable = this.#readable(mangled);
    return { name: readable, ...rawPart(readable, mangled), offset: undefined, ...place };
  }

  #symbolPart({ name, start }: FunctionSymbol, address: number): SymbolPart {
    const readable = this.#readable(name);
    return { name: readable, ...rawPart(readable, name), offset: address - start };
  }

  #readable(rawName: string): string {
    return decodeCythonName(rawName) ?? this.#sources.demangler.demangle(rawName);
  }

  #resolveLines(address: number): readonly SourceFrame[] {
    try {
      return this.#sources.lines?.resolve(address) ?? [];
    } catch (error) {
      if (!(error instanceof MalformedInputError)) throw error;
      this.#problem ??= error;
      return [];
    }
  }
}

/** What a symbol says of the function that it names. */
type SymbolPart = Pick<SymbolFrame, 'name' | 'rawName' | 'offset'>;

function rawPart(name: string, rawName: string): Pick<SymbolFrame, 'rawName'> {
  return name === rawName ? {} : { rawName };
}
