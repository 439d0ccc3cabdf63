import { readFileSync } from 'node:fs';
import { Liquid, type Template } from 'liquidjs';

/** What the layout shows. Plain text throughout: it is escaped where it is put in. Empty text means "not there". */
export type LayoutData = {
  readonly lang: string;
  readonly subject: string;
  readonly preview: string;
  readonly sender: string;
  readonly logo: string;
  /** `#rrggbb`: the header and the button, and the letters upon them. */
  readonly colour: string;
  readonly onColour: string;
  readonly parts: readonly { readonly kind: string; readonly lines: readonly string[] }[];
  readonly rows: readonly Readonly<Record<string, string | boolean>>[];
  readonly more: string;
  readonly totalLabel: string;
  readonly outstanding: string;
  readonly received: string;
  readonly bank: readonly { readonly label: string; readonly value: string; readonly code: boolean }[];
  readonly paymentUrl: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly footer: readonly string[];
};

// MJML checks colours before Liquid knows them, so two colours that nothing else has hold their places.
const colourInSource = /#a1b2c3/gi;
const onColourInSource = /#d4e5f6/gi;

const source = readFileSync(new URL('reminder.mjml', import.meta.url), 'utf8');
const liquid = new Liquid({
  outputEscape: 'escape',
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  // The template is ours alone; these bound what an odd message can make of it.
  renderLimit: 2_000,
  memoryLimit: 20_000_000,
});
let compiled: Promise<Template[]> | undefined;

/** The HTML of an email. MJML compiles once, with the Liquid tags in it; each message then costs a Liquid rendering. */
export async function renderLayout(data: LayoutData): Promise<string> {
  compiled ??= compile();
  const html: unknown = await liquid.renderSync(await compiled, data);
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
  return liquid.parse(html.replaceAll(colourInSource, '{{ colour }}').replaceAll(onColourInSource, '{{ onColour }}'));
}
