import { type Id, type IdKind, parseId } from './ids.ts';

/** Things of one kind by the names that a caller may give them: the caller's own ref, or our id. */
export class Named<K extends IdKind, T extends { id: Id<K>; ref: string }> {
  readonly #kind: K;
  readonly #byRef: ReadonlyMap<string, T>;
  readonly #byId: ReadonlyMap<string, T>;

  constructor(kind: K, things: readonly T[]) {
    this.#kind = kind;
    this.#byRef = new Map(things.map((thing) => [thing.ref, thing]));
    this.#byId = new Map(things.map((thing) => [thing.id, thing]));
  }

  /** A ref comes first, even one that looks like an id. */
  find(name: string): T | undefined {
    return this.#byRef.get(name) ?? this.#byId.get(parseId(this.#kind, name) ?? '');
  }
}
