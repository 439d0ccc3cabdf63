import type { Caller } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { acceptAll, type Answer, type Asked } from './reminder-accept.ts';

/** So many groups of one caller are written at once, and so many requests go into one. */
const mostGroups = 2;
const mostInGroup = 100;

type Waiting = { asked: Asked; answer: PromiseWithResolvers<Answer> };
type Line = { groups: number; waiting: Waiting[] };

const lines = new WeakMap<ApiParts, Map<string, Line>>();

/**
 * Accepts one reminder, together with those of the same caller that came while earlier ones were being written: they
 * share their round trips and their commit. Nobody waits for others to come; each stands alone.
 */
export async function acceptTogether(parts: ApiParts, caller: Caller, asked: Asked): Promise<Answer> {
  const line = lineOf(parts, caller);
  const answer = Promise.withResolvers<Answer>();
  line.waiting.push({ asked, answer });
  if (line.groups < mostGroups) void work(parts, caller, line);
  return answer.promise;
}

function lineOf(parts: ApiParts, { tenant, actor }: Caller): Line {
  const own = lines.get(parts) ?? new Map<string, Line>();
  lines.set(parts, own);
  const key = `${tenant} ${actor}`;
  const line = own.get(key) ?? { groups: 0, waiting: [] };
  own.set(key, line);
  return line;
}

async function work(parts: ApiParts, caller: Caller, line: Line): Promise<void> {
  line.groups += 1;
  while (line.waiting.length > 0) await acceptGroup(parts, caller, line.waiting.splice(0, mostInGroup));
  line.groups -= 1;
  if (line.groups === 0) lines.get(parts)?.delete(`${caller.tenant} ${caller.actor}`);
}

async function acceptGroup(parts: ApiParts, caller: Caller, group: Waiting[]): Promise<void> {
  try {
    const answers = await acceptAll(
      parts,
      caller,
      group.map(({ asked }) => asked),
    );
    for (const [n, { answer }] of group.entries()) {
      const its = answers[n];
      if (its) answer.resolve(its);
      else answer.reject(new Error('a reminder of the group was left without an answer'));
    }
  } catch (error) {
    const [only] = group;
    if (group.length === 1 && only) only.answer.reject(error);
    // One transaction, so nothing of it was written, or all of it and the answer was lost: then each finds its own reply.
    // At once: one that waits (for a lock, for a database that is away) does not hold up the others.
    else await Promise.all(group.map(async (one) => acceptGroup(parts, caller, [one])));
  }
}
