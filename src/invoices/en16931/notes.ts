/**
 * Notes (BT-22) and payment terms (BT-20) as a person reads them: without the subject's code (`#AAI#`) and without
 * XRechnung's lines for machines (`#SKONTO#TAGE=14#PROZENT=2.00#`).
 */
export function notesOf(words: readonly (string | null)[]): string[] {
  const notes = words.flatMap((word) => {
    const note = word
      ?.replace(/^#[A-Z]{3}#/, '')
      .replaceAll(/^[^\S\n]*#SKONTO#.*#[^\S\n]*$/gm, '')
      .replaceAll(/[^\S\n]+/g, ' ')
      .replaceAll(/ ?\n[ \n]*/g, '\n')
      .trim();
    return note === undefined || note === '' ? [] : [note];
  });
  return [...new Set(notes)];
}
