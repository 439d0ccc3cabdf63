import type { DueDateId, ReminderId } from '../domain/ids.ts';
import type { Queryable } from '../store/database.ts';
import { loadBadges } from '../store/due-date-list-badge.ts';
import type { Change } from '../store/due-dates-events.ts';
import { loadDueDates, tenantToday } from '../store/due-dates.ts';
import { dueDateJson, inFlightJson } from './due-dates-reply.ts';
import { etag } from './etag.ts';
import type { Caller, Reply } from './operation.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';

export function noSuchDueDate(path?: string): Problem {
  const detail = 'There is no such due date.';
  if (path === undefined) return new Problem('not-found', detail);
  return new Problem('not-found', detail, { errors: [{ path, code: 'not-found', message: 'names no due date' }] });
}

export function changeOf({ parts, caller }: { parts: ApiParts; caller: Caller }): Change {
  return { tenant: caller.tenant, actor: caller.actor, clock: parts.clock };
}

export type DueDateJson = ReturnType<typeof dueDateJson>;
/** How due dates are shown: each with its version. */
export type ShownDueDate = { json: DueDateJson; version: number };

/** Reads due dates as they leave, badges and all, inside the transaction that changed them. */
export async function showDueDates(
  client: Queryable,
  parts: Pick<ApiParts, 'clock'>,
  ids: readonly DueDateId[],
): Promise<Map<DueDateId, ShownDueDate>> {
  const today = await tenantToday(client, parts.clock.now());
  const dueDates = await loadDueDates(client, ids);
  const badges = await loadBadges(client, ids);
  const shown = new Map<DueDateId, ShownDueDate>();
  for (const [id, dueDate] of dueDates) {
    shown.set(id, { json: dueDateJson(dueDate, today, badges.get(id)), version: dueDate.version });
  }
  return shown;
}

/** The reply with one due date. @param inFlight left out where nothing was changed. */
export async function replyWithDueDate(
  client: Queryable,
  parts: Pick<ApiParts, 'clock'>,
  of: { id: DueDateId; status?: number; inFlight?: readonly ReminderId[] | undefined },
): Promise<Reply> {
  const shown = (await showDueDates(client, parts, [of.id])).get(of.id);
  if (!shown) throw new Error('a due date that was just seen is gone');
  const inFlight = of.inFlight === undefined ? {} : { inFlight: inFlightJson(of.inFlight) };
  return { status: of.status ?? 200, headers: { ETag: etag(shown.version) }, json: { ...shown.json, ...inFlight } };
}
