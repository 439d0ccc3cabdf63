/** Name, code and place of an error. Its message may hold rows' values (PostgreSQL quotes them): it stays out of the log. */
export function withoutText(error: unknown): { name: string; code: string | null; at: string[] } {
  const code = property(error, 'code');
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return {
    name: error instanceof Error ? error.name : typeof error,
    code: typeof code === 'string' ? code : null,
    at: stack
      .split('\n')
      .filter((frame) => /^\s+at /.test(frame))
      .map((frame) => frame.trim())
      .slice(0, 12),
  };
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
