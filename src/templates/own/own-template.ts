import type { Template } from 'liquidjs';
import { withPlainNodes } from '../plain-nodes.ts';
import { htmlLiquid } from './liquid.ts';

/** A version of a tenant's own template, as it is kept. `html`: its MJML compiled, Liquid tags kept; null without MJML. */
export type TemplateContent = {
  readonly version: number;
  /** Null for an SMS. */
  readonly subject: string | null;
  readonly text: string;
  readonly html: string | null;
};

/** The same, ready to be rendered. */
export type OwnTemplate = Omit<TemplateContent, 'html'> & {
  readonly html: readonly Template[] | null;
  /** Whether the HTML shows the message, so that a text that was edited stands in it. */
  readonly showsMessage: boolean;
  /** How long its sources are. */
  readonly letters: number;
};

/** @param content was checked when it was uploaded. */
export function readyTemplate(content: TemplateContent): OwnTemplate {
  const html = content.html === null ? null : withPlainNodes(htmlLiquid.parse(content.html));
  const names = html === null ? [] : htmlLiquid.globalVariablesSync([...html]);
  const letters = content.text.length + (content.html?.length ?? 0);
  return { ...content, html, showsMessage: names.includes('message'), letters };
}

/** Under which name a tenant's settings say which version stands: `overdue email it`. */
export function standingName(key: string, channel: 'email' | 'sms', locale: string): string {
  return `${key} ${channel} ${locale}`;
}
