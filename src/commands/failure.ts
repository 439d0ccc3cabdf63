import { WrongUse } from './command.ts';

/**
 * What a person reads when a command ends with an error: one line for what they can mend (every error of ours, of the
 * system and of PostgreSQL says so in one), the whole stack for what only a programmer can.
 */
export function failureText(error: unknown): string {
  const text = isBug(error) && error instanceof Error ? (error.stack ?? error.message) : lineOf(error);
  const unreachable = unreachableCodes.has(codeOf(error) ?? '');
  return `sollecito: ${text}${unreachable ? ' ("sollecito doctor" says what is wrong)' : ''}\n`;
}

// Node's for hosts that do not answer, PostgreSQL's for a wrong password and a database that is not there.
const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  '28P01',
  '3D000',
]);

/** 2 for wrong use, 1 for everything else. */
export function failureCode(error: unknown): number {
  return error instanceof WrongUse ? 2 : 1;
}

/** One error in one line. */
export function lineOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = codeOf(error);
  if (code === 'EADDRINUSE' && 'port' in error) {
    return `port ${String(error.port)} is taken by another program: set PORT to another one`;
  }
  // A host with several addresses: Node packs one error for each, and says nothing itself.
  const told = error instanceof AggregateError ? error.errors.find((one) => one instanceof Error) : undefined;
  const message = (error.message || (told instanceof Error ? told.message : '') || code || error.name).trim();
  return message.replaceAll(/\s*\n\s*/g, ' ');
}

/** The code that Node or PostgreSQL gave an error, or undefined. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function isBug(error: unknown): boolean {
  if (error instanceof Error && codeOf(error) !== undefined) return false;
  const bugs = [TypeError, ReferenceError, RangeError, SyntaxError];
  return !(error instanceof Error) || bugs.some((kind) => error instanceof kind);
}
