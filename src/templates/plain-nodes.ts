import { type Context, type Emitter, IfTag, isTruthy, Output, type Template, toValueSync, TypeGuards } from 'liquidjs';

/**
 * Gives the plain nodes of a parsed template (text, `{{ path }}` with filters that take no arguments, `if` on a path or
 * on its equality with a text) a rendering without generators, in which most of LiquidJS's time goes: the same bytes in a
 * third of the time. Whatever is not plain, also in the data, is left to LiquidJS, and so are scopes
 * and limits. For renderSync.
 */
export function withPlainNodes(templates: Template[]): Template[] {
  for (const template of templates) {
    const render = plainRendering(template);
    if (render) template.render = render;
    const children = toValueSync(template.children?.(false, true) ?? []);
    withPlainNodes(children);
  }
  return templates;
}

type Rendering = (context: Context, emitter: Emitter) => unknown;

function plainRendering(template: Template): Rendering | undefined {
  if (TypeGuards.isHTMLToken(template.token)) {
    const text = template.token.getContent();
    return (_context, emitter) => emitter.write(text);
  }
  if (template instanceof Output) return outputRendering(template);
  return template instanceof IfTag ? ifRendering(template) : undefined;
}

function outputRendering(output: Output): Rendering | undefined {
  const { initial, filters } = output.value;
  const read = initial.postfix.length === 1 ? pathReader(initial.postfix[0]) : undefined;
  if (!read || filters.some(({ args }) => args.length > 0)) return undefined;
  const usual = output.render.bind(output);
  const handlers = filters.map((filter) => {
    const { token, liquid } = { token: filter['token'], liquid: filter['liquid'] };
    return (context: Context, value: unknown): unknown =>
      toValueSync(filter['handler'].call({ context, token, liquid }, value));
  });
  return (context, emitter) => {
    const value = read(context);
    if (!isPlain(value)) return usual(context, emitter);
    emitter.write(handlers.reduce((made: unknown, handle) => handle(context, made), value));
    return undefined;
  };
}

function ifRendering(tag: IfTag): Rendering | undefined {
  const tests = tag.branches.map(({ value, templates }) => ({ test: testOf(value), templates }));
  const usual = tag.render.bind(tag);
  const { renderer } = tag.liquid;
  // What it answers is all that was written so far, to be written by nobody again.
  const renderAll = (templates: Template[], context: Context, emitter: Emitter): void =>
    void toValueSync(renderer.renderTemplates(templates, context, emitter));
  if (tests.some(({ test }) => test === undefined)) return undefined;
  return (context, emitter) => {
    for (const { test, templates } of tests) {
      const holds = test?.(context);
      if (holds === undefined) return usual(context, emitter);
      if (holds) return renderAll(templates, context, emitter);
    }
    return renderAll(tag.elseTemplates ?? [], context, emitter);
  };
}

/** Whether a condition holds, as a function; that answers undefined for what is not plain in the data. */
function testOf({ initial, filters }: IfTag['branches'][number]['value']) {
  const [left, right, operator, ...more] = initial.postfix;
  const read = pathReader(left);
  if (!read || filters.length > 0 || more.length > 0) return undefined;
  if (right === undefined) {
    return (context: Context): boolean | undefined => {
      const value = read(context);
      return isPlain(value) ? isTruthy(value, context) : undefined;
    };
  }
  if (!TypeGuards.isQuotedToken(right) || !TypeGuards.isOperatorToken(operator)) return undefined;
  const text = right.content;
  if (operator.operator !== '==' && operator.operator !== '!=') return undefined;
  const wanted = operator.operator === '==';
  return (context: Context): boolean | undefined => {
    const value = read(context);
    return typeof value === 'string' ? (value === text) === wanted : undefined;
  };
}

/** Reads `a.b.c` as LiquidJS does; undefined for any other expression. */
function pathReader(token: unknown): ((context: Context) => unknown) | undefined {
  if (!TypeGuards.isPropertyAccessToken(token) || token.variable !== undefined) return undefined;
  const names = token.props.filter((prop) => TypeGuards.isWordToken(prop)).map(({ content }) => content);
  const [first, ...others] = names;
  if (first === undefined || names.length !== token.props.length) return undefined;
  return (context) => {
    let value: unknown = context.readProperty(context['findScope'](first), first);
    for (const name of others) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = context.readProperty(value, name);
    }
    return value;
  };
}

/** Not missing, which may be an error, and no object, which LiquidJS may have to ask for its value. */
function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || Array.isArray(value);
}
