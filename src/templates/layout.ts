import { readFileSync } from 'node:fs';
import { Liquid, type Template } from 'liquidjs';
import { withPlainNodes } from './plain-nodes.ts';

/** What the layout shows. Plain text throughout: it is escaped where it is put in. Empty text means "not there". */
export type LayoutData = {
  readonly lang: string;
  readonly subject: string;
  readonly preview: string;
  readonly sender: string;
  /** An address: `https:`, or `cid:` of an image that comes with the message. */
  readonly logo: string;
  /** `#rrggbb`: the bar and the button, and the letters upon the button. */
  readonly colour: string;
  readonly onColour: string;
  readonly parts: readonly { readonly kind: string; readonly lines: readonly string[] }[];
  readonly rows: readonly {
    readonly title: string;
    readonly due: string;
    readonly late: boolean;
    readonly amount: string;
    /** What it was at first, if that was more. */
    readonly was: string;
    readonly notes: readonly string[];
    readonly paymentUrl: string;
  }[];
  readonly more: string;
  readonly totalLabel: string;
  /** One a currency. */
  readonly totals: readonly string[];
  readonly totalNotes: readonly string[];
  /** `groups`: of a code, the pieces that stand apart and yet are copied as one. */
  readonly bank: readonly { readonly label: string; readonly value: string; readonly groups: readonly string[] }[];
  readonly qr: { readonly src: string; readonly alt: string; readonly scan: string };
  readonly paymentUrl: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly footer: readonly string[];
};

// MJML checks colours before Liquid knows them, so two colours that nothing else has hold their places.
const colourInSource = /#a1b2c3/gi;
const onColourInSource = /#d4e5f6/gi;

const source = readFileSync(new URL('reminder.mjml', import.meta.url), 'utf8');
const liquid = new Liquid({
  outputEscape: (value: unknown) => escapeHtml(textOf(value)),
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  // The template is ours alone; these bound what an odd message can make of it.
  renderLimit: 2_000,
  memoryLimit: 20_000_000,
});
// Each escapes what it is given, so their results are not escaped again.
liquid.registerFilter('lines', { raw: true, handler: (value: unknown) => escaped(value).join('<br />') });
// A bank's form may cut a pasted IBAN off at 27 letters, so its groups are set apart by style: what is copied has no
// spaces. A line may break between them.
const group = (text: string): string => `<span style="padding-right:7px">${text}</span>`;
liquid.registerFilter('groups', { raw: true, handler: (value: unknown) => escaped(value).map(group).join('<wbr />') });
let compiled: Promise<Template[]> | undefined;

/** The HTML of an email. MJML compiles once, with the Liquid tags in it; each message then costs a Liquid rendering. */
export async function renderLayout(data: LayoutData): Promise<string> {
  compiled ??= compile();
  const html: unknown = liquid.renderSync(await compiled, data);
  if (typeof html !== 'string') throw new Error('the layout rendered to no text');
  return html;
}

async function compile(): Promise<Template[]> {
  // Loaded with the first email: it is large, and most commands of the program send none.
  const { default: mjml } = await import('mjml');
  const { html, errors } = await mjml(source, {
    validationLevel: 'strict',
    ignoreIncludes: true,
    keepComments: false,
    // Otherwise a font that only stands in the list would be fetched from its maker by every reader.
    fonts: {},
  });
  if (errors.length > 0) throw new Error(`reminder.mjml: ${errors.map((error) => error.formattedMessage).join('; ')}`);
  const plain = html.replaceAll(colourInSource, '{{ colour }}').replaceAll(onColourInSource, '{{ onColour }}');
  return withPlainNodes(liquid.parse(withoutIndentation(plain)));
}

// A fifth of the page, which would go with every message.
function withoutIndentation(html: string): string {
  return html
    .replaceAll(/<[^<>]*>/g, (tag) => tag.replaceAll(/\s+/g, ' ').replace(' >', '>'))
    .replaceAll(/[ \t]*\n\s*/g, '\n');
}

function escaped(value: unknown): string[] {
  return Array.isArray(value) ? value.map((each) => escapeHtml(textOf(each))) : [escapeHtml(textOf(value))];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

const special = /[&<>"']/;

function escapeHtml(text: string): string {
  if (!special.test(text)) return text;
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;');
}
