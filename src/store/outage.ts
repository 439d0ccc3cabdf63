/** The database could not do it: it is away, it is full, or others were in the way. It says nothing of what was asked. */
export function isDatabaseTrouble(error: unknown): boolean {
  return isOutage(error) || isFull(error) || isContention(error);
}

/** No answer, or none that counts: another try may succeed as it is. */
export function isOutage(error: unknown): boolean {
  return causes(error).some((cause) => {
    const code = property(cause, 'code');
    // The database's socket is not there; any other missing file is a fault of ours.
    if (code === 'ENOENT' && property(cause, 'syscall') === 'connect') return true;
    // SQLSTATE class 08: connection; 57P: the server goes down or comes up; 53300: too many connections.
    if (typeof code === 'string' && (outageCodes.has(code) || /^08|^57P0[1-5]|^53300/.test(code))) return true;
    return cause instanceof Error && outageMessages.test(cause.message);
  });
}

/** It has no room: 53100 disk, 53200 memory; 58030 is what PostgreSQL says of a disk that fails otherwise. */
export function isFull(error: unknown): boolean {
  return hasCode(error, ['53100', '53200', '58030']);
}

/** Serialization failure, deadlock, lock timeout. */
export function isContention(error: unknown): boolean {
  return hasCode(error, ['40001', '40P01', '55P03']);
}

const outageCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);
// node-postgres gives these no code.
const outageMessages =
  /connection terminated|timeout exceeded when trying to connect|is not queryable|cannot use a pool after/i;

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return causes(error).some((cause) => codes.includes(String(property(cause, 'code'))));
}

function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (
    let cause = error;
    cause !== undefined && chain.length < 5;
    cause = property(cause, 'cause') ?? property(cause, 'previous')
  ) {
    chain.push(cause, ...(cause instanceof AggregateError ? cause.errors : []));
  }
  return chain;
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
