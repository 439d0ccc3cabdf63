import { isIsoDate } from '../../domain/invoice.ts';
import { dateOf, InvoiceRefused } from '../field.ts';
import type { XmlElement } from '../xml-tree.ts';

/** A name or an address: written over several lines in the file, it is still one line (xs:normalizedString). */
export function lineOf(element: XmlElement | undefined, name: string): string | null {
  return element?.textOf(name)?.replaceAll(/\s+/g, ' ') ?? null;
}

/** A code or an identifier, which real files also write in small letters or in groups: `n2.2`, `IT 01234567890`. */
export function codeOf(element: XmlElement | undefined, name: string): string | null {
  return element?.textOf(name)?.replaceAll(/\s/g, '').toUpperCase() ?? null;
}

export function requiredCode(element: XmlElement, name: string): string {
  const code = codeOf(element, name);
  if (code !== null) return code;
  throw new InvoiceRefused('missing-element', `${name} is missing or empty`, element.pathOf(name));
}

/**
 * A day. Some programs write an instant instead, often midnight in Italy counted from Greenwich
 * (`2026-12-04T23:00:00Z`): the day that it is in Italy is meant.
 */
export function dayOf(element: XmlElement, name: string): string | null {
  return dayInItaly(element.textOf(name) ?? '') ?? dateOf(element, name);
}

const instantForm = /^(\d{4}-\d{2}-\d{2})[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/;

function dayInItaly(text: string): string | undefined {
  const [, day = '', zone] = instantForm.exec(text) ?? [];
  if (!isIsoDate(day)) return undefined;
  if (zone === undefined) return day;
  try {
    const there = Temporal.Instant.from(text).toZonedDateTimeISO('Europe/Rome').toPlainDate().toString();
    return isIsoDate(there) ? there : undefined;
  } catch {
    // An offset of a day or more.
    return undefined;
  }
}
