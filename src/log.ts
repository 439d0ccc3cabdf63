import { pino, type Logger } from 'pino';

/** JSON lines on stderr, so that stdout belongs to what a command answers. Ids and codes only: no personal data. */
export function makeLog(level: string): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: false }),
  );
}
