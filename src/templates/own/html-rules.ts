/**
 * What may stand in the HTML of an email. Lists of what is taken, not of what is refused: what nobody thought of is
 * refused. Mail programs drop the rest anyway, yet the admin page and the sandbox show messages in a browser.
 */
const elements = new Set(
  `html head title meta style body div table thead tbody tfoot tr td th caption colgroup col p span a img br wbr hr b
   strong i em u s small sub sup ul ol li dl dt dd h1 h2 h3 h4 h5 h6 blockquote pre code center font label input`.split(
    /\s+/,
  ),
);

/** Inside a conditional comment, which Outlook alone reads. */
const outlookElements = /^(?:v|o|w):[a-z]+$|^(?:xml|noscript)$/;

const attributes = new Set(
  `abbr align alt aria-label aria-hidden aria-roledescription aria-describedby bgcolor border bordercolor cellpadding
   cellspacing charset checked class clear color colspan content dir face for headers height hspace id lang media name
   noshade nowrap rel role rowspan rules scope size span start style summary target title type valign value vspace width
   xml:lang xmlns xmlns:v xmlns:o xmlns:w`.split(/\s+/),
);

/** Where the reader's program loads from, or goes to. */
const addresses = new Set(['href', 'src', 'background']);

/** Where escaping is enough, whatever a value holds. */
const taking = new Set(['alt', 'title', 'aria-label', 'class', 'id', 'lang', 'bgcolor', 'color', 'summary']);

const fixed: ReadonlyMap<string, RegExp> = new Map([
  ['http-equiv', /^(?:x-ua-compatible|content-type)$/i],
  ['type', /^(?:text\/css|checkbox|radio|1|a|i|disc|circle|square|frame|tile)$/i],
]);

export function takesElement(name: string, inOutlook: boolean): boolean {
  return elements.has(name) || (inOutlook && outlookElements.test(name));
}

export function takesAttribute(name: string, inOutlook: boolean): boolean {
  if (attributes.has(name) || addresses.has(name) || fixed.has(name)) return true;
  // Word's own attributes are many, and it runs no scripts.
  return inOutlook && !name.startsWith('on') && /^[a-z:-]+$/.test(name);
}

export function isAddress(attribute: string): boolean {
  return addresses.has(attribute);
}

/** Whether what Liquid shows may be part of that attribute. */
export function takesText(attribute: string): boolean {
  return taking.has(attribute);
}

/** Why a value that is written out may not stand there; undefined when it may. */
export function faultOfValue(
  attribute: string,
  value: string,
): 'unsafe-address' | 'unsafe-style' | 'unsafe-html' | undefined {
  if (attribute === 'style') return faultOfCss(value.replaceAll(/&(?:quot|apos|amp);/gi, ' '));
  const form = fixed.get(attribute);
  if (form) return form.test(value) ? undefined : 'unsafe-html';
  return addresses.has(attribute) && !isSafeAddress(value) ? 'unsafe-address' : undefined;
}

// Looked at as it is written: an address that is hidden in character references does not begin so.
function isSafeAddress(value: string): boolean {
  return /^(?:https?:\/\/|mailto:|tel:|sms:|cid:|#|$)/i.test(value) || isImage(value);
}

function isImage(address: string): boolean {
  return /^data:image\/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=]*$/.test(address);
}

/** Escapes and character references are refused: they could write any of the words that are looked for. */
export function faultOfCss(css: string): 'unsafe-style' | undefined {
  if (/[\\<]|&#|&\w+;/.test(css)) return 'unsafe-style';
  // With and without what looks like a comment: within quotes it is none, and within a word some old programs skip it.
  const plain = css.replaceAll(/\/\*[\s\S]*?(?:\*\/|$)/g, '');
  return runsOrLoads(css) || runsOrLoads(plain) ? 'unsafe-style' : undefined;
}

const refusedInCss =
  /@import|@charset|@namespace|expression\s*\(|script\s*:|behaviou?r\s*:|-moz-binding|image-set|\bsrc\s*\(/i;

function runsOrLoads(css: string): boolean {
  if (refusedInCss.test(css)) return true;
  const loaded = css.matchAll(/\burl\s*\([\t\n\f\r ]*["']?([^"')]*)/gi);
  return !loaded
    .map(([, url = '']) => url.trimEnd())
    .every((url) => /^(?:https:\/\/|cid:|#)/i.test(url) || isImage(url));
}
