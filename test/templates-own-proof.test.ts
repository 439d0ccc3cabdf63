import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { composeEmail } from '../src/templates/compose-email.ts';
import { checkTemplate } from '../src/templates/own/check-template.ts';
import { readyTemplate } from '../src/templates/own/own-template.ts';
import { browserPage, withoutChromium } from './support/browser.ts';
import { dueDateFacts, messageFacts } from './support/message-facts.ts';
import { inColumn } from './support/own-template.ts';
import { shapeOf } from './support/page-shape.ts';

/** Right and wrong, in any order: what a template may be made of by accident or by malice. */
const fragments = [
  ['a', ' ', '<', '>', '"', "'", '=', '/', '-', '&', '\n', '<b', '<p ', '</p>', '<p>', '<b>', '</b>', '<br>'],
  ['<!--', '-->', '<!', '--!>', '<!--[if mso]>', '<![endif]-->', '<!--[if !mso]><!-->', '<!--<![endif]-->'],
  ['title="', ' title=', " class='", ' alt="a"', ' onclick="', ' style="', '<a href="', "<a href='", '<img src="'],
  ['\u00a0', '<p\u00a0', '=\u00a0', '</style\u00a0>', '<style>a{}', ' onclick=a ', '"/*"', '"*/"'],
  ['<title>', '</title>', '<style>', '</style>', '<script>', '</script>', '<textarea>', '<svg>', '<table><td>'],
  [
    '{{ customer }}',
    '{{- customer -}}',
    '{{ customer | append: ">" }}',
    '{{ paymentUrl }}',
    '{{ colour }}',
    '{{ "<b>" }}',
  ],
  [
    '{% if dueDateCount > 0 %}',
    '{%- if bank -%}',
    '{% else %}',
    '{% endif %}',
    '{%- endif -%}',
    '{% unless bic %}',
    '{% endunless %}',
  ],
  [
    '{% for row in dueDateRows %}',
    '{{ row.title }}',
    '{{ row.paymentUrl }}',
    '{% endfor %}',
    '{% assign x = customer %}',
    '{{ x }}',
  ],
  ['{% case dueDateCount %}', '{% when 1 %}', '{% endcase %}', '{% comment %}', '{% endcomment %}'],
].flat();
/** Pieces that stand well together, so that not all is refused. */
const whole = [
  '<p title="{{ customer }}">{{ customer }}</p>',
  '{% if dueDateCount > 0 %}<b>{{ customer }}</b>{% else %}a{% endif %}',
  '<p class="a {% if bic %}b{% else %}c{% endif %}">{{ x }}</p>',
  "<a href='{{ paymentUrl }}'>{{ customer }}</a>",
  '<!--[if mso]><i title="a"><![endif]-->',
  '{% for row in dueDateRows %}<i>{{ row.title }}</i>{% endfor %}',
];
const page = fc.array(fc.oneof(fc.constantFrom(...fragments), fc.constantFrom(...whole)), {
  minLength: 1,
  maxLength: 7,
});

const names = [
  '"><img src=x onerror=alert(1)>',
  "' onclick='a",
  '--><script>a</script>',
  '</style><b>',
  'a=b c="d',
  '`${a}`',
  '{{ x }}{% if %}',
];
const factsOf = (name: string) =>
  messageFacts({
    customer: { name },
    dueDates: [dueDateFacts({ documentNumber: name, paymentUrl: 'https://pay.example/a?b="c' })],
  });

describe.skipIf(withoutChromium)('a page that passes the check', () => {
  const tab = browserPage();

  test('stays the page that it is, whatever the names are', async () => {
    let passed = 0;
    await fc.assert(
      fc.asyncProperty(page, fc.constantFrom(...names), async (parts, name) => {
        const mjml = inColumn(`<mj-text>${parts.join('')}</mj-text>`);
        const draft = { key: 'overdue', channel: 'email', locale: 'it', subject: 'a', text: 'b', mjml } as const;
        const checked = await checkTemplate(draft);
        if (checked.kind === 'wrong') return;
        passed += 1;
        const template = readyTemplate({ ...draft, version: 1, html: checked.html });
        const shapes = await Promise.all(
          [name, 'a'.repeat(name.length)].map(async (given) => {
            const made = await composeEmail(factsOf(given), {}, template);
            if (made.kind === 'problem') throw new Error(made.problem.kind);
            return shapeOf(tab(), made.email.rendered.html);
          }),
        );
        const [hostile, harmless] = shapes;
        expect(hostile?.elements).toEqual(harmless?.elements);
        expect(hostile?.elements.join('\n')).not.toMatch(/^script|^iframe| on\w+|javascript:/m);
      }),
      { numRuns: 400 },
    );
    // Otherwise it would have proved nothing.
    expect(passed).toBeGreaterThan(40);
  });
});
