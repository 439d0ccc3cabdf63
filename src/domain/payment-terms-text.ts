import { isIsoDate } from './invoice.ts';

/**
 * What terms in words come to: `due`, one day beyond doubt; `assumed`, the latest of the days that they can mean, so that
 * nobody is asked too early; `unclear`, no day or several.
 */
export type DueInWords = { kind: 'due' | 'assumed'; dueOn: string } | { kind: 'unclear' };

/**
 * Reads payment terms as people write them ("30 Tage netto", "60 gg d.f. fine mese", "2/10 net 30", XRechnung's
 * `#SKONTO#TAGE=14#PROZENT=2.00#` beside its net term) in English, Italian, German, French, Spanish and Dutch. A discount
 * for paying early and interest for paying late are no due date; working days, instalments and days from a delivery are
 * unclear.
 * @param invoiceDate `YYYY-MM-DD`, from which days count unless the words name another day.
 */
export function dueDateInWords(words: string, invoiceDate: string): DueInWords {
  const text = normalised(words);
  if (neverOneDay.test(text)) return unclear;
  const clauses = clausesOf(text);
  const from = Temporal.PlainDate.from(invoiceDate);
  return (
    onlyOne(clauses.flatMap((clause) => datesIn(clause, invoiceDate))) ??
    onlyOne(clauses.flatMap((clause) => spansIn(clause, from))) ??
    (immediately.test(text) ? { kind: 'due', dueOn: invoiceDate } : unclear)
  );
}

/** Whether terms speak of a discount for paying early and of nothing else, so that a day beside them is not the due date. */
export function grantOnlyDiscount(words: string): boolean {
  const text = normalised(words);
  return discount.test(text) && !whole.test(text) && !late.test(text);
}

const unclear: DueInWords = { kind: 'unclear' };

/** Undefined when there is none to choose from. */
function onlyOne(found: readonly DueInWords[]): DueInWords | undefined {
  const [first, ...others] = found;
  if (!first) return undefined;
  const isSame = (other: DueInWords): boolean => 'dueOn' in first && 'dueOn' in other && other.dueOn === first.dueOn;
  if (!others.every(isSame)) return unclear;
  return found.find(({ kind }) => kind !== 'due') ?? first;
}

const day = '(?:calendar )?days?|(?:kalender)?tag(?:en?)?|t\\.|gg|giorn[oi]|jours?|j|dias?|dag(?:en|e|er|ar)?|dd';
const week = 'weeks?|wochen?|settiman[ae]|semaines?|semanas?|weken|week';
const month = 'months?|monat(?:en?)?|mes[ei]|mois|meses|mes|maand(?:en)?';
const unit = `(?:${day}|${week}|${month})(?!\\p{L})`;

// Amounts of a part, several parts, and days that only a calendar of holidays knows.
const neverOneDay = new RegExp(
  [
    `\\d ?(?:[/,+&–-]|e|and|und|et|y|en|or|oder|to|bis) ?\\d{1,3} ?${unit}`,
    '(?:working|business|banking) days|werktag|arbeitstag|bank(?:arbeits)?tag|lavorativ|ouvr(?:es|ables)|habiles|werkdagen',
    '(?<!\\p{L})(?:acconto|anticipo|saldo|balance|deposit|advance|instal?lments?|rat[ae]|raten|anzahlung|restbetrag|acompte|solde|anticipado)(?!\\p{L})',
    // A day of some month to come: "le 15", "on the 10th", "am 15.".
    '(?<!\\p{L})(?:le|il|el|on|am|zum|op) (?:the |giorno |dia )?\\d{1,2}(?:th|st|nd|rd|\\.|°)? ?(?:$|[\\n,;])',
    '(?:mese|mois|mes) (?:successivo|seguente|suivant|siguiente) ?(?:il |le |el |al )?\\d|\\d{1,2}(?:th|st|nd|rd|\\.|°)? (?:of |del |des |du )(?:the )?(?:next|following|mese|mes|mois|monats|folgemonats)',
  ].join('|'),
  'u',
);
const immediately =
  /sofort|umgehend|inm?ediat|immediat|(?:up)?on receipt|at sight|a vista|vista fattura|rimessa diretta|reception|comptant|contado|contant|per direct|per omgaande|onmiddellijk|prompt/u;
const late =
  /verzug|verzo(?:e)?gerung|zinsen|mahn|ue?berfae?llig|(?<!\p{L})late(?!\p{L})|overdue|interest|penalt|penalit|retard|indemnite|interet|ritardo|interess[ei]|(?<!\p{L})mora(?!\p{L})|boete|rant|drojsmal|forsinkelse|(?<!\p{L})rente(?!\p{L})/u;
const discount = /%|prozent|percent|skonto|discount|sconto|escompte|korting|descuento|rabatt?/u;
const whole =
  /(?<!\p{L})net(?:to)?(?!\p{L})|fae?llig|zahlungsziel|(?<!\p{L})due(?!\p{L})|full|scadenza|echeance|vencimiento/u;

type Clause = { readonly text: string; readonly isDiscount: boolean };

// One word for "without a discount", one for a month's end, the shorthand 2/10 n/30 gone; blanks are single ones. Accents
// go, as many write without them ("a reception", in capitals above all).
function normalised(words: string): string {
  return (
    words
      .slice(0, 2_000)
      .toLowerCase()
      .normalize('NFD')
      .replaceAll(/\p{Mn}/gu, '')
      .replaceAll(
        /#skonto#tage=(\d{1,3})#prozent=([\d.]{1,10})#(?:basisbetrag=[-\d.]{1,20}#)?/g,
        (_all, days, percent) => (Number(percent) === 0 ? `\n${String(days)} tage netto\n` : '\n'),
      )
      .replaceAll(/[^\S\n]+/g, ' ')
      .replaceAll(
        /ohne (?:jeden |jeglichen )?(?:skonto|abzue?ge?)|rein netto|without (?:any )?(?:deduction|discount)|no discount|senza sconto|sans escompte|zonder korting|sin descuento/g,
        'netto',
      )
      // "30 days, 2% early payment discount under 7 days".
      .replaceAll(/\d[\d.]{0,6} ?% early payment discount under \d{1,3} days/g, '')
      .replaceAll(/(?:pas d['’]|aucun )escompte[^.;\n]*|escompte[^.;\n]*neant/g, '')
      .replaceAll(/(?<![\d.,/])\d{1,2}(?:[.,]\d{1,2})? ?%? ?\/ ?\d{1,3} ?,? ?(?=n(?:et(?:to)?)? ?\/? ?\d)/g, '')
      .replaceAll(/(?<!\p{L})n ?\/ ?(?=\d)/gu, 'net ')
      // "30 (thirty) days".
      .replaceAll(/(?<=\d )\(\p{L}+\) ?/gu, '')
      .replaceAll(/g\.g\.|gg\./g, 'gg ')
      .replaceAll(/d\.? ?f\.? ?f\.? ?m(?!\p{L})\.?|(?<!\p{L})f\.? ?m(?!\p{L})\.?|fine (?:del )?mese/gu, ' fine-mese ')
      .replaceAll(
        /ende (?:des |vom )?(?:folgemonats?|(?:nachsten|folgenden|kommenden) monats)/gu,
        ' fine-mese folgemonat ',
      )
      .replaceAll(/ende des monats|monatsende|fin de mes(?!\p{L})|einde (?:van de )?maand/gu, ' fine-mese ')
      .replaceAll(
        /end of (?:the )?(?:(next|following) )?month|(?<!\p{L})eom(?!\p{L})|month[- ]end|fin (?:de|du) mois/gu,
        ' month-end $1 ',
      )
      .replaceAll(/[^\S\n]+/g, ' ')
  );
}

function clausesOf(text: string): Clause[] {
  const clauses = text
    .split(
      /[\n;]|,(?!\d| \d{4})| [—–] |(?<=\p{L}{4}|\d{4}|-\d{2})\.(?= |$)| (?:oder|or|oppure|ou|otherwise|sonst|danach) /u,
    )
    .filter((clause) => !late.test(clause))
    .map((clause) => ({ text: clause, isDiscount: discount.test(clause) }));
  // Beside a discount, only what is called net or due is not a part of the discount's own terms.
  const hasDiscount = clauses.some(({ isDiscount }) => isDiscount);
  return clauses.filter((clause) => !hasDiscount || whole.test(clause.text));
}

const dueWord =
  /bis|fae?llig|zahlbar|netto?|frist|due|(?<!\p{L})by(?!\p{L})|before|until|pay|entro|scaden|scade|echeance|avant|plus tard|jusqu|verval|uiterlijk|voor(?!\p{L})|venc|antes|forfall?|eingezogen|einzug|abgebucht|abbuchung|lastschrift|debit|collect|addebit|prelev|incass|afgeschreven|adeud|domicilia/u;
const dateForms = [
  /(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})/gu,
  // Nobody who writes EN 16931 invoices puts the month first.
  /(?<![\d.])(?<day>\d{1,2})(?<point>[./-]) ?(?<month>\d{1,2})\k<point> ?(?<year>\d{4})/gu,
  /(?<![\d.])(?<day>\d{2})(?<point>[./])(?<month>\d{2})\k<point>(?<year>\d{2})(?![\d./])/gu,
  /(?<day>\d{1,2})(?:\.|th|st|nd|rd|er|°)? (?:de |of )?(?<name>\p{L}{3,10})\.?,? (?:de )?(?<year>\d{4})/gu,
  /(?<name>\p{L}{3,10}) (?<day>\d{1,2})(?:th|st|nd|rd)?,? (?<year>\d{4})/gu,
];
const monthNames = [
  /^(?:jan|gen|ene)/,
  /^(?:feb|fev)/,
  /^(?:mar|maa|mrt)/,
  /^(?:apr|avr|abr)/,
  /^(?:may|mai|mag|mei)/,
  /^(?:jun|juin|giu)/,
  /^(?:jul|juil|lug)/,
  /^(?:aug|aou|ago)/,
  /^(?:sep|set)/,
  /^(?:oct|okt|ott)/,
  /^nov/,
  /^(?:dec|dez|dic)/,
];

// A day before the invoice is that of something else: an order, a delivery.
function datesIn({ text, isDiscount }: Clause, invoiceDate: string): DueInWords[] {
  if (isDiscount || !dueWord.test(text)) return [];
  return dateForms
    .flatMap((form) => [...text.matchAll(form)])
    .map(({ groups = {} }) => {
      const number = groups['month'] ?? String(monthNames.findIndex((name) => name.test(groups['name'] ?? '')) + 1);
      return `${groups['year']?.padStart(4, '20')}-${number.padStart(2, '0')}-${groups['day']?.padStart(2, '0')}`;
    })
    .filter((date) => isIsoDate(date) && date >= invoiceDate)
    .map((dueOn) => ({ kind: 'due', dueOn }));
}

const spanForm = new RegExp(
  `(?<![\\d.,/])(?<count>\\d{1,3})\\)?[ -]?(?<unit>${unit})|(?<!\\p{L})net(?:to)?:? ?(?<after>\\d{1,3})(?![\\d.,/]|\\p{L})|(?<![\\d.,/])(?<before>\\d{1,3}) (?=net(?:to)?(?!\\p{L})|fine-mese|month-end)`,
  'gu',
);
const netSpan = new RegExp(
  `(?<!\\p{L})net(?:to)?:? \\d{1,3}(?: ?${unit})?|\\d{1,3} ?${unit} net(?:to)?(?!\\p{L})`,
  'u',
);
// Days from an event whose day the words do not tell.
const otherEvent =
  /lieferung|wareneingang|leistung|abnahme|deliver|goods|shipment|completion|consegna|merce|collaudo|livraison|levering|entrega/u;
const receipt = /erhalt|eingang|zugang|receipt|ricevimento|ricezione|reception|recepcion|ontvangst/u;

function spansIn({ text, isDiscount }: Clause, from: Temporal.PlainDate): DueInWords[] {
  const net = isDiscount ? netSpan.exec(text)?.[0] : text;
  if (net === undefined) return [];
  const end = /(?:fine-mese|month-end)(?: ?\+ ?(?<more>\d{1,3})(?: ?gg)?)?/u.exec(net);
  const rest = end ? net.replace(end[0], end[0].slice(0, 'fine-mese'.length)) : net;
  const spans = [...rest.matchAll(spanForm)];
  if (spans.length > 1) return [unclear];
  const span = spans[0]?.groups;
  if (!span && !end) return [];
  if (otherEvent.test(text)) return [unclear];
  const length = span && lengthOf(span);
  if (!end) return length ? [ofReadings([length.of(from)], receipt.test(text))] : [];
  return [ofReadings(readingsAtMonthEnd(rest, length, from, Number(end.groups?.['more'] ?? 0)), receipt.test(text))];
}

type Length = { readonly of: (from: Temporal.PlainDate) => Temporal.PlainDate; readonly days: number | null };

function lengthOf(span: Record<string, string>): Length {
  const count = Number(span['count'] ?? span['after'] ?? span['before']);
  const name = span['unit'] ?? 'gg';
  if (new RegExp(`^(?:${week})$`, 'u').test(name)) return { of: (from) => from.add({ weeks: count }), days: null };
  if (new RegExp(`^(?:${month})$`, 'u').test(name)) return { of: (from) => from.add({ months: count }), days: null };
  return { of: (from) => from.add({ days: count }), days: count };
}

// "60 gg fine mese": the end of the month that the 60th day falls in, where traders count 30 days as a month. In English
// and French the same words also mean days counted from the end of the invoice's month; "days after month-end" only that.
function readingsAtMonthEnd(
  text: string,
  length: Length | undefined,
  from: Temporal.PlainDate,
  more: number,
): Temporal.PlainDate[] {
  const isNext = /successivo|seguente|prossimo|next|following|folgemonat|suivant|siguiente|volgende/u.test(text);
  const lastDay = endOfMonth(isNext ? from.add({ months: 1 }) : from);
  if (!length) return [lastDay.add({ days: more })];
  const afterEnd = length.of(lastDay);
  if (/(?:from|after|ab|nach|dopo|da|dal|apres|desde|na) (?:the )?(?:fine-mese|month-end)/u.test(text))
    return [afterEnd];
  const months = length.days !== null && length.days % 30 === 0 ? from.add({ months: length.days / 30 }) : undefined;
  const inMonth = [length.of(from), ...(months ? [months] : [])].map((date) => endOfMonth(date).add({ days: more }));
  const isEither = text.includes('month-end') || /fine-mese ?\d/u.test(text);
  return isEither ? [...inMonth, afterEnd] : inMonth;
}

function endOfMonth(date: Temporal.PlainDate): Temporal.PlainDate {
  return date.with({ day: date.daysInMonth });
}

function ofReadings(readings: readonly Temporal.PlainDate[], isCountedFromReceipt: boolean): DueInWords {
  const days = [...new Set(readings.map(String))].sort();
  const dueOn = days.at(-1) ?? '';
  if (!isIsoDate(dueOn)) return unclear;
  return { kind: days.length > 1 || isCountedFromReceipt ? 'assumed' : 'due', dueOn };
}
