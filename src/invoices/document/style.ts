import { luminance } from '../../domain/colour.ts';
import { cssString } from './css-string.ts';
import { fontFaces } from './fonts.ts';

/** `text` is everything that the page says: it decides which fonts are put in. */
type Look = { accent: string; runningHead: string; page: string; of: string; text: string };

/** The style sheet of a printed document: A4, the document's name and the page's number at the foot of each. */
export function styleSheet(look: Look): string {
  return `${fontFaces(look.text + look.runningHead)}
@page{size:A4;margin:16mm 18mm 19mm;
  @bottom-left{content:${cssString(look.runningHead)};font:400 7.5pt ${fonts};color:#5b6470;white-space:nowrap}
  @bottom-right{content:${cssString(`${look.page} `)} counter(page) ${cssString(` ${look.of} `)} counter(pages);
    font:400 7.5pt ${fonts};color:#5b6470;white-space:nowrap}}
:root{--accent:${look.accent};--ink:#1a1d21;--muted:#5b6470;--rule:#d9dde2;--tint:#f5f6f8}
${rules}`;
}

/** The tenant's colour when it can be seen on white (contrast 3:1, WCAG 2.2 §1.4.11), else a quiet blue. */
export function accentOf(colour: string | null): string {
  const calm = '#1f4e79';
  if (colour === null || !/^#[0-9a-f]{6}$/i.test(colour)) return calm;
  return 1.05 / (luminance(colour) + 0.05) >= 3 ? colour : calm;
}

// Open Sans comes with the browser from npm. Letters that neither has are the machine's fonts' to show, and where none
// has them, they are boxes.
const fonts = 'Inter,"Open Sans",sans-serif';

// All sections stand on one grid of two equal columns. `unicode-bidi: plaintext` gives each text its own direction, so
// that a Hebrew name reads rightly and a figure beside it stays where it is.
const rules = `
*{box-sizing:border-box;margin:0;padding:0}
html{font:400 9pt/1.45 ${fonts};color:var(--ink);-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{overflow-wrap:anywhere;orphans:2;widows:2}
h1,p,td,dd{unicode-bidi:plaintext;text-align:left}
h1{font-size:19pt;overflow-wrap:break-word;line-height:1.15;font-weight:600;letter-spacing:-.015em}
h1.long{font-size:13pt;letter-spacing:0}
h1.longest{font-size:10pt;line-height:1.3;letter-spacing:0}
h2{font-size:8pt;line-height:1.4;font-weight:600;margin-bottom:1mm;break-after:avoid}
h2+table{margin-top:1.6mm}
strong,th{font-weight:600}
.muted{color:var(--muted)}
.small,dl{font-size:8pt}
dt{color:var(--muted)}
.head,.parties,.sums,.pay{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:10mm;align-items:start}
.head{padding-bottom:5mm;border-bottom:.7mm solid var(--accent)}
.from img{max-width:60mm;max-height:18mm;display:block}
.from img+.issuer{padding-top:3mm}
.issuer{font-weight:600;font-size:11pt;line-height:1.3;margin-bottom:.6mm}
.name p{margin-top:1mm}
.parties{margin:5mm 0 6mm}
.who{font-weight:600;font-size:10pt;line-height:1.35;margin-bottom:.6mm}
.due{background:var(--tint);border-left:.7mm solid var(--accent);padding:3.5mm 4.5mm}
.due .sum{font-size:17pt;line-height:1.2;font-weight:600;letter-spacing:-.015em}
.due .sum.long{font-size:13pt;letter-spacing:0}
.due dl{display:grid;grid-template-columns:1fr max-content;gap:.3mm 4mm;margin-top:2.4mm;padding-top:2mm;
  border-top:.2mm solid var(--rule)}
.due dd{text-align:right;font-variant-numeric:tabular-nums}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.6mm 4mm;margin:0 0 6mm}
.parties .facts{margin:3mm 0 0}
table{width:100%;border-collapse:collapse}
thead{display:table-header-group}
thead th{font-size:7.5pt;line-height:1.3;text-align:left;overflow-wrap:normal;color:var(--muted);vertical-align:bottom;
  padding:0 0 1.4mm 3mm;border-bottom:.25mm solid var(--ink)}
td{vertical-align:top;padding:1.5mm 0 1.5mm 3mm;border-bottom:.2mm solid var(--rule)}
tr>:first-child{padding-left:0}
tr{break-inside:avoid}
tr.tall{break-inside:auto}
.n,thead .n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.unit{white-space:normal;overflow-wrap:normal}
.day{white-space:nowrap}
.way{overflow-wrap:break-word}
.quiet{color:var(--muted);font-variant-numeric:tabular-nums;white-space:nowrap;width:1%}
.detail{display:block;color:var(--muted);font-size:8pt;font-weight:400;white-space:normal}
.lines{margin-bottom:6mm}
.lines .what{width:52%}
.lines tbody tr:last-child{break-before:avoid;break-after:avoid}
.vat{margin-bottom:6mm}
.sums{margin-bottom:6mm;break-inside:avoid;break-before:avoid}
.totals :is(th,td){border-bottom:0;padding:.8mm 0 .8mm 3mm}
.totals th{font-weight:400;text-align:left;padding-left:0}
.totals .total :is(th,td){border-top:.2mm solid var(--rule);font-weight:600}
.totals .grand :is(th,td){font-weight:600;font-size:11pt;border-top:.25mm solid var(--ink);padding-top:1.8mm}
.pay{border-top:.2mm solid var(--rule);padding-top:4.5mm;margin-bottom:5mm;break-inside:avoid}
.pay.alone,.pay.long{grid-template-columns:minmax(0,1fr)}
.pay.long{display:block;break-inside:auto}
.pay.long+.pay,.lines+.pay{border-top:0;padding-top:0}
.pay.alone .bank{grid-template-columns:82mm max-content}
.this td{font-weight:600}
.bank{display:grid;grid-template-columns:minmax(0,1fr) max-content;gap:4mm;align-items:start}
.bank dt{font-size:7.5pt}
.bank dd{margin-bottom:1.4mm}
.iban{font-weight:600;overflow-wrap:normal}
.qr{width:26mm;font-size:6.5pt;line-height:1.3;color:var(--muted)}
.qr p{text-align:center}
.qr svg{display:block;width:26mm;height:26mm;margin-bottom:1mm}
.notes{border-top:.2mm solid var(--rule);padding-top:3.5mm;font-size:8pt}
.notes p{white-space:pre-line}
.notes p+p{margin-top:1mm}
.legal{margin-top:3mm;font-size:7.5pt;color:var(--muted)}
`;
