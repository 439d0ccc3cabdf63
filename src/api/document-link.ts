import { Router } from 'express';
import { openDocumentLink } from '../domain/document-link.ts';
import type { ApiParts } from './parts.ts';
import { Problem } from './problems.ts';
import { factsOf } from './request-facts.ts';

/** `GET /d/{token}`: the document behind an SMS link. The token is the proof: no key, no tenant. */
export function documentLinkRouter(parts: ApiParts): Router {
  const router = Router();
  router.get('/d/:token', async (request, response) => {
    factsOf(request).route = '/d/{token}';
    const id = openDocumentLink(request.params.token, parts.clock.now(), parts.sender.secretKeys);
    const { rows } = id
      ? await parts.database.pool.query<{ name: string; media_type: string; bytes: Buffer }>(
          'SELECT name, media_type, bytes FROM sollecito.linked_document($1)',
          [id],
        )
      : { rows: [] };
    const [document] = rows;
    if (!document) throw new Problem('not-found', 'The link is not valid any more.');
    response.set({
      'Content-Type': document.media_type,
      'Content-Disposition': `inline; filename="${document.name}"`,
      'Cache-Control': 'private, no-store',
      'X-Robots-Tag': 'noindex',
    });
    response.end(document.bytes);
  });
  return router;
}
