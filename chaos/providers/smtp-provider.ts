import { createServer } from 'node:net';
import { Gate } from './gate.ts';
import { SmtpTalk, type SmtpTalkOptions } from './smtp-talk.ts';

/** An SMTP server on loopback that misbehaves as its conditions say, and writes down what it really took. */
export function smtpProvider(options: Omit<SmtpTalkOptions, 'connection'>): Gate {
  let connection = 0;
  return new Gate(
    createServer((socket) => {
      connection += 1;
      new SmtpTalk(socket, { ...options, connection }).greet().catch(() => socket.destroy());
    }),
  );
}
