import { Router, type Request, type Response } from 'express';
import {
  attachmentName,
  readAttachment,
  readDetail,
  readHtml,
  summarise,
  type MessageSummary,
} from './inbox-reading.ts';
import type { Inbox, InboxMessage } from './inbox.ts';
import { emailPage, overviewPage, pagePolicy } from './sandbox-views.ts';
import type { SmsapiLookalike, SmsMessage } from './smsapi.ts';

const shownOnPage = 100;
/** An email's own HTML: its styles and inline images, no script, no request to anywhere, an origin of its own. */
const emailPolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'";

/** What the sandbox took, for programs (JSON) and for people (pages). The router is mounted at `/sandbox`. */
export function sandboxPages(inbox: Inbox, smsapi: SmsapiLookalike): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set({
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    });
    next();
  });
  router.get('/', (request, response) => showOverview(request, response, inbox, smsapi));
  router.get('/inbox', async (request, response) => {
    if (wantsPage(request, response)) return await showOverview(request, response, inbox, smsapi);
    response.json(await summariesOf(inbox.list().slice(0, limitOf(request))));
  });
  router.get('/inbox/:id', (request, response) =>
    withMessage(inbox, request, async (message) => {
      if (wantsPage(request, response)) return await showEmail(request, response, message);
      response.json(await readDetail(message));
    }),
  );
  router.get('/inbox/:id/page', (request, response) =>
    withMessage(inbox, request, (message) => showEmail(request, response, message)),
  );
  router.get('/inbox/:id/html', (request, response) =>
    withMessage(inbox, request, (message) => showHtml(response, message)),
  );
  router.get('/inbox/:id/attachments/:index', (request, response) =>
    withMessage(inbox, request, (message) => sendAttachment(request, response, message)),
  );
  router.get('/sms', async (request, response) => {
    if (wantsPage(request, response)) return await showOverview(request, response, inbox, smsapi);
    response.json(smsapi.list().slice(0, limitOf(request)).map(smsJson));
  });
  return router;
}

async function showOverview(
  request: Request,
  response: Response,
  inbox: Inbox,
  smsapi: SmsapiLookalike,
): Promise<void> {
  const emails = await summariesOf(inbox.list().slice(0, shownOnPage));
  sendPage(response, overviewPage(request.baseUrl, emails, smsapi.list().slice(0, shownOnPage)));
}

async function showEmail(request: Request, response: Response, message: InboxMessage): Promise<void> {
  sendPage(response, emailPage(request.baseUrl, await readDetail(message)));
}

async function showHtml(response: Response, message: InboxMessage): Promise<void> {
  const source = await readHtml(message);
  if (source === null) throw new NotThere();
  // Links open outside the frame.
  const shown = source.replace(/<head(\s[^>]*)?>/i, (head) => `${head}<base target="_blank">`);
  response.set({ 'Content-Security-Policy': emailPolicy, 'X-Frame-Options': 'SAMEORIGIN' }).type('html').send(shown);
}

async function sendAttachment(
  request: Request<{ index: string }>,
  response: Response,
  message: InboxMessage,
): Promise<void> {
  const index = Number(request.params.index);
  const attachment = Number.isInteger(index) ? await readAttachment(message, index) : undefined;
  if (!attachment) throw new NotThere();
  response.attachment(attachmentName(attachment, index));
  if (attachment.contentType === 'application/pdf') {
    // Shown by the browser's own viewer, which a policy would keep from working; a PDF has no say in our origin.
    response.removeHeader('Content-Security-Policy');
    response.set('Content-Disposition', (response.get('Content-Disposition') ?? '').replace('attachment', 'inline'));
    response.type('application/pdf');
  } else {
    response.type('application/octet-stream');
  }
  response.send(attachment.content);
}

function smsJson({ receivedAt, ...sms }: SmsMessage): object {
  return { ...sms, date: receivedAt.toISOString() };
}

async function summariesOf(messages: readonly InboxMessage[]): Promise<MessageSummary[]> {
  const summaries: MessageSummary[] = [];
  // One after the other: parsing is work for the processor, and others want their turn.
  for (const message of messages) summaries.push(await summarise(message));
  return summaries;
}

async function withMessage<P extends { id: string }>(
  inbox: Inbox,
  request: Request<P>,
  show: (message: InboxMessage) => Promise<void>,
): Promise<void> {
  const message = inbox.find(request.params.id);
  if (!message) throw new NotThere();
  await show(message);
}

/** Carries its status, as Express's own errors do: whoever mounts the router answers it like any other. */
class NotThere extends Error {
  override readonly name = 'NotThere';
  readonly status = 404;
}

// A program that asks for anything gets JSON; a browser names HTML first.
function wantsPage(request: Request, response: Response): boolean {
  response.vary('Accept');
  return request.accepts(['json', 'html']) === 'html';
}

function limitOf(request: Request): number {
  const limit = Number(request.query['limit']);
  return Number.isInteger(limit) && limit > 0 ? limit : Infinity;
}

function sendPage(response: Response, page: string): void {
  response.set('Content-Security-Policy', pagePolicy).type('html').send(page);
}
