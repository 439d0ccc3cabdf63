import { luminance } from '../../domain/colour.ts';
import { fontFaces } from './fonts.ts';
import { cssString } from './css-string.ts';

/** `text` is everything that the page says: it decides which fonts are put in. */
type Look = { accent: string; runningHead: string; page: string; of: string; text: string };

/** The style sheet of a printed document: A4, page numbers at the foot, the document's name on every page but the first. */
export function styleSheet(look: Look): string {
  return `${fontFaces(look.text + look.runningHead)}
@page{size:A4;margin:17mm 18mm 20mm;
  @bottom-left{content:${cssString(look.runningHead)};font:400 7.5pt Inter;color:#5b6470;white-space:nowrap}
  @bottom-right{content:${cssString(`${look.page} `)} counter(page) ${cssString(` ${look.of} `)} counter(pages);
    font:400 7.5pt Inter;color:#5b6470;white-space:nowrap}}
:root{--accent:${look.accent};--ink:#1a1d21;--muted:#5b6470;--rule:#d9dde2;--tint:#f5f6f8}
${rules}`;
}

/** The tenant's colour when it can be seen on white (contrast 3:1, WCAG 2.2 §1.4.11), else a quiet blue. */
export function accentOf(colour: string | null): string {
  const calm = '#1f4e79';
  if (colour === null || !/^#[0-9a-f]{6}$/i.test(colour)) return calm;
  return 1.05 / (luminance(colour) + 0.05) >= 3 ? colour : calm;
}

const rules = `
*{box-sizing:border-box;margin:0;padding:0}
html{font:400 9pt/1.45 Inter,"Open Sans",sans-serif;color:var(--ink);
  -webkit-print-color-adjust:exact;print-color-adjust:exact}
body{overflow-wrap:anywhere}
h1{font-size:19pt;overflow-wrap:break-word;line-height:1.15;font-weight:600;letter-spacing:-.015em}
h2{font-size:8pt;line-height:1.4;font-weight:600;margin-bottom:1mm;break-after:avoid}
h1.long{font-size:13pt;letter-spacing:0}
h2+table{margin-top:2mm}
strong,th{font-weight:600}
.muted{color:var(--muted)}
.small{font-size:8pt}
.head{display:grid;grid-template-columns:1fr 1fr;gap:10mm;align-items:start;padding-bottom:6mm;
  border-bottom:.8mm solid var(--accent)}
.head img{max-width:60mm;max-height:18mm;display:block;margin-bottom:3mm}
.issuer{font-weight:600;font-size:11pt;line-height:1.3}
.name{text-align:right}
.name p{margin-top:1mm}
.parties{display:grid;grid-template-columns:1fr 1fr;gap:10mm;margin:6mm 0}
.parties .who{font-weight:600;font-size:10pt}
.due{background:var(--tint);border-left:.8mm solid var(--accent);padding:3.5mm 4.5mm;align-self:start}
.due .sum{font-size:17pt;line-height:1.2;font-weight:600;letter-spacing:-.015em}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.6mm 4mm;margin:0 0 6mm;font-size:8pt}
.facts dt{color:var(--muted)}
table{width:100%;border-collapse:collapse}
th{font-size:7.5pt;line-height:1.3;text-align:left;color:var(--muted);vertical-align:bottom;padding:0 0 1.4mm 3mm;
  border-bottom:.25mm solid var(--ink)}
td{vertical-align:top;padding:1.7mm 0 1.7mm 3mm;border-bottom:.2mm solid var(--rule)}
th:first-child,td:first-child{padding-left:0}
tr{break-inside:avoid}
thead{display:table-header-group}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
.detail{display:block;color:var(--muted);font-size:8pt}
.lines{margin-bottom:6mm}
.sums{display:grid;grid-template-columns:1.25fr 1fr;gap:10mm;align-items:start;margin-bottom:7mm;break-inside:avoid}
.totals td{border-bottom:0;padding:.8mm 0 .8mm 3mm}
.totals .grand td{font-weight:600;font-size:11pt;border-top:.25mm solid var(--ink);padding-top:1.8mm}
.pay{display:grid;grid-template-columns:1.25fr 1fr;gap:10mm;align-items:start;border-top:.2mm solid var(--rule);
  padding-top:5mm;margin-bottom:6mm;break-inside:avoid}
.pay.alone{grid-template-columns:1fr}
.pay.alone .bank{grid-template-columns:80mm max-content}
.lines+.pay{border-top:0;padding-top:0}
.this td{font-weight:600}
.bank{display:grid;grid-template-columns:1fr max-content;gap:5mm;align-items:start}
.bank dt{color:var(--muted);font-size:7.5pt}
.bank dd{margin-bottom:1.4mm}
.iban{font-weight:600;white-space:nowrap}
.qr{width:27mm;text-align:center;font-size:6.5pt;line-height:1.3;color:var(--muted)}
.qr svg{display:block;width:27mm;height:27mm;margin-bottom:1mm}
.notes{border-top:.2mm solid var(--rule);padding-top:4mm;font-size:8pt}
.notes p+p{margin-top:1mm}
.legal{margin-top:4mm;font-size:7.5pt;color:var(--muted)}
`;
