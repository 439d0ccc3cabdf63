import { formatOfRoot, oldZugferdRoot, rootName } from '../invoice-root.ts';
import { maxFileBytes, type UnreadableInvoice, unreadable } from '../unreadable-invoice.ts';
import { xmlText } from '../xml-text.ts';
import { dictionaryOf, PdfFile, type PdfStream } from './pdf-file.ts';
import { PdfRefused, type PdfDictionary, type PdfValue } from './pdf-values.ts';

/**
 * The XML of the invoice that a PDF carries (Factur-X, ZUGFeRD, XRechnung): among the files that belong to the document
 * (`/AF`, ISO 32000-2 §14.13) and those in its name tree (`/EmbeddedFiles`, ISO 32000-1 §7.11.4) the one whose root is
 * an invoice's. The names that the standards give go first; they decide only where several are invoices.
 */
export function pdfInvoice(pdf: Uint8Array): { xml: Uint8Array } | { error: UnreadableInvoice } {
  try {
    return chosen(new PdfFile(pdf));
  } catch (error) {
    if (error instanceof PdfRefused) return unreadable(error.code, error.message);
    throw error;
  }
}

const standardNames: ReadonlySet<string> = new Set(['factur-x.xml', 'zugferd-invoice.xml', 'xrechnung.xml']);

function chosen(file: PdfFile): { xml: Uint8Array } | { error: UnreadableInvoice } {
  const attached = [...attachedFiles(file)];
  const standard = attached.filter(({ name }) => standardNames.has(name.toLowerCase()));
  const others = attached.filter((one) => !standard.includes(one));
  const named = invoicesAmong(standard, (stream) => file.decoded(stream, maxFileBytes));
  const found = named.length > 0 ? named : invoicesAmong(others, (stream) => contentIfAny(file, stream));
  const [first] = found;
  if (!first) {
    const message = 'No invoice is embedded in the PDF: give the XML, or a PDF made as Factur-X, ZUGFeRD or XRechnung';
    return unreadable('pdf-without-invoice', message);
  }
  if (found.some((other) => Buffer.compare(first, other) !== 0)) {
    return unreadable(
      'pdf-several-invoices',
      'Several invoices are embedded in the PDF: give each as a file of its own',
    );
  }
  return { xml: first };
}

function invoicesAmong(
  attached: readonly AttachedFile[],
  contentOf: (stream: PdfStream) => Uint8Array | undefined,
): Uint8Array[] {
  return attached.flatMap(({ stream }) => {
    const bytes = contentOf(stream);
    const read = bytes && xmlText(bytes);
    const root = read && 'text' in read ? rootName(read.text) : undefined;
    return bytes && root !== undefined && (formatOfRoot(root) || root === oldZugferdRoot) ? [bytes] : [];
  });
}

// What cannot be unpacked and has no invoice's name is something else, unless it was too much altogether.
function contentIfAny(file: PdfFile, stream: PdfStream): Uint8Array | undefined {
  try {
    return file.decoded(stream, maxFileBytes);
  } catch (error) {
    if (error instanceof PdfRefused && error.code === 'pdf-broken') return undefined;
    throw error;
  }
}

type AttachedFile = { name: string; stream: PdfStream };

const mostFiles = 100;

function* attachedFiles(file: PdfFile): Generator<AttachedFile> {
  const seen = new Set<number>();
  for (const specification of specifications(file)) {
    const embedded = dictionaryOf(file.resolve(specification.get('EF') ?? null));
    const reference = embedded?.get('UF') ?? embedded?.get('F') ?? null;
    if (typeof reference !== 'object' || reference === null || !('reference' in reference)) continue;
    if (seen.has(reference.reference)) continue;
    if (seen.size === mostFiles) throw new PdfRefused('pdf-too-large', `The PDF holds more than ${mostFiles} files`);
    seen.add(reference.reference);
    const stream = file.stream(reference);
    if (stream) yield { name: nameIn(file, specification), stream };
  }
}

function* specifications(file: PdfFile): Generator<PdfDictionary> {
  const catalog = file.catalog();
  const associated = file.resolve(catalog.get('AF') ?? null);
  const names = dictionaryOf(file.resolve(catalog.get('Names') ?? null));
  for (const value of Array.isArray(associated) ? associated : []) yield* specificationOf(file, value);
  for (const value of treeValues(file, names?.get('EmbeddedFiles'))) yield* specificationOf(file, value);
}

function specificationOf(file: PdfFile, value: PdfValue): PdfDictionary[] {
  const specification = dictionaryOf(file.resolve(value));
  return specification ? [specification] : [];
}

/** The values of a name tree (ISO 32000-1 §7.9.6). A branch that was seen is not entered again: trees can be rings. */
function* treeValues(file: PdfFile, root: PdfValue | undefined): Generator<PdfValue> {
  const seen = new Set<number>();
  const branches = [root ?? null];
  for (let branch = branches.pop(); branch !== undefined; branch = branches.pop()) {
    if (branch !== null && typeof branch === 'object' && 'reference' in branch) {
      if (seen.has(branch.reference)) continue;
      seen.add(branch.reference);
    }
    const node = dictionaryOf(file.resolve(branch));
    const pairs = file.resolve(node?.get('Names') ?? null);
    if (Array.isArray(pairs)) yield* pairs.filter((_, index) => index % 2 === 1);
    const kids = file.resolve(node?.get('Kids') ?? null);
    for (const kid of Array.isArray(kids) ? kids.toReversed() : []) branches.push(kid);
  }
}

function nameIn(file: PdfFile, specification: PdfDictionary): string {
  const name = file.resolve(specification.get('UF') ?? specification.get('F') ?? null);
  if (name === null || typeof name !== 'object' || !('string' in name)) return '';
  const bytes = Buffer.from(name.string, 'latin1');
  // A text string is UTF-16 behind its mark, else close enough to ASCII (ISO 32000-1 §7.9.2.2).
  return name.string.startsWith('\u00fe\u00ff') ? new TextDecoder('utf-16be').decode(bytes) : name.string;
}
