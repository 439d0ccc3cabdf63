import { createHash } from 'node:crypto';
import { html, Html } from '../html.ts';
import type { MessageDetail, MessageSummary } from './inbox-reading.ts';
import type { SmsMessage } from './smsapi.ts';

const style = `
:root { color-scheme: light dark; --line: #d8dde6; --soft: #5c6676; --accent: #1e5bb8; --card: #fff; --page: #f4f6f9; --ink: #1b2330 }
@media (prefers-color-scheme: dark) { :root { --line: #333c4a; --soft: #9aa5b5; --accent: #8ab4f8; --card: #1c222c; --page: #12161d; --ink: #e6eaf0 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 3rem }
h1 { font-size: 1.4rem; margin: 0 0 .25rem } h2 { font-size: 1.05rem; margin: 1.75rem 0 .5rem }
p { margin: .25rem 0 } .soft { color: var(--soft) } a { color: var(--accent) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; overflow: auto }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .5rem .75rem; vertical-align: top }
th { font-size: .8rem; color: var(--soft); font-weight: 600 } tr + tr td { border-top: 1px solid var(--line) }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums } td.text { overflow-wrap: anywhere }
.empty { padding: 1rem; color: var(--soft) } pre { margin: 0; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem }
iframe { display: block; width: 100%; height: 46rem; border: 0; background: #fff } details { margin-top: 1rem } summary { cursor: pointer; padding: .25rem 0 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; padding: 1rem } dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
`;

// To the letter, blanks included: the policy knows it by its hash.
const styleElement = new Html(`<style>${style}</style>`);
const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing but our own style and the frame with the email. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

export function overviewPage(base: string, emails: readonly MessageSummary[], texts: readonly SmsMessage[]): string {
  return page(
    'Sandbox',
    html`<h1>Sandbox</h1>
      <p class="soft">
        Nothing here has left this machine. The newest first; <a href="${base}/">reload</a> to see more.
      </p>
      <h2>Emails</h2>
      <div class="card">${emails.length === 0 ? empty('No email yet.') : emailTable(base, emails)}</div>
      <h2>SMS</h2>
      <div class="card">${texts.length === 0 ? empty('No SMS yet.') : smsTable(texts)}</div>`,
  );
}

export function emailPage(base: string, mail: MessageDetail): string {
  const files = mail.attachments.map(
    ({ name, bytes }, index) =>
      html`<a href="${base}/inbox/${mail.id}/attachments/${index}">${name}</a>
        <span class="soft">${size(bytes)}</span> `,
  );
  const frame = html`<iframe
    src="${base}/inbox/${mail.id}/html"
    title="The email"
    sandbox="allow-popups allow-popups-to-escape-sandbox"
  ></iframe>`;
  const headers = Object.entries(mail.headers).map(
    ([name, value]) =>
      html`<dt>${name}</dt>
        <dd>${Array.isArray(value) ? value.join(' · ') : value}</dd>`,
  );
  return page(
    mail.subject,
    html`<p><a href="${base}/">← Sandbox</a></p>
      <h1>${mail.subject || '(no subject)'}</h1>
      <div class="card">
        <dl>
          <dt>From</dt>
          <dd>${mail.from}</dd>
          <dt>To</dt>
          <dd>${mail.to.join(', ')}</dd>
          <dt>Date</dt>
          <dd>${time(mail.date)}</dd>
          <dt>Attachments</dt>
          <dd>${files.length === 0 ? 'none' : files}</dd>
        </dl>
      </div>
      <h2>HTML</h2>
      <div class="card">${mail.html === null ? empty('No HTML part.') : frame}</div>
      <h2>Text</h2>
      <div class="card">${mail.text === null ? empty('No text part.') : html`<pre>${mail.text}</pre>`}</div>
      <details>
        <summary>Headers</summary>
        <div class="card"><dl>${headers}</dl></div>
      </details>
      <details>
        <summary>Source</summary>
        <div class="card"><pre>${mail.raw}</pre></div>
      </details>`,
  );
}

function emailTable(base: string, emails: readonly MessageSummary[]): Html {
  const rows = emails.map(
    (mail) =>
      html`<tr>
        <td class="time">${time(mail.date)}</td>
        <td class="text">${mail.to.join(', ')}</td>
        <td class="text"><a href="${base}/inbox/${mail.id}/page">${mail.subject || '(no subject)'}</a></td>
        <td class="text soft">${mail.attachments.map(({ name }) => name).join(', ')}</td>
      </tr>`,
  );
  return html`<table>
    <tr>
      <th>Date</th>
      <th>To</th>
      <th>Subject</th>
      <th>Attachments</th>
    </tr>
    ${rows}
  </table>`;
}

function smsTable(texts: readonly SmsMessage[]): Html {
  const rows = texts.map(
    (sms) =>
      html`<tr>
        <td class="time">${time(sms.receivedAt.toISOString())}</td>
        <td>${sms.to}</td>
        <td>${sms.from ?? ''}</td>
        <td class="text">${linked(sms.text)}</td>
        <td>${sms.segments}</td>
      </tr>`,
  );
  return html`<table>
    <tr>
      <th>Date</th>
      <th>To</th>
      <th>From</th>
      <th>Text</th>
      <th>Segments</th>
    </tr>
    ${rows}
  </table>`;
}

// A phone would make the link to the document one that can be followed.
function linked(text: string): Html[] {
  return text
    .split(/(https?:\/\/\S+)/)
    .map((part, index) => (index % 2 === 1 ? html`<a href="${part}" rel="noreferrer">${part}</a>` : html`${part}`));
}

function page(title: string, body: Html): string {
  const whole = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`;
  return whole.text;
}

function empty(text: string): Html {
  return html`<div class="empty">${text}</div>`;
}

function time(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)} UTC`;
}

function size(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KiB`;
}
