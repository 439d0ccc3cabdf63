import { isIsoDate } from '../../domain/invoice.ts';
import { InvoiceRefused } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/**
 * A day in a child such as `DueDateDateTime`: `DateTimeString` or `DateString` in a format of UNTDID 2379 (102 a day, 203
 * to 205 with its time, 610 a month, 616 a week), or `DateTime` and `Date` as XML writes them.
 * @param edge which day a month or a week stands for: what falls due in it is due on its last.
 */
export function dateIn(element: XmlElement | undefined, name: string, edge: 'first' | 'last'): string | null {
  const holder = element?.child(name);
  const value =
    holder?.child('DateTimeString') ??
    holder?.child('DateString') ??
    holder?.child('DateTime') ??
    holder?.child('Date');
  if (!value || value.text === '') return null;
  const day = dayOf(value.text, value.attributes.get('format')?.trim() ?? '', edge);
  if (day !== undefined && isIsoDate(day)) return day;
  const shown = value.text.length > 40 ? `${value.text.slice(0, 40)}…` : value.text;
  throw new InvoiceRefused('date-invalid', `"${shown}" is no date of the calendar`, value.path);
}

function dayOf(text: string, format: string, edge: 'first' | 'last'): string | undefined {
  const iso = /^(\d{4}-\d{2}-\d{2})(?:T[\d:.]{1,20})?(?:Z|[+-]\d{2}:?\d{2})?$/.exec(text)?.[1];
  if (iso !== undefined) return iso;
  const [, year = '', rest = ''] = /^(\d{4})(\d{2,16})/.exec(text) ?? [];
  if (format === '610') return rest.length === 2 ? monthDay(year, rest, edge) : undefined;
  if (format === '616') return rest.length === 2 ? weekDay(year, Number(rest), edge) : undefined;
  const digits = { '102': 8, '203': 12, '204': 14, '205': 12 }[format] ?? 8;
  if (format !== '205' && text.length !== digits) return undefined;
  return /^\d{4}/.test(rest) ? `${year}-${rest.slice(0, 2)}-${rest.slice(2, 4)}` : undefined;
}

function monthDay(year: string, month: string, edge: 'first' | 'last'): string | undefined {
  const first = `${year}-${month}-01`;
  if (!isIsoDate(first) || edge === 'first') return first;
  return `${year}-${month}-${Temporal.PlainDate.from(first).daysInMonth}`;
}

// ISO 8601: the first week holds the fourth of January and begins on a Monday.
function weekDay(year: string, week: number, edge: 'first' | 'last'): string | undefined {
  const fourth = `${year}-01-04`;
  if (!isIsoDate(fourth) || week < 1) return undefined;
  const inFirst = Temporal.PlainDate.from(fourth);
  const monday = inFirst.subtract({ days: inFirst.dayOfWeek - 1 }).add({ weeks: week - 1 });
  const hasWeek = week < 53 || monday.weekOfYear === 53;
  return hasWeek ? monday.add({ days: edge === 'first' ? 0 : 6 }).toString() : undefined;
}
