import { z } from 'zod';
import { PdfRenderer } from '../src/invoices/pdf-renderer.ts';
import { serve } from './child.ts';
import { mixedDocuments, pages } from './documents.ts';
import { treeMemory } from './process-memory.ts';

// A process of its own that prints with the service's renderer, so that nothing else is in its memory. The first message
// says where the browser lies; each further one how many documents to print before the memory is measured.
const started = z.object({ dataDir: z.string() });
const asked = z.object({ documents: z.int() });
const documents = mixedDocuments();
let renderer: PdfRenderer | undefined;
let printed = 0;

serve(async (message) => {
  if (!renderer) {
    renderer = new PdfRenderer({ chromiumPath: null, ...started.parse(message), pages, timeoutMs: 20_000 });
    renderer.start();
    return { ready: true };
  }
  const last = printed + asked.parse(message).documents;
  await Promise.all(Array.from({ length: pages }, async () => printUpTo(last)));
  globalThis.gc?.();
  return treeMemory(process.pid);
});

/** Five tenants, ten documents each in turn: most pages are used again, and many are made anew. */
async function printUpTo(last: number): Promise<void> {
  while (printed < last) {
    const n = printed++;
    const document = documents[n % documents.length] ?? documents[0];
    await renderer?.render(document, `tenant-${Math.floor(n / 10) % 5}`);
  }
}
