import { type Liquid, LiquidError, type Template, toValueSync, type Token, TypeGuards, Value } from 'liquidjs';
import { allowed } from './liquid.ts';
import type { Mistake, MistakeCode } from './mistake.ts';
import { loopShape, type Shape, type Shapes, text } from './variables.ts';

/** An output as it stands in the source: what it puts there, and whether that is a variable as it is. */
export type Output = { readonly shape: Shape; readonly bare: boolean };

const deepest = 20;

export type LiquidCheck = {
  readonly mistakes: readonly Mistake[];
  readonly templates: readonly Template[];
  /** By where they begin. */
  readonly outputs: ReadonlyMap<number, Output>;
};

/**
 * Reads a template's Liquid and says what is wrong with it without running it: syntax, tags, filters, names and
 * their parts. @param known what may be named.
 */
export function checkLiquid(source: string, known: Shapes, liquid: Liquid): LiquidCheck {
  let templates: Template[];
  try {
    templates = liquid.parse(source);
  } catch (error) {
    return { mistakes: [mistakeOf(error)], templates: [], outputs: new Map() };
  }
  const walk = new Walk(known);
  walk.block(templates, known);
  return { mistakes: walk.mistakes, templates, outputs: walk.outputs };
}

/** An error of Liquid in our words. @throws what is none of Liquid's. */
export function mistakeOf(error: unknown): Mistake {
  if (!(error instanceof LiquidError)) throw error;
  const line = lineOf(error.token);
  const said = (error.originalError?.message ?? error.message).replace(/, line:\d+, col:\d+$/, '').slice(0, 200);
  const filter = /^undefined filter: (.*)$/.exec(said)?.[1];
  if (filter !== undefined) {
    return { code: 'unknown-filter', line, message: `knows no filter "${filter}": ${allowed.filters.join(', ')}` };
  }
  const tag = /^tag "(.*)" not found$/.exec(said)?.[1];
  if (tag !== undefined) {
    const known = allowed.tags.filter((name) => name !== '#').join(', ');
    return { code: 'unknown-tag', line, message: `has a tag "${tag}" that is not taken here: ${known}` };
  }
  // liquidjs reads what is nested by calling itself.
  const message = error.originalError instanceof RangeError ? 'is nested too deeply' : said;
  return { code: 'liquid-syntax', line, message };
}

class Walk {
  readonly mistakes: Mistake[] = [];
  readonly outputs = new Map<number, Output>();
  readonly #known: Shapes;
  /** What the template names itself, in any place: an assignment holds from there to the end. */
  readonly #assigned = new Map<string, Shape>();
  /** Two loops over different things may not share a name: one of them would be misread. */
  readonly #looped = new Map<string, string>();

  constructor(known: Shapes) {
    this.#known = known;
  }

  block(templates: readonly Template[], scope: Shapes, depth = 0): void {
    for (const template of templates) this.#one(template, scope, depth);
  }

  #one(template: Template, scope: Shapes, depth: number): void {
    const shapes = [...(template.arguments?.() ?? [])].map((argument) => this.#argument(argument, scope));
    if (TypeGuards.isOutputToken(template.token)) this.#output(template, shapes[0] ?? text, scope);
    for (const name of template.localScope?.() ?? []) {
      if (this.#claim(name.content, template.token)) this.#assigned.set(name.content, shapes[0] ?? text);
    }
    const [variable] = template.blockScope?.() ?? [];
    const inner = variable === undefined ? scope : this.#loop(variable, shapes[0], template.token, scope);
    const children = [...(toValueSync(template.children?.(false, true)) ?? [])];
    // liquidjs calls itself for each level, and where it runs in the end there may be less room than here.
    if (depth < deepest) this.block(children, inner, depth + 1);
    else if (children.length > 0) this.#wrong('liquid-syntax', template.token, 'is nested too deeply');
  }

  #loop(variable: string, over: Shape | undefined, token: Token, scope: Shapes): Shapes {
    let item = text;
    if (over?.kind === 'list') item = over.of;
    else if (over !== undefined) this.#wrong('not-a-list', token, 'goes over something that is no list');
    const shape = JSON.stringify(describe(item));
    if (this.#claim(variable, token)) {
      if ((this.#looped.get(variable) ?? shape) !== shape) {
        this.#wrong('name-taken', token, `gives the name ${variable} to items of two kinds: take another name`);
      }
      this.#looped.set(variable, shape);
    }
    return new Map([...scope, [variable, item], ['forloop', loopShape]]);
  }

  // What has a meaning keeps it: an address must stay one wherever it stands.
  #claim(name: string, token: Token): boolean {
    if (!this.#known.has(name) && name !== 'forloop') return true;
    this.#wrong('name-taken', token, `gives ${name} another meaning: take another name`);
    return false;
  }

  #output(template: Template, shape: Shape, scope: Shapes): void {
    const [value] = template.arguments?.() ?? [];
    if (!(value instanceof Value)) return;
    const tokens = value.initial.postfix;
    if (tokens.length !== 1) this.#wrong('liquid-syntax', template.token, 'takes one value between {{ and }}');
    // The escaping is a filter as well, the last.
    const filtered = value.filters.some(({ name }) => allowed.filters.includes(name));
    const [first] = tokens;
    if (!filtered && (shape.kind === 'list' || shape.kind === 'record')) {
      const what = shape.kind === 'list' ? 'a list: go over it with for' : 'a record: name one of its parts';
      this.#wrong('not-text', template.token, `shows ${first?.getText() ?? 'what is'}, which is ${what}`);
    }
    const root = first && TypeGuards.isPropertyAccessToken(first) ? first.props[0] : undefined;
    const own = root && TypeGuards.isWordToken(root) && !scope.has(root.content);
    this.outputs.set(template.token.begin, { shape: filtered ? text : shape, bare: !filtered && !own });
  }

  /** Checks a value's names and filters. @returns what it holds. */
  #argument(argument: Value | Token, scope: Shapes): Shape {
    if (!(argument instanceof Value)) return this.#token(argument, scope);
    const shapes = argument.initial.postfix.map((token) => this.#token(token, scope));
    for (const filter of argument.filters) {
      for (const arg of filter.args) {
        const token = Array.isArray(arg) ? arg[1] : arg;
        if (token) this.#token(token, scope);
      }
    }
    const own = argument.filters.filter(({ name }) => allowed.filters.includes(name));
    return own.length === 0 && shapes.length === 1 ? (shapes[0] ?? text) : text;
  }

  #token(token: Token, scope: Shapes): Shape {
    if (TypeGuards.isRangeToken(token)) {
      this.#token(token.lhs, scope);
      this.#token(token.rhs, scope);
      return { kind: 'list', of: { kind: 'number' } };
    }
    if (!TypeGuards.isPropertyAccessToken(token)) return text;
    const [root, ...parts] = token.props;
    if (token.variable !== undefined || root === undefined || !TypeGuards.isWordToken(root)) {
      this.#wrong('liquid-syntax', token, `cannot read ${token.getText()}`);
      return text;
    }
    let shape = scope.get(root.content) ?? this.#assigned.get(root.content);
    for (const part of parts) {
      if (!TypeGuards.isWordToken(part)) this.#token(part, scope);
      shape = shape && partOf(shape, part);
    }
    if (shape !== undefined) return shape;
    const name = token.getText().slice(0, 80);
    this.mistakes.push({ code: 'unknown-variable', line: lineOf(token), message: `knows no variable ${name}`, name });
    return text;
  }

  #wrong(code: MistakeCode, token: Token, message: string): void {
    this.mistakes.push({ code, line: lineOf(token), message });
  }
}

function partOf(shape: Shape, part: Token): Shape | undefined {
  const name = TypeGuards.isWordToken(part) || TypeGuards.isQuotedToken(part) ? part.content : undefined;
  if (shape.kind === 'record') return name === undefined ? undefined : shape.fields.get(name);
  if (name === 'size' && (shape.kind === 'list' || shape.kind === 'text')) return { kind: 'number' };
  if (shape.kind !== 'list') return undefined;
  return name === 'first' || name === 'last' || TypeGuards.isNumberToken(part) ? shape.of : undefined;
}

function describe(shape: Shape): unknown {
  if (shape.kind === 'list') return [describe(shape.of)];
  return shape.kind === 'record' ? [...shape.fields.keys()] : shape.kind;
}

function lineOf(token: Token): number {
  return token.getPosition()[0] ?? 1;
}
