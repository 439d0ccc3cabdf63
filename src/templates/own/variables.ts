import { placeholders } from '../placeholders.ts';

/** What a name in a template holds. An `address` is a web address or empty, a `colour` always `#rrggbb`. */
export type Shape =
  | { readonly kind: 'text' | 'number' | 'flag' | 'address' | 'colour' }
  | { readonly kind: 'list'; readonly of: Shape }
  | { readonly kind: 'record'; readonly fields: ReadonlyMap<string, Shape> };

export type Shapes = ReadonlyMap<string, Shape>;

export const text: Shape = { kind: 'text' };
const number: Shape = { kind: 'number' };
const address: Shape = { kind: 'address' };
const flag: Shape = { kind: 'flag' };
const list = (of: Shape): Shape => ({ kind: 'list', of });
const record = (fields: Readonly<Record<string, Shape>>): Shape => ({
  kind: 'record',
  fields: new Map(Object.entries(fields)),
});

const rowFields = {
  title: text,
  dueOn: text,
  daysLate: number,
  late: flag,
  amount: text,
  outstanding: text,
  received: text,
  credited: text,
  paymentUrl: address,
};

const labelNames = [
  'due',
  'amount',
  'received',
  'open',
  'total',
  'bankHeading',
  'holder',
  'reference',
  'payOnline',
  'document',
  'credited',
  'colon',
] as const;
export type LabelName = (typeof labelNames)[number];

type Variable = { readonly shape: Shape; readonly description: string };

/** Beside the placeholders, in every field. */
const everywhere = {
  dueDateCount: { shape: number, description: 'how many due dates the message speaks of' },
  dueDateRows: {
    shape: list(record(rowFields)),
    description: `a list: ${Object.keys(rowFields).join(', ')} of each due date`,
  },
  bank: { shape: list(record({ label: text, value: text })), description: 'a list: label, value of each line' },
  labels: {
    shape: record(Object.fromEntries(labelNames.map((name) => [name, text]))),
    description: `words of that language: ${labelNames.join(', ')}`,
  },
  lang: { shape: text, description: 'the language, for the lang attribute' },
} satisfies Record<string, Variable>;

/** In the MJML alone. */
const inMjml = {
  subject: { shape: text, description: 'the subject, filled in' },
  preview: { shape: text, description: 'what a list of messages shows beside the subject' },
  message: {
    shape: list(list(text)),
    description: 'the message: a list of paragraphs, each a list of lines, without the blocks',
  },
  more: { shape: text, description: 'says how many due dates are not in dueDateRows; usually empty' },
  colour: { shape: { kind: 'colour' }, description: 'the tenant’s colour' },
  onColour: { shape: { kind: 'colour' }, description: 'for letters upon it' },
  logo: { shape: address, description: 'the address of the tenant’s logo' },
  qr: { shape: address, description: 'the address of the code that a bank’s app scans' },
  footer: { shape: list(text), description: 'the lines that say who sent it and where an answer goes' },
} satisfies Record<string, Variable>;

const numbers: ReadonlySet<string> = new Set(['daysLate']);
const addresses: ReadonlySet<string> = new Set(['paymentUrl', 'documentUrl']);

const ofPlaceholders: readonly (readonly [string, Shape])[] = Object.keys(placeholders).map((name) => [
  name,
  numbers.has(name) ? number : addresses.has(name) ? address : text,
]);

const shapesOf = (variables: Readonly<Record<string, Variable>>): (readonly [string, Shape])[] =>
  Object.entries(variables).map(([name, { shape }]) => [name, shape]);

/** What a subject or a text may name. */
export const textShapes: Shapes = new Map([...ofPlaceholders, ...shapesOf(everywhere)]);
/** What MJML may name. */
export const mjmlShapes: Shapes = new Map([...textShapes, ...shapesOf(inMjml)]);

/** Inside a loop, where it is. */
export const loopShape: Shape = record({
  index: number,
  index0: number,
  rindex: number,
  rindex0: number,
  length: number,
  first: flag,
  last: flag,
});

/** All names, for those who write templates. */
export function describedVariables(): { name: string; description: string; mjmlOnly: boolean }[] {
  return [
    ...Object.entries(placeholders).map(([name, description]) => ({ name, description, mjmlOnly: false })),
    ...Object.entries(everywhere).map(([name, { description }]) => ({ name, description, mjmlOnly: false })),
    ...Object.entries(inMjml).map(([name, { description }]) => ({ name, description, mjmlOnly: true })),
  ];
}
