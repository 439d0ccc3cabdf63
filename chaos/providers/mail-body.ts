// RFC 5321 §4.1.1.4: the body ends with a line that holds a dot alone.
const endMark = Buffer.from('\r\n.\r\n');
const headEnd = '\r\n\r\n';
const longestHead = 64 * 1024;

/** A message as it arrives after 354: its length and its headers; the rest is counted and forgotten. */
export class MailBody {
  bytes = 0;
  #head = '';
  // What stands before the first line counts as a line's end, so that a body may be empty.
  #tail = Buffer.from('\r\n');

  /** @returns what came after the final dot, or undefined while that has not come. */
  feed(chunk: Buffer): Buffer | undefined {
    const joined = Buffer.concat([this.#tail, chunk]);
    const end = joined.indexOf(endMark);
    const rest = end < 0 ? undefined : joined.subarray(end + endMark.length);
    this.bytes += chunk.length - (rest?.length ?? 0);
    if (this.#head.length < longestHead && !this.#head.includes(headEnd)) this.#head += chunk.toString('latin1');
    this.#tail = joined.subarray(-(endMark.length - 1));
    return rest;
  }

  /** A header's value, unfolded (RFC 5322 §2.2.3), or null. */
  header(name: string): string | null {
    const [head = ''] = this.#head.split(headEnd, 1);
    for (const line of head.replaceAll(/\r\n(?=[ \t])/g, '').split('\r\n')) {
      const colon = line.indexOf(':');
      if (line.slice(0, colon).toLowerCase() === name.toLowerCase()) return line.slice(colon + 1).trim();
    }
    return null;
  }
}
