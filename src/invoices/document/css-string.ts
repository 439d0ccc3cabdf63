/** A string for CSS `content`, quotes included: safe inside a `<style>` too. */
export function cssString(value: string): string {
  const escaped = value.replace(/[^A-Za-z0-9 .,-]/gu, (sign) => `\\${(sign.codePointAt(0) ?? 0x20).toString(16)} `);
  return `"${escaped}"`;
}
