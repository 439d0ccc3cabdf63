/** An email in its parts. What is due and how to pay it stand before the close. */
export function letter(greeting: string, said: string, close: string): string {
  return `${greeting}

${said}

{{ dueDates }}

{{ bankDetails }}

{{ paymentLink }}

{{ attachmentNote }}

${close}`;
}

/** An SMS in its lines, the sender first. */
export function textMessage(said: string, close?: string): string {
  return linesOf(`{{ sender }}: ${said}`, close);
}

/** The same where a space stands before the colon. */
export function frenchTextMessage(said: string, close?: string): string {
  return linesOf(`{{ sender }} : ${said}`, close);
}

function linesOf(said: string, close?: string): string {
  const lines = [said, '{{ bankDetails }}', '{{ paymentLink }}', '{{ documentLink }}'];
  return [...lines, ...(close === undefined ? [] : [close])].join('\n');
}
