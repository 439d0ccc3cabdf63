/** The name of a due date's PDF, from its document's number or else its ref: safe in a header and on any disk. */
export function documentName(due: { readonly documentNumber: string | null; readonly ref: string }): string {
  const plain = (due.documentNumber ?? due.ref)
    .normalize('NFKD')
    .replaceAll(/[^\w.-]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
  return `${plain === '' ? 'document' : plain}.pdf`;
}

/**
 * Why these bytes are no PDF, or undefined when they look like one: the header stands at the very start
 * (ISO 32000-1 §7.5.2, strictly, so that nothing else hides in front of it), the end mark near the end (§7.5.5).
 */
export function pdfFault(bytes: Uint8Array): 'empty' | 'no-header' | 'no-end' | undefined {
  if (bytes.length === 0) return 'empty';
  const latin = (from: number, to?: number): string => new TextDecoder('latin1').decode(bytes.subarray(from, to));
  if (!/^%PDF-\d\.\d/.test(latin(0, 16))) return 'no-header';
  // Acrobat's own tolerance: the mark may stand anywhere in the last 1,024 bytes.
  const tail = latin(Math.max(0, bytes.length - 1_024));
  return tail.includes('startxref') && tail.includes('%%EOF') ? undefined : 'no-end';
}

/** The same things under names that tell them apart. */
export function withDistinctNames<T extends { readonly name: string }>(items: readonly T[]): T[] {
  const names = distinctNames(items.map(({ name }) => name));
  return items.map((item, n) => ({ ...item, name: names[n] ?? item.name }));
}

/** Tells documents of one name apart (instalments of one invoice): `12.pdf`, `12-2.pdf`. */
export function distinctNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return before === 0 ? name : name.replace(/(\.pdf)?$/, `-${before + 1}$1`);
  });
}
