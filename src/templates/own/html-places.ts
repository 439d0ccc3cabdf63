import { faultOfCss, faultOfValue, isAddress, takesAttribute, takesElement, takesText } from './html-rules.ts';
import type { MistakeCode } from './mistake.ts';
import type { Shape } from './variables.ts';

/** Where a reader of HTML stands. Liquid may stand in texts, titles and quoted values. */
export type Place =
  | { readonly at: 'text' | 'title' | 'style' | 'broken' }
  | { readonly at: 'tag'; readonly element: string }
  /** `filled`: an address that is there already. */
  | {
      readonly at: 'value';
      readonly element: string;
      readonly attribute: string;
      readonly quote: string;
      readonly filled: boolean;
    };

/** @param literal what to look for in the source. */
export type Found = (code: MistakeCode, message: string, literal: string) => void;

/**
 * Reads HTML as a browser does (WHATWG HTML §13.2.5, the part that is taken), piece by piece between what is Liquid,
 * and tells what may not be there. What it cannot read with certainty it refuses. White space is HTML's own five: to a
 * browser a no-break space, which `\s` takes too, is part of a name or a value.
 */
export class HtmlReader {
  place: Place = { at: 'text' };
  readonly #found: Found;
  readonly #inOutlook: boolean;
  #html = '';
  #at = 0;

  constructor(found: Found, inOutlook = false) {
    this.#found = found;
    this.#inOutlook = inOutlook;
  }

  /** What stands there as it is. */
  literal(html: string): void {
    this.#html = html;
    this.#at = 0;
    while (this.#at < html.length && this.place.at !== 'broken') this.#step(this.place);
  }

  /** What Liquid shows there. @param bare a variable as it is, without filters. */
  output(shape: Shape, bare: boolean, source: string): void {
    const { place } = this;
    this.tag(source, true);
    if (place.at !== 'value' || !isAddress(place.attribute)) return;
    if (!bare || shape.kind !== 'address' || place.filled) {
      const message = `has ${source} in ${place.attribute}, where one address stands alone: paymentUrl, documentUrl, logo, qr`;
      this.#found('misplaced-liquid', message, source);
    }
    this.place = { ...place, filled: true };
  }

  /** Liquid that chooses or repeats. @param shows an output, too. */
  tag(source: string, shows = false): void {
    const { place } = this;
    if (place.at === 'value') {
      if (takesText(place.attribute) || (shows && isAddress(place.attribute))) return;
      this.#found('misplaced-liquid', `has ${source} in the attribute ${place.attribute}`, source);
    } else if (place.at === 'tag') {
      const message = `has ${source} in the tag <${place.element}>, outside of a quoted value`;
      this.#found('misplaced-liquid', message, source);
    } else if (place.at === 'style') {
      this.#found('misplaced-liquid', `has ${source} in a style`, source);
    }
  }

  #step(place: Place): void {
    switch (place.at) {
      case 'text':
        return this.#text();
      case 'title':
        return this.#title();
      case 'style':
        return this.#style();
      case 'tag':
        return this.#tag(place.element);
      case 'value':
        return this.#value(place);
      case 'broken':
        return;
    }
  }

  #text(): void {
    const open = this.#html.indexOf('<', this.#at);
    this.#at = open < 0 ? this.#html.length : open;
    if (open < 0 || this.#match(/<!doctype html>/iy) || this.#match(/<\/[a-z][a-z0-9:]*[\t\n\f\r ]*>/iy)) return;
    const comment = this.#match(/<!--(?!-?>)([\s\S]*?)-->/y);
    if (comment) return this.#comment(comment[1] ?? '');
    const element = this.#match(/<([a-z][a-z0-9:]*)(?=[\t\n\f\r />])/iy)?.[1]?.toLowerCase();
    if (element !== undefined) {
      if (!takesElement(element, this.#inOutlook))
        this.#found('unsafe-html', `has an element <${element}>`, `<${element}`);
      this.place = { at: 'tag', element };
      return;
    }
    // Before what cannot name an element it is a letter. At the end of a piece nobody knows before what it will stand.
    if (!this.#match(/<(?=[^a-z!/?])/iy)) this.#break('has a tag or a comment that cannot be read', open);
  }

  #comment(inside: string): void {
    if (inside.includes('--!>')) return this.#found('malformed-html', 'has a comment that ends twice', '--!>');
    if (/^\[if [^\]<>]*\]><!$/.test(inside) || inside === '<![endif]') return;
    const condition = /^\[if [^\]<>]*\]>([\s\S]*)<!\[endif\]$/.exec(inside)?.[1];
    if (condition === undefined) {
      // Where browsers and Outlook disagree, it may not hold anything that is read.
      if (/[<>]|\[(?:if|endif)/i.test(inside)) this.#found('malformed-html', 'has a comment with tags in it', '<!--');
      return;
    }
    const reader = new HtmlReader(this.#found, true);
    reader.literal(condition);
    if (reader.place.at !== 'text') this.#found('malformed-html', 'has an unfinished tag in a comment', '<!--[if');
  }

  #title(): void {
    const [all, inside = ''] = this.#match(/([\s\S]*?)<\/title[\t\n\f\r ]*>/iy) ?? [];
    if (all === undefined) {
      if (this.#html.slice(this.#at).includes('<')) this.#break('has a < in its title', this.#at);
      this.#at = this.#html.length;
      return;
    }
    if (inside.includes('<')) this.#found('malformed-html', 'has a < in its title', '<mj-title');
    this.place = { at: 'text' };
  }

  #style(): void {
    const [all, css] = this.#match(/([\s\S]*?)<\/style[\t\n\f\r ]*>/iy) ?? [];
    if (all === undefined) {
      this.#at = this.#html.length;
      return;
    }
    if (faultOfCss(css ?? '')) {
      this.#found('unsafe-style', 'has a style that loads or runs something, or hides what it does', '<mj-style');
    }
    this.place = { at: 'text' };
  }

  #tag(element: string): void {
    if (this.#match(/[\t\n\f\r /]+/y)) return;
    if (this.#match(/>/y)) {
      // What follows these is not read as elements.
      this.place = { at: element === 'style' || element === 'title' ? element : 'text' };
      return;
    }
    const attribute = this.#match(/[a-z][a-z0-9:_-]*/iy)?.[0]?.toLowerCase();
    if (attribute === undefined) return this.#break(`has a tag <${element}> that cannot be read`, this.#at);
    if (!takesAttribute(attribute, this.#inOutlook)) {
      this.#found('unsafe-html', `has an attribute ${attribute}`, attribute);
    }
    if (!this.#match(/[\t\n\f\r ]*=[\t\n\f\r ]*/y)) return;
    const quote = this.#match(/["']/y)?.[0];
    if (quote !== undefined) {
      this.place = { at: 'value', element, attribute, quote, filled: false };
      // An empty value: its end is all that is left of the piece.
      return;
    }
    const value = this.#match(/[^\t\n\f\r "'=<>`]+/y)?.[0];
    if (value !== undefined) this.#written(attribute, value);
  }

  #value(place: Extract<Place, { at: 'value' }>): void {
    const { element, attribute, quote, filled } = place;
    const end = this.#html.indexOf(quote, this.#at);
    const value = this.#html.slice(this.#at, end < 0 ? this.#html.length : end);
    this.#at = end < 0 ? this.#html.length : end + 1;
    if (value !== '') {
      if (isAddress(attribute) && (filled || end < 0)) {
        this.#found('misplaced-liquid', `has an address in ${attribute} that is put together of pieces`, attribute);
      } else this.#written(attribute, value);
    }
    if (end >= 0) this.place = { at: 'tag', element };
  }

  #written(attribute: string, value: string): void {
    const fault = faultOfValue(attribute, value);
    const shown = value.slice(0, 60);
    if (fault) this.#found(fault, `has ${attribute}="${shown}"`, shown);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#html);
    if (match) this.#at += match[0].length;
    return match;
  }

  #break(message: string, at: number): void {
    this.#found('malformed-html', message, this.#html.slice(at, at + 20));
    this.place = { at: 'broken' };
  }
}
