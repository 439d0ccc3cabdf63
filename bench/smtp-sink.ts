import { createServer, type Socket } from 'node:net';
import { z } from 'zod';
import { serve } from './child.ts';
import { monotonicMs } from './monotonic.ts';

// Takes every message and keeps none: as little work as SMTP allows, so that it never is what limits the senders.
// First message: `{ slowMs }` or nothing, answered with the port; so many milliseconds pass before it answers a message.
// Then `{ more: n }`, answered once n more messages are there, with the moment when the last one's end came.

let taken = 0;
let takenAt = 0;
let slowMs = 0;
let wish: { count: number; granted: () => void } | undefined;
const endMark = Buffer.from('\r\n.\r\n');

const server = createServer({ noDelay: true }, (socket) => {
  let inBody = false;
  let last = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.write('220 sink\r\n');
  socket.on('data', (chunk: Buffer) => {
    if (!inBody) {
      inBody = answerCommand(socket, chunk.toString('latin1'));
      last = Buffer.alloc(0);
      return;
    }
    // A client says nothing more until its message was answered, so the mark can only stand at a chunk's end.
    last = Buffer.concat([last, chunk.subarray(-endMark.length)]).subarray(-endMark.length);
    if (!last.equals(endMark)) return;
    inBody = false;
    taken += 1;
    takenAt = monotonicMs();
    if (slowMs > 0) setTimeout(() => socket.write('250 2.0.0 Ok: queued\r\n'), slowMs);
    else socket.write(`250 2.0.0 Ok: queued as ${taken}\r\n`);
    if (wish && taken >= wish.count) wish.granted();
  });
});

/** @returns whether a message's body comes next. */
function answerCommand(socket: Socket, line: string): boolean {
  const verb = line.slice(0, 4).toUpperCase();
  if (verb === 'EHLO') socket.write('250-sink\r\n250-8BITMIME\r\n250 SIZE 52428800\r\n');
  else if (verb === 'DATA') socket.write('354 go on\r\n');
  else if (verb === 'QUIT') socket.end('221 bye\r\n');
  else socket.write('250 ok\r\n');
  return verb === 'DATA';
}

const question = z.object({ more: z.number().optional(), slowMs: z.number().optional() });
let counted = 0;

serve(async (message) => {
  const { more, ...options } = question.parse(message);
  if (more === undefined) {
    slowMs = options.slowMs ?? 0;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    return { port: typeof address === 'object' ? address?.port : undefined };
  }
  counted += more;
  const count = counted;
  if (taken < count) {
    await new Promise<void>((resolve) => {
      wish = { count, granted: resolve };
    });
  }
  wish = undefined;
  return { taken, takenAt };
});
