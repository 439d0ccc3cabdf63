import type { MessageFacts } from '../../src/domain/message-facts.ts';
import { composeEmail, type ComposedEmail, type EmailWish } from '../../src/templates/compose-email.ts';
import { composeSms, type ComposedSms } from '../../src/templates/compose-sms.ts';

/** The email of these facts; a problem fails the test. */
export async function emailOf(facts: MessageFacts, wish: EmailWish = {}): Promise<ComposedEmail> {
  const result = await composeEmail(facts, wish);
  if (result.kind === 'problem') throw new Error(JSON.stringify(result.problem));
  return result.email;
}

/** The SMS of these facts; a problem fails the test. */
export function smsOf(
  facts: MessageFacts,
  wish: { readonly message?: string; readonly template?: string } = {},
): ComposedSms {
  const result = composeSms(facts, wish);
  if (result.kind === 'problem') throw new Error(JSON.stringify(result.problem));
  return result.sms;
}

/** As it is read: no-break spaces, line breaks and indents are one space. */
export function plain(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
