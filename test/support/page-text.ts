/** What stands on a page, white space collapsed. */
export function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*<\/style>/, '')
    .replace(/<\/(?:td|th|dt|dd|p|h1|h2|tr|span)>|<span/g, ' $&')
    .replace(/<[^>]+>/g, '')
    .replaceAll('&amp;', '&')
    .replaceAll('&#39;', "'")
    .replace(/\s+/g, ' ');
}
