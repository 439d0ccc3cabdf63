import { create } from 'qrcode';
import { Html } from '../../html.ts';

/**
 * Draws an EPC payload as an SVG of one path, with the quiet zone of four modules that ISO/IEC 18004 asks for.
 * @returns undefined when it does not fit version 13 with error correction M (EPC069-12 allows no larger one).
 */
export function qrSvg(payload: string, label: string): Html | undefined {
  const { modules, version } = create([{ data: Buffer.from(payload, 'utf8'), mode: 'byte' }], {
    errorCorrectionLevel: 'M',
  });
  if (version > 13) return undefined;
  const side = modules.size + 8;
  let path = '';
  for (let row = 0; row < modules.size; row++) {
    for (let column = 0; column < modules.size; column++) {
      if (modules.get(row, column)) path += `M${column + 4} ${row + 4}h1v1h-1z`;
    }
  }
  const name = label.replace(/[&<>"]/g, ' ');
  return new Html(
    `<svg viewBox="0 0 ${side} ${side}" role="img" aria-label="${name}" shape-rendering="crispEdges">` +
      `<rect width="${side}" height="${side}" fill="#fff"/><path d="${path}"/></svg>`,
  );
}
