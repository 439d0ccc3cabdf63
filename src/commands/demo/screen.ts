import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

/** Steps for a person: on a terminal the running one is shown as it moves, elsewhere each is one plain line when it is done. */
export class Screen {
  readonly #stream: WriteStream;
  readonly #live: boolean;
  #running = false;

  /** @param stream stdout or stderr; both may be a file or a pipe. */
  constructor(stream: WriteStream) {
    this.#stream = stream;
    this.#live = stream.isTTY;
  }

  title(text: string): void {
    this.#line(`\n${this.#styled('bold', text)}\n`);
  }

  /** What is being done; gone when the next line comes. */
  running(text: string): void {
    if (!this.#live) return;
    this.#clear();
    const shown = `  … ${text}`.slice(0, (this.#stream.columns || 80) - 1);
    this.#stream.write(this.#styled('dim', shown));
    this.#running = true;
  }

  done(text: string): void {
    this.#line(`  ${this.#styled('green', '✓')} ${text}`);
  }

  note(text: string): void {
    this.#line(`  ${this.#styled('yellow', '!')} ${text}`);
  }

  failed(text: string): void {
    this.#line(`  ${this.#styled('red', '✗')} ${text}`);
  }

  plain(text: string): void {
    this.#line(text);
  }

  /** Rows under their heads; `right` names the columns of numbers. */
  table(heads: readonly string[], rows: readonly (readonly string[])[], right: readonly number[]): void {
    const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at]?.length ?? 0)));
    const lineOf = (row: readonly string[]): string =>
      row
        .map((cell, at) => (right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
        .join('  ')
        .trimEnd();
    this.#line(`  ${this.#styled('bold', lineOf(heads))}`);
    for (const row of rows) this.#line(`  ${lineOf(row)}`);
  }

  /** Takes away what was running: somebody else is about to write. */
  end(): void {
    this.#clear();
  }

  #line(text: string): void {
    this.#clear();
    this.#stream.write(`${text}\n`);
  }

  #clear(): void {
    if (this.#running) this.#stream.write('\r\u001b[2K');
    this.#running = false;
  }

  #styled(style: 'bold' | 'dim' | 'green' | 'yellow' | 'red', text: string): string {
    // Heeds NO_COLOR and whether the stream is a terminal at all.
    return styleText(style, text, { stream: this.#stream });
  }
}
