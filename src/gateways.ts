import { parseSmtpUrl } from './channels/email/smtp-server.ts';
import { SmtpGateway } from './channels/email/smtp-gateway.ts';
import { SmsapiGateway } from './channels/sms/smsapi-gateway.ts';
import type { Config } from './config.ts';
import type { Foundation } from './foundation.ts';

/** By SMTP: the sandbox's server where none is set; undefined without either. */
export function emailGateway(
  config: Config,
  { sandboxUrls }: Foundation,
): { gateway: SmtpGateway; mailFrom: { name: string | null; address: string } } | undefined {
  const url = config.smtpUrl ?? sandboxUrls?.smtpUrl;
  const server = url === undefined ? undefined : parseSmtpUrl(url);
  if (!server) return undefined;
  const mailFrom = parseMailbox(config.mailFrom ?? 'Sollecito <reminders@sollecito.localhost>');
  return { gateway: new SmtpGateway({ server, connections: config.concurrency.email }), mailFrom };
}

function parseMailbox(text: string): { name: string | null; address: string } {
  const match = /^(.*)<([^<>]+)>$/.exec(text);
  return match ? { name: match[1]?.trim() || null, address: match[2]?.trim() ?? '' } : { name: null, address: text };
}

/** By SMSAPI, in the same way. */
export function smsGateway(config: Config, { sandboxUrls }: Foundation): SmsapiGateway | undefined {
  const connections = config.concurrency.sms;
  if (config.smsapiToken !== null) {
    const url = config.smsapiUrl === null ? null : new URL(config.smsapiUrl);
    return new SmsapiGateway({ token: config.smsapiToken, url, connections });
  }
  return sandboxUrls && new SmsapiGateway({ token: 'sandbox', url: new URL(sandboxUrls.smsapiUrl), connections });
}
