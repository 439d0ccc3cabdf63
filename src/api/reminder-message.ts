import { z } from 'zod';
import { assembleMime, encodeAttachment } from '../channels/email/mime.ts';
import { parseId } from '../domain/ids.ts';
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
    const left = await parts.database.tenantTransaction(caller.tenant, async (client) =>
      loadLeftMessage(client, caller.tenant, reminderId(params.id), delivery),
    );
    if (!left) throw nothingLeft();
    if (left.channel === 'sms') {
      return { status: 200, bytes: Buffer.from(left.content), mediaType: 'text/plain; charset=utf-8' };
    }
    const attachments = new Map(left.documents.map(({ sha256, bytes }) => [sha256, encodeAttachment(bytes)]));
    const bytes = assembleMime(Buffer.from(left.content), attachments);
    return { status: 200, bytes, mediaType: 'message/rfc822' };
  },
});

function nothingLeft(): Problem {
  return new Problem('not-found', 'No message of it has left, or there is no such reminder.');
}

export const reminderMessageOperations = [getReminderMessage];
