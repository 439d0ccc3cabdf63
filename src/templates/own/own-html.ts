import { LiquidError, type Template } from 'liquidjs';
import { htmlLiquid } from './liquid.ts';
import { isPastItsBounds } from './read-text.ts';

/** The HTML of a tenant's own MJML, every value escaped; null when it makes more than an email can be. */
export function renderOwnHtml(html: readonly Template[], scope: Readonly<Record<string, unknown>>): string | null {
  try {
    const rendered: unknown = htmlLiquid.renderSync([...html], scope);
    return typeof rendered === 'string' ? rendered : '';
  } catch (error) {
    if (error instanceof LiquidError && isPastItsBounds(error)) return null;
    throw error;
  }
}
