import { MalformedInputError } from '../base/errors.ts';
import { decodeCythonName } from './cython-names.ts';
import type { Demangler } from './demangler.ts';
import type { FunctionSymbols } from './function-symbols.ts';
import type { LineInfo, SourceFrame, SymbolFrame } from './symbol-frame.ts';

/** What the names of one module come from. */
export interface ModuleSources {
  readonly functions: FunctionSymbols;
  readonly demangler: Demangler;
  /** Left out where there is no debugging information. */
  readonly lines?: LineInfo;
}

/** The symbol at an address. */
export interface ModuleSymbol {
  /** As the file has it, mangled. */
  readonly rawName: string;
  readonly name: string;
  /** Bytes from its beginning. */
  readonly offset: number;
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

  /** Finds the symbol that covers an address. */
  symbolAt(address: number): ModuleSymbol | undefined {
    const symbol = this.#sources.functions.find(address);
    if (symbol === undefined) return undefined;
    return { rawName: symbol.name, name: this.#readable(symbol.name), offset: address - symbol.start };
  }

  /**
   * Finds the calls that stand at an address, the innermost inlined one first; empty when nothing is known of it. The
   * function that is not inlined has the name of its symbol, which tells copies and versions apart.
   */
  framesAt(address: number): readonly SymbolFrame[] {
    const symbol = this.symbolAt(address);
    const located = this.#resolveLines(address);
    if (located.length === 0) {
      return symbol === undefined
        ? []
        : [{ ...symbolPart(symbol), file: undefined, line: undefined, isInlined: false }];
    }
    return located.flatMap((frame) => this.#frameOf(frame, symbol) ?? []);
  }

  #frameOf(
    { name, linkageName, file, line, isInlined }: SourceFrame,
    symbol: ModuleSymbol | undefined,
  ): SymbolFrame | undefined {
    const place = { file, line, isInlined };
    if (!isInlined && symbol !== undefined) return { ...symbolPart(symbol), ...place };
    const mangled = linkageName ?? name;
    if (mangled === undefined) return undefined;
    const readable = this.#readable(mangled);
    return { name: readable, ...rawPart(readable, mangled), offset: undefined, ...place };
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

function symbolPart({
  name,
  rawName,
  offset,
}: ModuleSymbol): Pick<SymbolFrame, 'name' | 'rawName' | 'offset'> {
  return { name, ...rawPart(name, rawName), offset };
}

function rawPart(name: string, rawName: string): Pick<SymbolFrame, 'rawName'> {
  return name === rawName ? {} : { rawName };
}
