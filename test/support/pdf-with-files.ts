import { deflateSync } from 'node:zlib';

type Attached = {
  name?: string;
  content: string | Uint8Array;
  /** Without, the content is compressed; with it, it stands there as it is. */
  filter?: string;
};

type Options = {
  /** Where the files are found from the catalog: both, as the standards want, or one of them. */
  by?: ('associated' | 'nameTree')[];
  /** The objects that are no streams inside a compressed stream, and the table as a stream, as since PDF 1.5. */
  compressed?: boolean;
  /** More entries of the trailer. */
  trailer?: string;
};

/** A PDF with files in it, small and by hand. Objects 1 to 3 are catalog, name tree and pages; the files follow. */
export function pdfWithFiles(files: readonly Attached[], options: Options = {}): Buffer {
  const { by = ['associated', 'nameTree'], compressed = false, trailer = '' } = options;
  const specification = (index: number): number => 4 + 2 * index;
  const references = files.map((_, index) => `${specification(index)} 0 R`);
  const associated = by.includes('associated') ? `/AF [${references.join(' ')}]` : '';
  const names = by.includes('nameTree') ? '/Names << /EmbeddedFiles 2 0 R >>' : '';
  const plain = new Map([
    [1, `<< /Type /Catalog /Pages 3 0 R ${associated} ${names} >>`],
    [2, `<< /Kids [<< /Names [${references.map((reference, index) => `(${index}) ${reference}`).join(' ')}] >>] >>`],
    [3, '<< /Type /Pages /Kids [] /Count 0 >>'],
    ...files.map(({ name = 'factur-x.xml' }, index): [number, string] => {
      const stream = `${specification(index) + 1} 0 R`;
      return [specification(index), `<< /Type /Filespec /F (${name}) /EF << /F ${stream} /UF ${stream} >> >>`];
    }),
  ]);
  const streams = files.map(({ content, filter }, index) =>
    filter === undefined
      ? pdfStream(specification(index) + 1, '/Filter /FlateDecode', deflateSync(content))
      : pdfStream(specification(index) + 1, filter, Buffer.from(content)),
  );
  const last = 4 + 2 * files.length;
  return compressed
    ? pdfOf(
        objectStream(last, plain),
        ...streams,
        pdfStream(last + 1, `/Type /XRef /Root 1 0 R ${trailer}`, Buffer.alloc(0)),
      )
    : pdfOf(
        ...[...plain].map(([number, value]) => Buffer.from(`${number} 0 obj\n${value}\nendobj\n`)),
        ...streams,
        Buffer.from(`trailer\n<< /Root 1 0 R ${trailer} >>\n`),
      );
}

/** Parts behind the header of a PDF. */
export function pdfOf(...parts: (string | Uint8Array)[]): Buffer {
  return Buffer.concat(
    ['%PDF-1.7\n%\u00e2\u00e3\n', ...parts, 'startxref\n0\n%%EOF\n'].map((part) => Buffer.from(part)),
  );
}

export function pdfStream(number: number, entries: string, bytes: Uint8Array): Buffer {
  const head = `${number} 0 obj\n<< /Length ${bytes.length} ${entries} >>\nstream\n`;
  return Buffer.concat([Buffer.from(head), bytes, Buffer.from('\nendstream\nendobj\n')]);
}

function objectStream(number: number, objects: ReadonlyMap<number, string>): Buffer {
  let offset = 0;
  const index = [...objects].map(([each, value]) => {
    const entry = `${each} ${offset}`;
    offset += value.length + 1;
    return entry;
  });
  const head = `${index.join(' ')} `;
  const content = deflateSync(`${head}${[...objects.values()].join('\n')}\n`);
  return pdfStream(number, `/Type /ObjStm /N ${objects.size} /First ${head.length} /Filter /FlateDecode`, content);
}
