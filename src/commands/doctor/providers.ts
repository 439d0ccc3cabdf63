import { SmtpGateway } from '../../channels/email/smtp-gateway.ts';
import { parseSmtpUrl } from '../../channels/email/smtp-server.ts';
import { SmsapiGateway } from '../../channels/sms/smsapi-gateway.ts';
import type { Config } from '../../config.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

/** Connects and signs in; sends nothing. */
export async function checkEmail({ smtpUrl, mailFrom, sandbox }: Config): Promise<Finding> {
  if (smtpUrl === null) return withoutProvider('SMTP_URL', sandbox, 'its inbox');
  const server = parseSmtpUrl(smtpUrl);
  if (!server) return wrong('SMTP_URL is no address of a server', 'set it to smtp://user:password@host:port');
  const { ok: answers, detail } = await new SmtpGateway({ server, connections: 1 }).check();
  if (!answers) return wrong(detail, 'set SMTP_URL right: its host, port, TLS (smtps://), user and password');
  if (mailFrom === null) {
    const mend = 'set MAIL_FROM to an address of a domain of yours';
    return warning(`${detail}, but MAIL_FROM is not set: mail would come from sollecito.localhost`, mend);
  }
  return ok(`${detail}${server.auth ? ' and takes the password' : ''}`);
}

/** Asks for the account's profile. */
export async function checkSms({ smsapiToken, smsapiUrl, sandbox }: Config): Promise<Finding> {
  if (smsapiToken === null) return withoutProvider('SMSAPI_TOKEN', sandbox, 'its look-alike of SMSAPI');
  const url = smsapiUrl === null ? null : new URL(smsapiUrl);
  const { ok: answers, detail } = await new SmsapiGateway({ token: smsapiToken, url, connections: 1 }).check();
  return answers ? ok(detail) : wrong(detail, 'set SMSAPI_TOKEN (and SMSAPI_URL, if the account needs it) right');
}

function withoutProvider(variable: string, sandbox: boolean, what: string): Finding {
  if (sandbox) return ok(`the sandbox (${what}), as ${variable} is not set`);
  return warning(`off, as ${variable} is not set: such reminders are refused`, `set ${variable}`);
}
