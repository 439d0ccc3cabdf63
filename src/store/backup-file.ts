import { createHash } from 'node:crypto';
import { z } from 'zod';

/**
 * What a backup holds, unpacked (the file is this, packed by zstd): lines of JSON, and between them what COPY writes.
 *
 *   {"sollecito":"backup","format":1,…}         the header
 *   {"table":"tenant","columns":["id",…]}       for each table, before
 *   019…⇥acme⇥…                                  its rows, in COPY's text format, and
 *   \.                                          their end
 *   {"rows":{"tenant":2,…},"sequences":{}}      how many rows each table has
 *   {"sha256":"…"}                              of everything before this line; nothing follows
 */
const backupHeader = z.object({
  sollecito: z.literal('backup'),
  format: z.literal(1),
  release: z.string(),
  takenAt: z.string(),
  migrations: z.array(z.string()),
  /** The partitions that the events had: `2026-03`. */
  eventMonths: z.array(z.string().regex(/^\d{4}-\d{2}$/)),
});
export type BackupHeader = z.infer<typeof backupHeader>;

const tableLine = z.object({ table: z.string(), columns: z.array(z.string()) });
export type TableLine = z.infer<typeof tableLine>;

const totalsLine = z.object({
  rows: z.record(z.string(), z.int().nonnegative()),
  /** The value that each gave last. */
  sequences: z.record(z.string(), z.string().regex(/^-?\d+$/)),
});
export type Totals = z.infer<typeof totalsLine>;

const sumLine = z.object({ sha256: z.string() });

export const rowsEnd = Buffer.from('\\.\n');
// COPY writes a newline inside a value as \n, so that no row looks like this.
const rowsEndLine = Buffer.from('\n\\.\n');
const longestLine = 1_048_576;

/** A file that is no backup, or not a whole one, or not for this database: one line that says so. */
export class BackupRefused extends Error {
  override readonly name = 'BackupRefused';
}

/** One line of the file. */
export function backupLine(value: BackupHeader | TableLine | Totals): Buffer {
  return Buffer.from(`${JSON.stringify(value)}\n`);
}

/** Passes a backup on and adds its last line. */
export async function* withChecksum(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  yield Buffer.from(`${JSON.stringify({ sha256: hash.digest('hex') })}\n`);
}

/**
 * Reads a backup as a stream, a chunk in memory at a time: `header`, then `next` and for each table its `rows`, and
 * `end`, which alone tells that the file is whole and unchanged. Throws BackupRefused.
 */
export class BackupReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #hash = createHash('sha256');
  #buffer: Buffer = Buffer.alloc(0);

  constructor(unpacked: AsyncIterable<Buffer>) {
    this.#chunks = unpacked[Symbol.asyncIterator]();
  }

  async header(): Promise<BackupHeader> {
    const line = await this.#line();
    const known = z.object({ sollecito: z.literal('backup'), format: z.int() }).safeParse(line);
    if (!known.success) throw anotherFile();
    if (known.data.format !== 1) {
      throw new BackupRefused(`the backup has format ${known.data.format}, this release reads 1: take a newer one`);
    }
    return parsed(backupHeader, line);
  }

  /** A table, whose rows must be read next; or the totals, when there is none left. */
  async next(): Promise<TableLine | Totals> {
    return parsed(z.union([tableLine, totalsLine]), await this.#line());
  }

  /** The rows of the table that `next` has named, as COPY takes them. */
  async *rows(): AsyncGenerator<Buffer> {
    let atStart = true;
    for (;;) {
      const end = endOfRows(this.#buffer, atStart);
      if (end !== undefined) {
        if (end > 0) yield this.#take(end);
        this.#take(rowsEnd.length);
        return;
      }
      // The last letters may be the beginning of the end.
      const sure = this.#buffer.length - rowsEnd.length;
      if (sure > 0) {
        yield this.#take(sure);
        atStart = false;
      }
      if (!(await this.#more())) throw cutOff();
    }
  }

  /** Reads the last line, and that nothing follows it. */
  async end(): Promise<void> {
    const sum = this.#hash.copy().digest('hex');
    const told = parsed(sumLine, await this.#line());
    if (told.sha256 !== sum || this.#buffer.length > 0 || (await this.#more())) {
      throw new BackupRefused('the file has been changed since it was written: its checksum does not match');
    }
  }

  async #line(): Promise<unknown> {
    let end = this.#buffer.indexOf('\n');
    while (end === -1) {
      if (this.#buffer.length > longestLine) throw damaged();
      if (!(await this.#more())) throw cutOff();
      end = this.#buffer.indexOf('\n');
    }
    try {
      return JSON.parse(this.#take(end + 1).toString('utf8'));
    } catch {
      throw damaged();
    }
  }

  #take(length: number): Buffer {
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    this.#hash.update(taken);
    return taken;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next().catch((error: unknown) => {
      throw refusalOf(error);
    });
    if (next.done === true) return false;
    this.#buffer = this.#buffer.length === 0 ? next.value : Buffer.concat([this.#buffer, next.value]);
    return true;
  }
}

function endOfRows(buffer: Buffer, atStart: boolean): number | undefined {
  if (atStart && buffer.subarray(0, rowsEnd.length).equals(rowsEnd)) return 0;
  const found = buffer.indexOf(rowsEndLine);
  return found === -1 ? undefined : found + 1;
}

function parsed<T>(shape: z.ZodType<T>, line: unknown): T {
  const result = shape.safeParse(line);
  if (!result.success) throw damaged();
  return result.data;
}

function damaged(): BackupRefused {
  return new BackupRefused('the file is damaged');
}

function cutOff(): BackupRefused {
  return new BackupRefused('the file is cut off or damaged');
}

function anotherFile(): BackupRefused {
  return new BackupRefused('this is not a backup of Sollecito');
}

/** zlib's own codes begin with a Z; the rest (a disk that cannot be read) speaks for itself. */
function refusalOf(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ZSTD_error_prefix_unknown') return anotherFile();
  return code.startsWith('Z') ? cutOff() : error;
}
