import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange, GreetingFault, MessageFault, SenderFault } from '../chaos/providers/ledger.ts';
import { delivery, email, endAll, ended, received, recipient, reminder, world } from './support/outside.ts';

afterEach(endAll);

describe('email', () => {
  test('an ordinary message is taken, with what names it', async () => {
    const { providers, smtpPort } = await world({});
    expect(await email(smtpPort, { text: '.\r\n..\r\nlast' })).toBe(250);
    expect(providers.book.taken).toMatchObject([
      {
        channel: 'email',
        reminder,
        delivery,
        recipient,
        generation: 2,
        resend: 1,
        messageId: `<${reminder}.0.2@example.com>`,
        idx: null,
        fault: 'ordinary',
        exchange: 1,
      },
    ]);
    expect(providers.book.exchanges).toMatchObject([{ delivery, recipient, attempt: 1, reached: 'received' }]);
  });

  const messageCases: [MessageFault, wire: number | 'none', Partial<Exchange>][] = [
    ['rcpt-450', 450, { reached: 'envelope', end: 'answered', answer: 450, taken: false }],
    ['rcpt-550', 550, { reached: 'envelope', end: 'answered', answer: 550, taken: false }],
    ['data-451', 451, { reached: 'envelope', end: 'answered', answer: 451, taken: false }],
    ['data-554', 554, { reached: 'envelope', end: 'answered', answer: 554, taken: false }],
    ['data-silence', 'none', { reached: 'envelope', end: 'left', answer: null, taken: false }],
    ['drop-at-body', 'none', { reached: 'dataBegan', end: 'dropped', answer: null, taken: false }],
    ['drop-in-body', 'none', { reached: 'dataBegan', end: 'dropped', answer: null, taken: false }],
    ['dot-451', 451, { reached: 'received', end: 'answered', answer: 451, taken: false }],
    ['dot-554', 554, { reached: 'received', end: 'answered', answer: 554, taken: false }],
    ['drop-after-dot', 'none', { reached: 'received', end: 'dropped', answer: null, taken: true }],
    ['silence-taken', 'none', { reached: 'received', end: 'left', answer: null, taken: true }],
    ['silence-lost', 'none', { reached: 'received', end: 'left', answer: null, taken: false }],
    ['late', 250, { reached: 'received', end: 'answered', answer: 250, taken: true }],
  ];
  test.each(messageCases)('%s does what it says', async (fault, wire, exchange) => {
    const { providers, smtpPort } = await world({ message: [[fault, 1]] });
    const got = await email(smtpPort, {
      text: 'x'.repeat(300_000),
      ...(fault.startsWith('silence') ? { leave: received(providers) } : {}),
      ...(fault === 'data-silence' ? { silenceMs: 1_000 } : {}),
    });
    expect(got).toBe(wire);
    expect(await ended(providers)).toEqual({ ...exchange, fault });
    expect(providers.book.taken.map((one) => one.recipient)).toEqual(exchange.taken === true ? [recipient] : []);
  });

  const earlyCases: [GreetingFault | SenderFault, wire: number | 'none', Partial<Exchange>][] = [
    ['greeting-421', 421, { reached: 'connected', end: 'answered', answer: 421 }],
    ['greeting-554', 554, { reached: 'connected', end: 'answered', answer: 554 }],
    ['greeting-drop', 'none', { reached: 'connected', end: 'dropped', answer: null }],
    ['mail-452', 452, { reached: 'envelope', end: 'answered', answer: 452 }],
    ['mail-553', 553, { reached: 'envelope', end: 'answered', answer: 553 }],
  ];
  test.each(earlyCases)('%s does what it says', async (fault, wire, exchange) => {
    const mix = fault.startsWith('greeting')
      ? { greeting: [[fault as GreetingFault, 1] as const] }
      : { sender: [[fault as SenderFault, 1] as const] };
    const { providers, smtpPort } = await world(mix);
    expect(await email(smtpPort)).toBe(wire);
    expect(await ended(providers)).toEqual({ ...exchange, fault, taken: false });
    expect(providers.book.taken).toEqual([]);
  });

  test('a late answer that the client does not wait for is one that it left, and the message taken once', async () => {
    const { providers, smtpPort } = await world({ message: [['late', 1]] }, { scale: 1 });
    expect(await email(smtpPort, { leave: received(providers) })).toBe('none');
    expect(await ended(providers)).toMatchObject({ reached: 'received', end: 'left', answer: null, taken: true });
    expect(providers.book.taken).toHaveLength(1);
  });

  test('each coming of a recipient is counted, and each taking', async () => {
    const { providers, smtpPort } = await world({ message: [['drop-after-dot', 1]] });
    await email(smtpPort);
    await email(smtpPort);
    await email(smtpPort, { to: 'bruno@example.it' });
    expect(providers.book.exchanges.map(({ recipient: to, attempt }) => [to, attempt])).toEqual([
      [recipient, 1],
      [recipient, 2],
      ['bruno@example.it', 1],
    ]);
    expect(providers.book.taken).toHaveLength(3);
  });

  test('a message beyond the size is refused by what it declares, and by what it is', async () => {
    const { providers, smtpPort } = await world({}, { maxMessageBytes: 5_000 });
    const socket = connect(smtpPort, '127.0.0.1');
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    const says = async (line: string, answer: RegExp): Promise<void> => {
      heard = '';
      socket.write(line);
      await expect.poll(() => heard, { timeout: 10_000 }).toMatch(answer);
    };
    await says('EHLO client.example\r\n', /250-SIZE 5000\r\n[^]*250 AUTH PLAIN\r\n/);
    await says('MAIL FROM:<a@example.com> SIZE=5001\r\n', /^552 /);
    await says('MAIL FROM:<a@example.com>\r\n', /^250 /);
    await says('RCPT TO:<b@example.com>\r\n', /^250 /);
    await says('DATA\r\n', /^354 /);
    await says(`Subject: a\r\n\r\n${'y'.repeat(5_000)}\r\n.\r\n`, /^552 /);
    await says('MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n', /^250 .*\r\n250 .*\r\n354 /);
    const closed = once(socket, 'close');
    socket.write(`Subject: a\r\n\r\n${'z'.repeat(20_000)}`);
    await closed;
    expect(providers.book.taken).toEqual([]);
    expect(providers.book.exchanges.map(({ answer, end }) => [answer, end])).toEqual([
      [552, 'answered'],
      [552, 'answered'],
      [null, 'dropped'],
    ]);
  });

  test('a final dot is found wherever the packets part', async () => {
    const { providers, smtpPort } = await world({});
    const socket = connect({ port: smtpPort, host: '127.0.0.1', noDelay: true });
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString();
    });
    socket.write('MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n');
    await expect.poll(() => heard, { timeout: 10_000 }).toMatch(/354 /);
    for (const letter of 'X-Sollecito-Reminder:\r\n rem_x\r\n\r\n..\r\n\r\n.\r\n') {
      await new Promise((resolve) => {
        socket.write(letter, resolve);
      });
    }
    await expect.poll(() => heard, { timeout: 10_000 }).toMatch(/queued as 1\r\n$/);
    socket.write('DATA\r\n');
    await expect.poll(() => heard, { timeout: 10_000 }).toMatch(/554 5.5.1 no recipients\r\n$/);
    socket.destroy();
    expect(providers.book.taken).toMatchObject([{ recipient: 'b@example.com', reminder: 'rem_x', delivery: null }]);
  });
});
