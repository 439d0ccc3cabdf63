// GSM 03.38: the basic alphabet and its extension, whose letters count double.
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const extension = '^{}\\[~]|€';
const known: ReadonlySet<string> = new Set(basic + extension);

// What stands for a sign without changing what it says. An Italian capital with an accent is written with an apostrophe
// where its word ends; within a word (a name) it is the bare letter.
const substitutes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '‘': "'",
    '’': "'",
    '‚': "'",
    '‛': "'",
    '′': "'",
    '´': "'",
    '`': "'",
    '“': '"',
    '”': '"',
    '„': '"',
    '‟': '"',
    '″': '"',
    '«': '"',
    '»': '"',
    '‹': "'",
    '›': "'",
    '‐': '-',
    '‑': '-',
    '‒': '-',
    '–': '-',
    '—': '-',
    '―': '-',
    '−': '-',
    '•': '-',
    '·': '-',
    '…': '...',
    '\t': ' ',
    '\u200B': '',
    '\u200C': '',
    '\u200D': '',
    '\u2060': '',
    '\uFEFF': '',
    '\u00AD': '',
    À: "A'",
    È: "E'",
    Ì: "I'",
    Ò: "O'",
    Ù: "U'",
    ç: 'c',
    '°': 'o',
    º: 'o',
    ª: 'a',
    '№': 'N.',
    '×': 'x',
    '÷': ':',
    '±': '+/-',
    '½': '1/2',
    '¼': '1/4',
    '¾': '3/4',
    '²': '2',
    '³': '3',
    '¹': '1',
    '©': '(C)',
    '®': '(R)',
    '™': '(TM)',
    '¢': 'c',
    '≤': '<=',
    '≥': '>=',
    '≠': '=/=',
    ł: 'l',
    Ł: 'L',
    đ: 'd',
    Đ: 'D',
    ð: 'd',
    Ð: 'D',
    þ: 'th',
    Þ: 'Th',
    œ: 'oe',
    Œ: 'OE',
    ı: 'i',
    ĳ: 'ij',
    Ĳ: 'IJ',
  }),
);

/**
 * Rewrites a text so that it fits GSM-7, where a segment holds 160 letters instead of 70.
 * When some letter has no stand-in (another script, an emoji), the text stays as it was: it goes out in UCS-2 anyway,
 * and then with its own letters.
 */
export function toGsm7(text: string): string {
  const composed = text.normalize('NFC');
  const letters = Array.from(composed);
  let out = '';
  for (const [i, letter] of letters.entries()) {
    const rewritten = known.has(letter) ? letter : standIn(letter, letters[i + 1] ?? '');
    if (rewritten === undefined) return composed;
    out += rewritten;
  }
  return out;
}

function standIn(letter: string, next: string): string | undefined {
  const substitute = substitutes.get(letter);
  const withinWord = /\p{L}/u.test(letter) && /\p{L}/u.test(next);
  if (substitute !== undefined) return withinWord ? substitute.replace("'", '') : substitute;
  if (/\p{Zs}/u.test(letter)) return ' ';
  const bare = letter.normalize('NFD').replaceAll(/\p{M}/gu, '');
  return bare !== letter && bare !== '' && Array.from(bare).every((each) => known.has(each)) ? bare : undefined;
}
