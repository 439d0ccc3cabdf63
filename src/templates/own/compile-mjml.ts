import { checkHtml } from './check-html.ts';
import { checkLiquid } from './check-liquid.ts';
import { htmlLiquid, longestSource } from './liquid.ts';
import { type MaskedMjml, maskMjml, unmaskHtml, unmaskText, withoutComments } from './masked-mjml.ts';
import type { Mistake } from './mistake.ts';
import { mjmlShapes } from './variables.ts';

/** Turns MJML with Liquid into HTML with Liquid, once for each version; or says all that is wrong with it. */
export async function compileMjml(
  source: string,
): Promise<{ readonly html: string } | { readonly mistakes: readonly Mistake[] }> {
  const mjml = withoutComments(source.replaceAll('\r\n', '\n'));
  const mistakes = [...checkLiquid(mjml, mjmlShapes, htmlLiquid).mistakes, ...includes(mjml)];
  if (/[^\P{Cc}\n\t]/u.test(mjml)) {
    mistakes.push({ code: 'control-character', line: null, message: 'has control characters' });
  }
  if (mistakes.length > 0) return { mistakes };
  const masked = maskMjml(mjml);
  const compiled = await compile(masked);
  if ('mistakes' in compiled) return compiled;
  // Indentation is a fifth of it, and would go with every message.
  const html = unmaskHtml(compiled.html.replaceAll(/[ \t]*\n\s*/g, '\n'), masked);
  if (html.html.length > longestSource) {
    const message = `makes a page of more than ${String(longestSource)} letters; an email has at most 100 kB`;
    return { mistakes: [{ code: 'too-long', line: null, message }] };
  }
  const lost = html.lost.map(({ source: piece, line }): Mistake => {
    const message = `has ${piece} where MJML drops it: put it into an mj-raw`;
    return { code: 'liquid-lost', line, message };
  });
  const wrong = [...lost, ...checkHtml(html, mjml)];
  return wrong.length > 0 ? { mistakes: wrong } : { html: html.html };
}

// MJML would leave it out without a word.
function includes(mjml: string): Mistake[] {
  return [...mjml.matchAll(/<\s*mj-include\b/gi)].map(({ index }) => ({
    code: 'include-refused',
    line: mjml.slice(0, index).split('\n').length,
    message: 'has mj-include: a template stands alone',
  }));
}

type MjmlError = { readonly line: number; readonly message: string; readonly tagName: string };

async function compile(masked: MaskedMjml): Promise<{ html: string } | { mistakes: Mistake[] }> {
  // Large, and needed by nobody who only sends.
  const { default: mjml } = await import('mjml');
  try {
    const { html } = await mjml(masked.text, {
      validationLevel: 'strict',
      ignoreIncludes: true,
      keepComments: false,
      // Otherwise a font that only stands in a list would be fetched from its maker by every reader.
      fonts: {},
    });
    return { html };
  } catch (error) {
    const errors = isMjmlErrors(error) ? error.errors : [];
    if (errors.length === 0) {
      return { mistakes: [{ code: 'invalid-mjml', line: null, message: 'cannot be read as MJML' }] };
    }
    return {
      mistakes: errors.map(({ line, message, tagName }) => ({
        code: 'invalid-mjml',
        line,
        message: unmaskText(`${tagName}: ${message}`, masked).slice(0, 300),
      })),
    };
  }
}

function isMjmlErrors(error: unknown): error is { errors: MjmlError[] } {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
