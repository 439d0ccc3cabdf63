import { describe, expect, test } from 'vitest';
import { checkApart, TooManyChecks } from '../src/templates/own/check-apart.ts';
import { checkTemplate, type TemplateDraft } from '../src/templates/own/check-template.ts';
import { inColumn, wholeMjml } from './support/own-template.ts';

const email: TemplateDraft = {
  key: 'overdue',
  channel: 'email',
  locale: 'it',
  subject: 'Scaduto: {{ documentTitle }}',
  text: 'Gentile {{ customer }},\n\n{{ outstanding }}\n\n{{ dueDates }}',
  mjml: null,
};
const sms: TemplateDraft = { ...email, channel: 'sms', subject: null, text: '{{ sender }}: {{ outstanding }}' };

const faults = async (draft: Partial<TemplateDraft>): Promise<string[]> => {
  const checked = await checkTemplate({ ...email, ...draft });
  return checked.kind === 'right' ? [] : checked.mistakes.map(({ field, code, line }) => `${field} ${code} ${line}`);
};
const faultsOfMjml = async (mjml: string): Promise<string[]> =>
  (await faults({ mjml })).map((fault) => fault.replace('mjml ', ''));

describe('what is taken', () => {
  test('MJML with everything that a template may show', async () => {
    expect(await faultsOfMjml(wholeMjml)).toEqual([]);
  });

  test('every component of MJML', async () => {
    const url = 'https://example.com/a.png';
    const sections = `<mj-hero background-url="${url}" background-width="600px" background-height="400px"><mj-text>a</mj-text></mj-hero>
      <mj-wrapper full-width="full-width" background-url="${url}"><mj-section background-url="${url}"><mj-group><mj-column><mj-divider />
      <mj-spacer height="10px" /><mj-table><tr><td>a</td></tr></mj-table></mj-column></mj-group></mj-section></mj-wrapper>
      <mj-section><mj-column><mj-social><mj-social-element name="linkedin" href="https://example.com">a</mj-social-element></mj-social>
      <mj-accordion><mj-accordion-element><mj-accordion-title>a</mj-accordion-title><mj-accordion-text>a</mj-accordion-text></mj-accordion-element></mj-accordion>
      <mj-carousel><mj-carousel-image src="${url}" /><mj-carousel-image src="${url}" /></mj-carousel>
      <mj-navbar hamburger="hamburger"><mj-navbar-link href="https://example.com/">a</mj-navbar-link></mj-navbar></mj-column></mj-section>`;
    expect(await faultsOfMjml(`<mjml><mj-body>${sections}</mj-body></mjml>`)).toEqual([]);
  });

  test.each([
    'a < b & c &lt; d',
    '{% assign tag = "<script>" %}{{ tag }}{{ tag | append: "alert(1)" }}',
    '<a href="mailto:accounts@example.com">a</a> <a href="tel:+390101234567">b</a> <a href="https://example.com/?a=1&amp;b=2">c</a>',
    '<p class="a {% if dueDateCount > 1 %}many{% else %}one{% endif %}">a</p>',
    '{% case dueDateCount %}{% when 1 %}<b>{% else %}<b>{% endcase %}a</b>',
    '{% comment %} {{ anything }} {% endcomment %}a{% # or this %}',
    '<!--[if mso]><table><tr><td style="color:{{ colour }}"><![endif]-->a<!--[if mso]></td></tr></table><![endif]-->',
    '{{- customer -}} {%- if bank.size > 0 -%} {{ bank[0].value | truncate: 20 }} {%- endif -%}',
    '{{ dueDateRows.first.title }} {{ dueDateRows.size }} {{ bank.last.label | default: "none" }}',
  ])('%s', async (text) => {
    expect(await faultsOfMjml(inColumn(`<mj-text>${text}</mj-text>`))).toEqual([]);
  });

  test('an email without MJML and an SMS, with and without Liquid', async () => {
    expect(await faults({})).toEqual([]);
    expect(await faults({ text: '{% if daysLate > 30 %}a{% else %}b{% endif %}' })).toEqual([]);
    expect(await faults(sms)).toEqual([]);
    expect(
      await faults({ ...sms, text: '{{ sender | upcase }}{% for row in dueDateRows %} {{ row.title }}{% endfor %}' }),
    ).toEqual([]);
  });
});

describe('what is refused, with its line', () => {
  const inText = (text: string) => inColumn(`<mj-text>a\n${text}</mj-text>`);

  test.each([
    ['<mj-text colour="red">a</mj-text>', 'invalid-mjml 2'],
    ['<mj-nothing />', 'invalid-mjml 2'],
    ['<mj-include path="/etc/passwd" />', 'include-refused 2'],
    ['<mj-text>a</mj-text>\n<mj-raw><mj-include path="a.mjml" type="html" /></mj-raw>', 'include-refused 3'],
    ['{{ customer }}', 'liquid-lost 2'],
    ['<mj-text>a</mj-text>\n{% if logo %}<mj-text>b</mj-text>{% endif %}', 'liquid-lost 3'],
    ['<mj-button href="javascript:alert(1)">a</mj-button>', 'unsafe-address 2'],
    ['<mj-image src="data:image/svg+xml;base64,AAAA" alt="" />', 'unsafe-address 2'],
    ['<mj-text color="{{ customer }}">a</mj-text>', 'invalid-mjml 2'],
    ['<mj-raw><![CDATA[<script>]]></mj-raw>', 'malformed-html 2'],
    ['<mj-raw><!--><script>alert(1)</script>--></mj-raw>', 'malformed-html 2'],
    ['<mj-raw><!--[if mso]> --!><b>a</b><![endif]--></mj-raw>', 'malformed-html 2'],
    ['<mj-raw><!--[if mso]><script>a</script><![endif]--></mj-raw>', 'unsafe-html 2'],
    ['<mj-raw><!--[if mso]>{{ customer }}<![endif]--></mj-raw>', 'malformed-html 2'],
    ['<mj-raw><svg></svg></mj-raw>', 'unsafe-html 2'],
    ['<mj-raw><base href="https://example.com/" /></mj-raw>', 'unsafe-html 2'],
    ['<mj-raw><link rel="stylesheet" href="https://example.com/a.css" /></mj-raw>', 'unsafe-html 2'],
    ['<mj-raw><meta http-equiv="refresh" content="0;url=https://example.com/" /></mj-raw>', 'unsafe-html 2'],
  ])('%s', async (mjml, fault) => {
    expect(await faultsOfMjml(inColumn(mjml))).toContain(fault);
  });

  test.each([
    ['{{ nobody }}', 'unknown-variable 3'],
    ['{% for row in dueDateRows %}{{ row.titel }}{% endfor %}', 'unknown-variable 3'],
    ['{{ row.title }}', 'unknown-variable 3'],
    ['{{ customer.constructor }}', 'unknown-variable 3'],
    ['{{ customer | raw }}', 'unknown-filter 3'],
    ['{{ customer | escape }}', 'unknown-filter 3'],
    ['{% include "a" %}', 'unknown-tag 3'],
    ['{% raw %}{% endraw %}', 'unknown-tag 3'],
    ['{% capture a %}{% endcapture %}', 'unknown-tag 3'],
    ['{% liquid echo customer %}', 'unknown-tag 3'],
    ['{% if customer %}', 'liquid-syntax 3'],
    ['{{ customer', 'liquid-syntax 3'],
    ['{{ customer sender }}', 'liquid-syntax 3'],
    ['{{ dueDateRows }}', 'not-text 3'],
    ['{% for letter in customer %}{% endfor %}', 'not-a-list 3'],
    ['{% assign paymentUrl = "javascript:alert(1)" %}', 'name-taken 3'],
    ['{% for logo in footer %}{% endfor %}', 'name-taken 3'],
    ['{% for a in bank %}{% endfor %}{% for a in footer %}{% endfor %}', 'name-taken 3'],
    ['<script>alert(1)</script>', 'unsafe-html 3'],
    ['<img src="https://example.com/a.png" onerror="alert(1)">', 'unsafe-html 3'],
    ['<iframe src="https://example.com/"></iframe>', 'unsafe-html 3'],
    ['<object data="https://example.com/"></object>', 'unsafe-html 3'],
    ['<form action="https://example.com/"><b>a</b></form>', 'unsafe-html 3'],
    ['<a href="javascript:alert(1)">a</a>', 'unsafe-address 3'],
    ['<a href=" javascript:alert(1)">a</a>', 'unsafe-address 3'],
    ['<a href="&#106;avascript:alert(1)">a</a>', 'unsafe-address 3'],
    ['<a href="java&Tab;script:alert(1)">a</a>', 'unsafe-address 3'],
    ['<a href="data:text/html,a">a</a>', 'unsafe-address 3'],
    ['<a href="{{ customer }}">a</a>', 'misplaced-liquid 3'],
    ['<a href="{{ paymentUrl }}?a=1">a</a>', 'misplaced-liquid 3'],
    ['<a href="https://example.com/{{ documentNumber }}">a</a>', 'misplaced-liquid 3'],
    ['<a href="{{ paymentUrl | append: "a" }}">a</a>', 'misplaced-liquid 3'],
    ['{% assign a = paymentUrl %}<a href="{{ a }}">a</a>', 'misplaced-liquid 3'],
    ['<a href="{% if true %}java{% endif %}script:alert(1)">a</a>', 'misplaced-liquid 3'],
    ['<p style="color: {{ customer }}">a</p>', 'misplaced-liquid 3'],
    ['<p width="{{ daysLate }}">a</p>', 'misplaced-liquid 3'],
    ['<p title={{ customer }}>a</p>', 'misplaced-liquid 3'],
    ['<p {{ customer }}>a</p>', 'misplaced-liquid 3'],
    ['<p {% if true %}title="a"{% endif %}>a</p>', 'misplaced-liquid 3'],
    ['{% if true %}<p title="{% endif %}a">b</p>', 'misplaced-liquid 3'],
    ['<p title="{% if true %}a" class="{% endif %}b">a</p>', 'misplaced-liquid 3'],
    ['{% for line in footer %}<p title="{% endfor %}">a</p>', 'misplaced-liquid 3'],
    ['<p style="background: url(javascript:alert(1))">a</p>', 'unsafe-style 3'],
    ['<p style="width: expr/**/ession(alert(1))">a</p>', 'unsafe-style 3'],
    ['<p style="background: \\75rl(https://example.com/)">a</p>', 'unsafe-style 3'],
    ['<p style="background: url&lpar;javascript:a)">a</p>', 'unsafe-style 3'],
    // What is white space to JavaScript's \\s and part of a name or a value to a browser.
    ['<p\u00a0title="a onclick=alert(1) b">a</p>', 'malformed-html 3'],
    ['<p\u2003title="a onclick=alert(1) b">a</p>', 'malformed-html 3'],
    ['<p title=\u00a0"a onclick=alert(1) b">a</p>', 'malformed-html 3'],
    ['<p title\u00a0="a">a</p>', 'malformed-html null'],
    ['</p\u00a0><p>a</p>', 'malformed-html null'],
  ])('%s', async (text, fault) => {
    expect(await faultsOfMjml(inText(text))).toContain(fault);
  });

  test.each([
    ['<{% if true %}script{% endif %}>', 'a tag that is put together'],
    ['< {%- assign a = 1 -%} script>alert(1)</script>', 'a space that Liquid takes away'],
    ['<{{ customer }}>a', 'an element that is named by a value'],
    ['<b><<script>a</b>', 'a bracket before a tag'],
    ['<textarea>', 'an element that hides what follows it'],
    ['</textarea ><b', 'a tag without an end'],
    ['<?php ?>', 'an instruction'],
  ])('%s (%s)', async (text) => {
    expect(await faultsOfMjml(inText(text))).not.toEqual([]);
  });

  test.each([
    ['@import url(https://example.com/a.css);', 'unsafe-style'],
    ['a { color: {{ customer }} }', 'misplaced-liquid'],
    ['a { color: red } </style><script>alert(1)</script><style>', 'invalid-mjml'],
    ['a { background: url("http://example.com/a.png") }', 'unsafe-style'],
  ])('a style with %s', async (css, code) => {
    const mjml = `<mjml><mj-head><mj-style>${css}</mj-style></mj-head><mj-body></mj-body></mjml>`;
    expect((await faultsOfMjml(mjml)).join()).toContain(code);
  });

  test.each([
    [
      'an end that is none',
      '<style>a{}</style\u00a0><p title="</style><img src=x onerror=alert(1)>">a</p><style></style>',
    ],
    ['a comment within quotes', `<style>"/*"{} @import "https://example.com/a.css"; "*/"{}</style>`],
    [
      'a comment within quotes around an address',
      `<style>a{b:"/*"} a{background:url(http://example.com/)} a{b:"*/"}</style>`,
    ],
    ['an address that begins with a no-break space', '<style>a{background:url(\u00a0https://example.com/)}</style>'],
  ])('a style with %s', async (_what, style) => {
    expect((await faultsOfMjml(inColumn(`<mj-raw>${style}</mj-raw>`))).join()).toContain('unsafe-style');
  });

  test('a font, which every reader would fetch from its maker', async () => {
    const font = '<mj-font name="Raleway" href="https://example.com/raleway.css" />';
    const mjml = `<mjml><mj-head>${font}</mj-head><mj-body><mj-section><mj-column><mj-text font-family="Raleway">a</mj-text></mj-column></mj-section></mj-body></mjml>`;
    expect((await faultsOfMjml(mjml)).join()).toContain('unsafe-html');
  });

  test('an attribute that comes from the head', async () => {
    const attributes =
      '<mj-html-attributes><mj-selector path=".a div"><mj-html-attribute name="onclick">alert(1)</mj-html-attribute></mj-selector></mj-html-attributes>';
    const mjml = `<mjml><mj-head>${attributes}</mj-head><mj-body><mj-section><mj-column><mj-text css-class="a">a</mj-text></mj-column></mj-section></mj-body></mjml>`;
    expect(await faultsOfMjml(mjml)).toContain('unsafe-html 1');
  });

  test('mistakes of all fields at once', async () => {
    const draft = {
      subject: 'a {{ nobody }}',
      text: 'a\n{% if %}',
      mjml: inColumn('<mj-text>{{ nothing }}</mj-text>'),
    };
    expect(await faults(draft)).toEqual([
      'subject unknown-variable 1',
      'text liquid-syntax 2',
      'mjml unknown-variable 2',
    ]);
    expect(await faults({ text: 'a }} b' })).toEqual(['text liquid-syntax null']);
    expect(await faults({ text: '{{ message }}' })).toEqual(['text unknown-variable 1']);
  });

  test('what makes too much, and soon', async () => {
    const loop = (range: string, inner: string) => `{% for i in (1..${range}) %}${inner}{% endfor %}`;
    const text = inText(loop('1000000000', 'a'));
    expect(await faultsOfMjml(text)).toEqual(['too-long null']);
    expect(await faultsOfMjml(inText(loop('90000', loop('90000', ''))))).toEqual(['too-long null']);
    expect(await faultsOfMjml(inText(loop('1000', 'a'.repeat(200))))).toEqual(['too-long null']);
    expect(await faults({ text: loop('1000000000', 'a') })).toEqual(['text liquid-syntax null']);
    const doubled = `{% assign a = "aaaaaaaaaaaaaaaa" %}${'{% assign a = a | append: a %}'.repeat(40)}{{ a | size }}`;
    expect(await faults({ text: doubled })).toEqual(['text liquid-syntax null']);
    expect(await faults({ ...sms, text: 'a'.repeat(1_600) })).toEqual(['text too-long null']);
    const sections = '<mj-section><mj-column><mj-text>a</mj-text></mj-column></mj-section>'.repeat(1_400);
    expect(await faultsOfMjml(`<mjml><mj-body>${sections}</mj-body></mjml>`)).toEqual(['too-long null']);
  });

  test('what is nested too deeply, and comments that do not end', async () => {
    const deep = inText('{% if bic %}'.repeat(4_000) + '{% endif %}'.repeat(4_000));
    expect(await faultsOfMjml(deep)).toEqual(['liquid-syntax 3']);
    const levels = (count: number) => '{% if bic %}'.repeat(count) + 'a' + '{% endif %}'.repeat(count);
    expect(await faults({ text: `b ${levels(20)}` })).toEqual([]);
    expect(await faults({ text: `b ${levels(21)}` })).toEqual(['text liquid-syntax 1']);
    expect(await faultsOfMjml(inText('<!--'.repeat(20_000)))).toContain('malformed-html 3');
  });

  test('what takes too long, and too many at once', async () => {
    const draft = { ...email, mjml: wholeMjml };
    expect(await checkApart(draft, 1)).toMatchObject({ mistakes: [{ field: 'mjml', code: 'takes-too-long' }] });
    const all = await Promise.allSettled(Array.from({ length: 30 }, async () => checkApart(draft, 1)));
    expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(8);
    expect(all.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(TooManyChecks) });
    // And then there is room again.
    expect(await checkApart(draft, 1)).toMatchObject({ kind: 'wrong' });
  });

  test('what ends its memory and its time at once harms nobody', async () => {
    const section = '<mj-section mj-class="a"><mj-column mj-class="a" /></mj-section>';
    const head = `<mj-head><mj-attributes><mj-class name="a" css-class="${'x'.repeat(50_000)}" /></mj-attributes></mj-head>`;
    const draft = { ...email, mjml: `<mjml>${head}<mj-body>${section.repeat(800)}</mj-body></mjml>` };
    const start = performance.now();
    const tooMuch = await checkApart(draft);
    const takes = performance.now() - start;
    expect(tooMuch).toMatchObject({ mistakes: [{ code: 'takes-too-long' }] });
    // A thread would now and then end the whole process, and this test with it.
    for (let part = 0.5; part < 1.1; part += 0.05) {
      expect(await checkApart(draft, Math.round(takes * part))).toEqual(tooMuch);
    }
  });

  test.each(['<mjml><mj-body><mj-section>', '<mjml><mj-body></mj-body></mjml>', inColumn('<mj-spacer />')])(
    'a page that shows nothing: %s',
    async (mjml) => {
      const found = await checkTemplate({ ...email, mjml });
      expect(found).toMatchObject({ mistakes: [{ field: 'mjml', code: 'empty' }] });
    },
  );

  test('in a process of its own, with the same answer', async () => {
    const mjml = inText('{{ nobody }}');
    expect(await checkApart({ ...email, mjml })).toEqual(await checkTemplate({ ...email, mjml }));
    expect(await checkApart({ ...email, mjml: wholeMjml })).toEqual(await checkTemplate({ ...email, mjml: wholeMjml }));
  });
});
