import { createHash } from 'node:crypto';
import { type Request, type Response, Router } from 'express';
import { documentOfLink, opensDocument } from '../domain/document-link.ts';
import { findLinkedDocument } from '../store/documents.ts';
import { Html, html } from '../html.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { factsOf } from './request-facts.ts';

/** `GET /d/{token}`: the document behind an SMS link. The token is the proof: no key, no tenant. */
export function documentLinkRouter(parts: ApiParts): Router {
  const router = Router();
  router.get('/d/:token', async (request, response) => {
    factsOf(request).route = '/d/{token}';
    const { token } = request.params;
    const id = documentOfLink(token);
    const document = id && (await findLinkedDocument(parts.database.pool, id));
    if (!document || !opensDocument(token, document, parts.clock.now(), parts.sender.secretKeys)) {
      return answerNothing(request, response);
    }
    response.set({
      'Content-Type': document.mediaType,
      'Content-Disposition': `inline; filename="${document.name}"`,
      'Cache-Control': 'private, no-store',
      'X-Robots-Tag': 'noindex',
    });
    response.end(document.bytes);
  });
  return router;
}

/** A person followed the link from an SMS: they read a page. A program gets the problem. */
function answerNothing(request: Request, response: Response): void {
  response.vary('Accept');
  if (request.accepts(['json', 'html']) !== 'html') {
    throw new Problem('not-found', 'The link is not valid any more.');
  }
  response
    .status(404)
    .set({ 'Content-Security-Policy': overPolicy, 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
    .type('html')
    .send(overPage);
}

const style =
  'body{max-width:32rem;margin:15vh auto 0;padding:0 1.5rem;font:1.05rem/1.6 system-ui,sans-serif;color-scheme:light dark}';
// The policy knows the style by its hash, to the letter.
const overPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

// Who it is for nobody knows any more, so it speaks both languages and names nobody.
const overPage = html`<!doctype html>
  <html lang="it">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>Il link non è più valido</title>
      ${new Html(`<style>${style}</style>`)}
    </head>
    <body>
      <h1>Il link non è più valido</h1>
      <p>
        Il documento non è più disponibile a questo indirizzo. Per riceverne una copia, si rivolga a chi Le ha scritto.
      </p>
      <div lang="en">
        <h2>This link is no longer valid</h2>
        <p>The document is no longer available at this address. For a copy, please ask whoever wrote to you.</p>
      </div>
    </body>
  </html> `.text;
