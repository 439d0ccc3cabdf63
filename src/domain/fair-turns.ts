/** A tenant in the line of those with something to send. */
export type InLine = {
  tenant: string;
  /** How many it may send in one round: 1 or more. */
  weight: number;
  /** What is left of a turn that was cut when there were no more places; 0 when it was not. */
  deficit: number;
  /** Its deliveries that are due, as many as may be sent now. */
  waiting: readonly Waiting[];
};

export type Waiting = {
  id: string;
  /** 0 to 9, 9 first. */
  priority: number;
  dueAt: Temporal.Instant;
};

/**
 * Who sends next when there are so many places: deficit round robin. In each round every tenant of the line sends up to
 * its weight, then stands at the end. A turn that was cut by the end of the places goes on first the next time; who has
 * nothing left, or cannot go on when the next time has come, has had its turn.
 *
 * So nobody waits for longer than one turn of each other, no place stays empty while somebody waits, and over time
 * those who always wait share by their weights. The dispatcher's statement (`store/dispatch.ts`) is the same rule.
 *
 * @param line served longest ago first.
 * @returns `taken`: the deliveries in their order; `line`: the line after it.
 */
export function fairTurns(line: readonly InLine[], places: number): { taken: Waiting[]; line: InLine[] } {
  if (places === 0) return { taken: [], line: [...line] };
  const taken: Waiting[] = [];
  const all = line.map((turn) => ({
    ...turn,
    deficit: 0,
    waiting: inOrder(turn.waiting),
    unfinished: Math.min(turn.deficit, turn.weight),
    served: 0,
  }));
  const round = all.filter(({ waiting }) => waiting.length > 0);
  round.sort((a, b) => Math.sign(b.unfinished) - Math.sign(a.unfinished));
  for (let turn = round.shift(); turn && taken.length < places; turn = round.shift()) {
    const mine = turn.unfinished || turn.weight;
    turn.unfinished = 0;
    const sent = turn.waiting.splice(0, Math.min(mine, places - taken.length));
    taken.push(...sent);
    turn.served = taken.length;
    if (turn.waiting.length === 0) continue;
    turn.deficit = mine - sent.length;
    round.push(turn);
  }
  all.sort((a, b) => a.served - b.served);
  return {
    taken,
    line: all.map(({ tenant, weight, deficit, waiting }) => ({ tenant, weight, deficit, waiting })),
  };
}

/** A level of priority is a head start of so long: who has less is passed for nine times as long at most. */
const headStartMs = 5 * 60_000;

// Of two with the same moment the one accepted first: its id is the smaller.
function inOrder(waiting: readonly Waiting[]): Waiting[] {
  const moment = ({ dueAt, priority }: Waiting): number => dueAt.epochMilliseconds - priority * headStartMs;
  return [...waiting].sort((a, b) => moment(a) - moment(b) || (a.id < b.id ? -1 : 1));
}
