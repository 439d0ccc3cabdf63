import type { NamedDocument } from './locale-texts.ts';

/** A kind of document, by itself and as it completes "payment …": `fattura`, `della fattura`; one and several. */
export type Noun = {
  readonly one: string;
  readonly forOne: string;
  /** Where a language says an article of what has no number. */
  readonly forUnnumbered?: string;
  readonly many: string;
  readonly forMany: string;
};

/** How a language names documents. */
export type Naming = {
  /** By document type. */
  readonly nouns: ReadonlyMap<string, Noun>;
  /** Of a type that has no word of its own, and of several types together. */
  readonly otherNoun: Noun;
  /** Before a mere count, to complete "payment …": `di` 5 fatture. */
  readonly forCount: string;
  readonly number: (number: string, short: boolean) => string;
  /** `del 3 marzo 2026` */
  readonly date: (date: string) => string;
  readonly instalments: (listed: string, several: boolean, count: number) => string;
  readonly list: (items: readonly string[]) => string;
};

type Form = 'plain' | 'for';

const mostNamed = 3;
// More would crowd out the rest of a subject or an SMS.
const longestList = 100;

/** Names documents in a language. Several are named by their numbers while these are few, else they are counted. */
export function namingIn(naming: Naming): {
  readonly named: (documents: readonly NamedDocument[], form: Form, dated: boolean) => string;
  readonly instalments: (instalments: NonNullable<NamedDocument['instalments']>) => string;
} {
  const instalments = ({ numbers, count }: NonNullable<NamedDocument['instalments']>): string =>
    naming.instalments(naming.list(runsOf(numbers)), numbers.length > 1, count);
  const details = ({ number, short, date, instalments: some }: NamedDocument, dated: boolean): string =>
    [
      ...(number === null ? [] : [naming.number(number, short)]),
      // Without a number the date is what tells a document from another.
      ...(date !== null && (dated || number === null) ? [naming.date(date)] : []),
      ...(some === null ? [] : [`(${instalments(some)})`]),
    ].join(' ');
  const single = (document: NamedDocument, form: Form, dated: boolean): string => {
    const noun = naming.nouns.get(document.type) ?? naming.otherNoun;
    const forOne = document.number === null ? (noun.forUnnumbered ?? noun.forOne) : noun.forOne;
    return `${form === 'for' ? forOne : noun.one} ${details(document, dated)}`.trimEnd();
  };
  const several = (documents: readonly NamedDocument[], form: Form): string => {
    const [type, ...otherTypes] = new Set(documents.map((document) => document.type));
    const common = otherTypes.length === 0 ? (naming.nouns.get(type ?? '') ?? naming.otherNoun) : null;
    if (documents.length <= mostNamed && documents.every((document) => document.number !== null)) {
      const dated = (each: NamedDocument): boolean => hasNamesake(each, documents);
      const listed = common
        ? `${form === 'for' ? common.forMany : common.many} ${naming.list(documents.map((each) => details(each, dated(each))))}`
        : naming.list(documents.map((each) => single(each, form, dated(each))));
      if (listed.length <= longestList) return listed;
    }
    const counted = `${String(documents.length)} ${(common ?? naming.otherNoun).many}`;
    return form === 'for' ? `${naming.forCount} ${counted}` : counted;
  };
  return {
    instalments,
    named: (documents, form, dated) => {
      const [first, ...others] = documents;
      return first && others.length === 0 ? single(first, form, dated) : several(documents, form);
    },
  };
}

/** Whether another of the documents bears the same number, as numbers begin anew each year: only the date tells them apart. */
export function hasNamesake({ type, number }: NamedDocument, documents: readonly NamedDocument[]): boolean {
  return documents.filter((other) => other.type === type && other.number === number).length > 1;
}

// 1, 2, 3, 5 → "1–3", "5"
function runsOf(numbers: readonly number[]): string[] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && run.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs.flatMap((run) =>
    run.length > 2 ? [`${String(run[0])}–${String(run.at(-1))}`] : run.map((number) => String(number)),
  );
}
