import { isDeepStrictEqual } from 'node:util';
import { Tokenizer, TypeGuards } from 'liquidjs';
import { checkLiquid } from './check-liquid.ts';
import { HtmlReader, type Place } from './html-places.ts';
import { htmlLiquid } from './liquid.ts';
import type { UnmaskedHtml } from './masked-mjml.ts';
import type { Mistake, MistakeCode } from './mistake.ts';
import { mjmlShapes } from './variables.ts';

/**
 * Proves that HTML with Liquid in it stays the HTML that was written, whatever the values hold: Liquid stands only where
 * escaping protects, every branch ends in the place where the others end, and nothing in it runs or loads what it may not.
 * (The way of contextual escaping: M. Samuel, P. Saxena, D. Song, "Context-sensitive auto-sanitization", CCS 2011, which
 * Go's html/template takes too; here a template that would need more than one way of escaping is refused.)
 */
export function checkHtml(compiled: UnmaskedHtml, mjml: string): Mistake[] {
  const liquid = checkLiquid(compiled.html, mjmlShapes, htmlLiquid);
  // Lines of the HTML say nothing to those who wrote MJML.
  if (liquid.mistakes.length > 0) return liquid.mistakes.map((mistake) => ({ ...mistake, line: null }));
  const mistakes: Mistake[] = [];
  let line: number | null = null;
  const found = (code: MistakeCode, message: string, literal: string): void => {
    mistakes.push({ code, line: code === 'misplaced-liquid' ? line : lineIn(mjml, literal), message });
  };
  const reader = new HtmlReader(found);
  const branches = new Branches(reader, found);
  let written = '';
  const flush = (): void => {
    reader.literal(written);
    written = '';
  };
  for (const token of new Tokenizer(compiled.html).readTopLevelTokens(htmlLiquid.options)) {
    const source = token.getText();
    const output = liquid.outputs.get(token.begin);
    if (TypeGuards.isHTMLToken(token)) {
      written += token.getContent();
      continue;
    }
    // A colour is one wherever it stands, also where nothing else of Liquid's may: it counts as written.
    if (output?.bare === true && output.shape.kind === 'colour') {
      written += '#000000';
      continue;
    }
    flush();
    line = compiled.lineAt(token.begin);
    if (output) reader.output(output.shape, output.bare, source);
    else if (TypeGuards.isTagToken(token)) branches.tag(token.name, source);
  }
  flush();
  if (reader.place.at !== 'text' && reader.place.at !== 'broken') {
    mistakes.push({ code: 'malformed-html', line: null, message: 'ends within a tag' });
  }
  return mistakes;
}

type Branch = {
  readonly name: string;
  readonly start: Place;
  readonly ends: readonly Place[];
  readonly source: string;
};

/** Follows the ways through a template: they must all come out in the same place. */
class Branches {
  readonly #reader: HtmlReader;
  readonly #found: (code: MistakeCode, message: string, literal: string) => void;
  readonly #open: Branch[] = [];

  constructor(reader: HtmlReader, found: (code: MistakeCode, message: string, literal: string) => void) {
    this.#reader = reader;
    this.#found = found;
  }

  tag(name: string, source: string): void {
    switch (name) {
      case 'if':
      case 'unless':
      case 'for':
      case 'case':
        this.#reader.tag(source);
        this.#open.push({ name, start: this.#reader.place, ends: [], source });
        return;
      case 'elsif':
      case 'else':
      case 'when':
        return this.#next();
      case 'endif':
      case 'endunless':
      case 'endfor':
      case 'endcase':
        return this.#end();
      default:
        return this.#reader.tag(source);
    }
  }

  #next(): void {
    const branch = this.#open.pop();
    if (!branch) return;
    // What stands between a case and its first when is shown to nobody: it ends nothing.
    const unshown = branch.name === 'case';
    const ends = unshown ? branch.ends : [...branch.ends, this.#reader.place];
    this.#reader.place = branch.start;
    this.#open.push({ ...branch, name: unshown ? 'when' : branch.name, ends });
  }

  #end(): void {
    const branch = this.#open.pop();
    if (!branch) return;
    // Without an else, and before a loop's first turn, it is as if nothing stood here: so the start is an end as well.
    const ends = [...branch.ends, this.#reader.place];
    if (ends.every((end) => end.at === 'broken' || isDeepStrictEqual(end, branch.start))) return;
    this.#found(
      'misplaced-liquid',
      `has branches that begin and end in different places of the HTML: ${branch.source}`,
      '',
    );
  }
}

function lineIn(source: string, literal: string): number | null {
  const at = literal === '' ? -1 : source.toLowerCase().indexOf(literal.toLowerCase());
  return at < 0 ? null : source.slice(0, at).split('\n').length;
}
