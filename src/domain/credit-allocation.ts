/** Amounts are counted in the currency's smallest unit. `amount` is what was asked, before payments and credits. */
export type CreditableDueDate<Id> = {
  readonly id: Id;
  readonly dueOn: string;
  readonly amount: bigint;
  readonly paid: bigint;
  readonly isVoid: boolean;
};

export type NoteToSpread<Id> = {
  /** What it took off due dates already, and is to stay where it still fits. */
  readonly kept: ReadonlyMap<Id, bigint>;
  /** The invoices that it lowers, in its order, and what it is worth on each of them. */
  readonly invoices: readonly { readonly worth: bigint; readonly dueDates: readonly CreditableDueDate<Id>[] }[];
};

/** What a credit note takes off each due date, and what is left of it: more than its invoices ask for. */
export type SpreadNote<Id> = { readonly shares: ReadonlyMap<Id, bigint>; readonly left: bigint };

/**
 * Spreads credit notes, in their order, over the due dates of the invoices that they name: what was taken off stays
 * where it stood as far as it is not paid since; the rest goes to what is open, the earliest first; what is left even
 * then to what is paid, of which so much was too much: should that payment be taken back, only the rest is owed again.
 * @param others what other notes take off the same due dates.
 * @returns in the order of the notes.
 */
export function spreadCredits<Id>(
  notes: readonly NoteToSpread<Id>[],
  others: ReadonlyMap<Id, bigint>,
): SpreadNote<Id>[] {
  const credited = new Map(others);
  const spreads = notes.map((note) => new Spread(note, credited));
  for (const spread of spreads) spread.keep();
  for (const spread of spreads) spread.fill();
  for (const spread of spreads) spread.fillPaid();
  return spreads.map((spread) => spread.result());
}

class Spread<Id> {
  readonly #note: NoteToSpread<Id>;
  /** Of all notes together. */
  readonly #credited: Map<Id, bigint>;
  readonly #shares = new Map<Id, bigint>();
  #used = 0n;

  constructor(note: NoteToSpread<Id>, credited: Map<Id, bigint>) {
    this.#note = note;
    this.#credited = credited;
  }

  keep(): void {
    for (const { worth, dueDate } of this.#each()) {
      this.#take(dueDate.id, worth, least(this.#keptOn(dueDate), this.#openOf(dueDate)));
    }
  }

  fill(): void {
    for (const { worth, dueDate } of this.#each()) this.#take(dueDate.id, worth, this.#openOf(dueDate));
  }

  fillPaid(): void {
    for (const { worth, dueDate } of this.#each()) {
      this.#take(dueDate.id, worth, least(this.#keptOn(dueDate) - this.#sharedOn(dueDate), this.#askedOf(dueDate)));
    }
    for (const { worth, dueDate } of this.#each()) this.#take(dueDate.id, worth, this.#askedOf(dueDate));
  }

  result(): SpreadNote<Id> {
    const worth = this.#note.invoices.at(-1)?.worth ?? 0n;
    return { shares: this.#shares, left: worth > this.#used ? worth - this.#used : 0n };
  }

  /** The earliest of each invoice first. */
  #each(): { worth: bigint; dueDate: CreditableDueDate<Id> }[] {
    return this.#note.invoices.flatMap(({ worth, dueDates }) =>
      dueDates.toSorted((a, b) => a.dueOn.localeCompare(b.dueOn)).map((dueDate) => ({ worth, dueDate })),
    );
  }

  #keptOn({ id }: CreditableDueDate<Id>): bigint {
    return this.#note.kept.get(id) ?? 0n;
  }

  #sharedOn({ id }: CreditableDueDate<Id>): bigint {
    return this.#shares.get(id) ?? 0n;
  }

  #openOf(dueDate: CreditableDueDate<Id>): bigint {
    return this.#askedOf(dueDate) - dueDate.paid;
  }

  /** What credits leave of it, paid or not. */
  #askedOf({ id, amount, isVoid }: CreditableDueDate<Id>): bigint {
    return isVoid ? 0n : amount - this.#creditedOn(id);
  }

  #take(id: Id, worth: bigint, wanted: bigint): void {
    const taken = least(wanted, worth - this.#used);
    if (taken <= 0n) return;
    this.#used += taken;
    this.#shares.set(id, (this.#shares.get(id) ?? 0n) + taken);
    this.#credited.set(id, this.#creditedOn(id) + taken);
  }

  #creditedOn(id: Id): bigint {
    return this.#credited.get(id) ?? 0n;
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
