/** A name that a module, a class or an object has. */
export interface NameEntry {
  readonly name: string;
  readonly isClass: boolean;
}
