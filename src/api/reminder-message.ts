import { z } from 'zod';
import { assembleMime, attachmentsOf, encodeAttachment } from '../channels/email/mime.ts';
import { parseId } from '../domain/ids.ts';
import { findImage } from '../store/images.ts';
import { loadLeftMessage } from '../store/reminders.ts';
import { operation } from './operation.ts';
import { Problem } from './problems.ts';
import { reminderId, reminderParams } from './reminders.ts';

const getReminderMessage = operation({
  method: 'get',
  path: '/v1/reminders/{id}/message',
  id: 'getReminderMessage',
  tag: 'Reminders',
  summary: 'What left the house: the MIME message, or the text of the SMS',
  description: 'Of the first recipient, unless `delivery` names another; of several attempts, the last.',
  scope: 'reminders:read',
  params: reminderParams,
  query: z.strictObject({ delivery: z.string().optional() }),
  replies: {
    200: { description: 'The message, byte for byte (an SMS as text/plain)', mediaType: 'message/rfc822' },
  },
  problems: ['not-found'],
  async handle({ parts, caller, params, query }) {
    const delivery = query.delivery === undefined ? undefined : parseId('delivery', query.delivery);
    if (query.delivery !== undefined && !delivery) throw nothingLeft();
    const left = await parts.database.tenantTransaction(caller.tenant, async (client) => {
      const found = await loadLeftMessage(client, caller.tenant, reminderId(params.id), delivery);
      if (found?.channel !== 'email') return found;
      // What is no document of the reminder is an image of the tenant.
      const known = new Set(found.documents.map(({ sha256 }) => sha256));
      const images = [];
      for (const sha256 of new Set(attachmentsOf(Buffer.from(found.content)))) {
        if (!known.has(sha256)) images.push(await findImage(client, caller.tenant, sha256));
      }
      return { ...found, bodies: [...found.documents, ...images.filter((image) => image !== undefined)] };
    });
    if (!left) throw nothingLeft();
    if (!('bodies' in left)) {
      return { status: 200, bytes: Buffer.from(left.content), mediaType: 'text/plain; charset=utf-8' };
    }
    const bodies = new Map(left.bodies.map(({ sha256, bytes }) => [sha256, encodeAttachment(bytes)]));
    const bytes = assembleMime(Buffer.from(left.content), bodies);
    return { status: 200, bytes, mediaType: 'message/rfc822' };
  },
});

function nothingLeft(): Problem {
  return new Problem('not-found', 'No message of it has left, or there is no such reminder.');
}

export const reminderMessageOperations = [getReminderMessage];
