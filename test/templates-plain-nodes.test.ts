import * as fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { describe, expect, test } from 'vitest';
import { withPlainNodes } from '../src/templates/plain-nodes.ts';

const templates = [
  'text alone',
  '{{ a }}|{{ b.c }}|{{ list }}|{{ list.size }}|{{ list.first }}|{{ b }}',
  '{{ a | upcase }}|{{ a | escape | downcase }}|{{ a | append: b.c }}|{{ list | join }}|{{ a | twice }}',
  '{% if a %}yes {{ a }}{% elsif b.c %}else {{ b.c }}{% else %}no{% endif %} after',
  '{% if a == "x" %}x{% elsif a != "y" %}not y{% endif %}{% if b.c == \'\' %}empty{% endif %}',
  '{% if a == b.c %}same{% endif %}{% if a contains "x" %}has{% endif %}{% if a and b.c %}both{% endif %}',
  '{% for x in list %}{{ forloop.index }}{{ x }}{% if forloop.last %}.{% else %}, {% endif %}{% endfor %}',
  '{% for x in list %}{% if x == "stop" %}{% break %}{% endif %}{{ x }}{% for y in list %}{{ y }}{% endfor %}{% endfor %}',
  '{% assign z = a | upcase %}{{ z }}{% unless a %}none{% endunless %}{% case a %}{% when "x" %}{{ b.c }}{% else %}other{% endcase %}',
  '{% if missing %}x{% endif %}',
  '{{ missing }}',
  '{{ b.missing.deeper }}',
  '{{ "literal" }}{{ 3 }}{{ list[0] }}{{ b["c"] }}{{ (1..3) }}',
];

const scalar = fc.oneof(
  fc.constantFrom('', 'x', 'y', 'stop', '<b>', '{{ a }}'),
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const data = fc.record({ a: scalar, b: fc.record({ c: scalar }), list: fc.array(scalar, { maxLength: 4 }) });

describe.each([
  ['strictly', { strictVariables: true }],
  ['leniently', { strictVariables: false, jsTruthy: true }],
  ['with lenient conditions', { strictVariables: true, lenientIf: true }],
])('a template that is read %s', (_how, options) => {
  const liquid = new Liquid({ outputEscape: 'escape', ownPropertyOnly: true, ...options });
  liquid.registerFilter('twice', { raw: true, handler: (value: unknown) => `<i>${String(value)}${String(value)}</i>` });

  function outcome(parsed: ReturnType<Liquid['parse']>, scope: object): string {
    try {
      return String(liquid.renderSync(parsed, scope));
    } catch (error) {
      return `thrown: ${error instanceof Error ? error.message : ''}`;
    }
  }

  test.each(templates)('gives what LiquidJS gives: %s', (source) => {
    const usual = liquid.parse(source);
    const quick = withPlainNodes(liquid.parse(source));
    fc.assert(
      fc.property(data, (scope) => {
        expect(outcome(quick, scope)).toBe(outcome(usual, scope));
      }),
      { numRuns: 60 },
    );
  });

  test('reads no property that is not the data’s own', () => {
    const source = '{{ a.constructor }}{{ a.length }}{{ b.__proto__ }}{{ toString }}';
    const scope = { a: 'x', b: {} };
    expect(outcome(withPlainNodes(liquid.parse(source)), scope)).toBe(outcome(liquid.parse(source), scope));
  });

  test('ends in time and within its memory', () => {
    const source =
      '{% for x in list %}{% for y in list %}{% for z in list %}{{ z }}{% endfor %}{% endfor %}{% endfor %}';
    const scope = { list: Array.from({ length: 2_000 }, () => 'x') };
    const bounded = { renderLimit: 50, memoryLimit: 10_000_000 };
    const parsed = withPlainNodes(liquid.parse(source));
    expect(() => void liquid.renderSync(parsed, scope, bounded)).toThrow(/limit exceeded/);
  });
});
