import { type Context, type Emitter, evalToken, ForTag, Liquid, type Template } from 'liquidjs';

/** What a template may do: choose, repeat, name, and rewrite text. Nothing that reads files, dates or other templates. */
const allowedTags = ['if', 'unless', 'case', 'for', 'assign', 'comment', '#'];
const allowedFilters = [
  'append',
  'capitalize',
  'default',
  'downcase',
  'lstrip',
  'prepend',
  'remove',
  'remove_first',
  'replace',
  'replace_first',
  'rstrip',
  'size',
  'slice',
  'strip',
  'strip_newlines',
  'truncate',
  'truncatewords',
  'upcase',
];

export const allowed = { tags: allowedTags, filters: allowedFilters };

/**
 * Letters and items that one rendering may make, a loop's turn counted as the whole template: fifty due dates find room
 * twice over, and what is made to take long ends within a fraction of a second. The same on every machine, so what passes
 * the check passes for ever; the time below is for what nobody thought of.
 */
const mostInText = 2_000_000;
const mostInHtml = 10_000_000;

/** Letters of a source that is read at all. */
export const longestSource = 400_000;

const common = {
  strictFilters: true,
  ownPropertyOnly: true,
  // What is not there is an empty text, and nobody expects that to count as true.
  jsTruthy: true,
  parseLimit: longestSource,
  renderLimit: 1_000,
} as const;

/** liquidjs does not count what a loop makes: each turn is charged as if it put out the whole template. */
class BoundedFor extends ForTag {
  override *render(context: Context, emitter: Emitter): Generator<unknown, void | string, Template[]> {
    const over: unknown = yield* evalToken(this.collection, context);
    const turns = Array.isArray(over) ? over.length : 0;
    context.memoryLimit.use(turns * Math.max(1_000, this.token.input.length));
    return yield* super.render(context, emitter);
  }
}

/** For subjects and texts: plain in, plain out. */
export const plainLiquid = restricted(new Liquid({ ...common, memoryLimit: mostInText }));
/** For HTML: every output is escaped, without a way around it. */
export const htmlLiquid = restricted(new Liquid({ ...common, memoryLimit: mostInHtml, outputEscape: 'escape' }));

function restricted(liquid: Liquid): Liquid {
  for (const name of Object.keys(liquid.tags)) if (!allowedTags.includes(name)) delete liquid.tags[name];
  for (const name of Object.keys(liquid.filters)) if (!allowedFilters.includes(name)) delete liquid.filters[name];
  liquid.registerTag('for', BoundedFor);
  return liquid;
}
