import { readFileSync } from 'node:fs';
import { Queue, Worker } from 'bullmq';
import { Liquid } from 'liquidjs';
import mjml from 'mjml';
import { createTransport } from 'nodemailer';
import { toBuffer } from 'qrcode';
import { z } from 'zod';
import { epcQrPayload } from '../src/domain/epc-qr.ts';
import { parseCurrency, parseMoney } from '../src/domain/money.ts';
import type { LayoutData } from '../src/templates/layout.ts';
import { serve } from './child.ts';

// The bare script: jobs with all they need in BullMQ on Redis, MJML compiled in each, nodemailer's pool. No database,
// no claim, no settle, no events. The template is the service's own, with the same things said and shown in it.

const start = z.object({
  redis: z.object({ host: z.string(), port: z.number(), db: z.number() }),
  smtpPort: z.number(),
  concurrency: z.number(),
  pdfFile: z.string(),
});
const order = z.object({ send: z.number() });

type Job = { to: string; customer: string; number: string; dueOn: string; amount: string };
let run: ((count: number) => Promise<number>) | undefined;

serve(async (message) => {
  if (run) return { seconds: await run(order.parse(message).send) };
  run = begin(start.parse(message));
  return { ready: true };
});

function begin({ redis, smtpPort, concurrency, pdfFile }: z.infer<typeof start>): (count: number) => Promise<number> {
  const source = readFileSync(new URL('../src/templates/reminder.mjml', import.meta.url), 'utf8');
  const pdf = readFileSync(pdfFile);
  const liquid = new Liquid({ outputEscape: 'escape' });
  for (const [name, between] of [
    ['lines', '<br />'],
    ['groups', ' '],
  ] as const) {
    liquid.registerFilter(name, (value: readonly string[]) => value.join(between));
  }
  const template = liquid.parse(source);
  const pool = createTransport({
    host: '127.0.0.1',
    port: smtpPort,
    pool: true,
    maxConnections: concurrency,
    maxMessages: 100,
  });
  const queue = new Queue<Job>('bare', { connection: redis });
  let left = 0;
  let allDone: (() => void) | undefined;
  const worker = new Worker<Job>(
    'bare',
    async ({ data }) => {
      const filled: unknown = liquid.renderSync(template, layoutOf(data));
      const { html } = await mjml(String(filled));
      await pool.sendMail({
        from: 'Officine Rossi <reminders@bench.example>',
        to: data.to,
        subject: subjectOf(data),
        html,
        text: textOf(data),
        attachments: [
          { filename: 'qr.png', cid: 'qr', content: await squareOf(data) },
          { filename: `${data.number}.pdf`, contentType: 'application/pdf', content: pdf },
        ],
      });
    },
    { connection: { ...redis, maxRetriesPerRequest: null }, concurrency },
  );
  worker.on('completed', () => {
    if (--left === 0) allDone?.();
  });
  worker.on('failed', (_, error) => {
    throw error;
  });
  return async (count) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    left = count;
    allDone = resolve;
    const begun = performance.now();
    await queue.addBulk(
      Array.from({ length: count }, (_, n) => ({ name: 'send', data: dataOf(n), opts: { removeOnComplete: true } })),
    );
    await promise;
    return (performance.now() - begun) / 1_000;
  };
}

function dataOf(n: number): Job {
  return {
    to: `customer-${n}@bench.example`,
    customer: `Cliente ${n} S.r.l.`,
    number: `2026-${n}`,
    dueOn: '31 gennaio 2026',
    amount: '1.220,00 €',
  };
}

function subjectOf(job: Job): string {
  return `Fattura ${job.number}: il pagamento di ${job.amount} è scaduto il ${job.dueOn}`;
}

function linesOf(job: Job): string[][] {
  return [
    [`Gentile ${job.customer},`],
    [
      `il pagamento della fattura ${job.number}, pari a ${job.amount}, è scaduto il ${job.dueOn} e non risulta ancora pervenuto.`,
    ],
    ['La preghiamo di provvedere al saldo con un bonifico sul conto indicato qui sotto.'],
    ['Se ha già pagato, consideri nullo questo messaggio e ci scusi per il disturbo.'],
    ['Cordiali saluti,', 'Officine Rossi'],
  ];
}

const iban = 'IT60X0542811101000000123456';
const bank = [
  { label: 'Intestatario', value: 'Officine Rossi S.r.l.', groups: [] },
  { label: 'IBAN', value: '', groups: ['IT60', 'X054', '2811', '1010', '0000', '0123', '456'] },
  { label: 'Causale', value: 'Saldo fattura', groups: [] },
];

async function squareOf(job: Job): Promise<Buffer> {
  const currency = parseCurrency('EUR');
  const amount = currency && parseMoney('1220.00', currency);
  const payload =
    amount && epcQrPayload({ holder: 'Officine Rossi S.r.l.', iban, bic: null, amount, text: `Fattura ${job.number}` });
  return toBuffer(payload ?? '', { errorCorrectionLevel: 'M', margin: 4, scale: 6 });
}

function textOf(job: Job): string {
  const account = bank.map(({ label, value, groups }) => `  ${label}: ${value}${groups.join(' ')}`);
  return [...linesOf(job).map((lines) => lines.join('\n')), account.join('\n')].join('\n\n');
}

function layoutOf(job: Job): LayoutData {
  return {
    lang: 'it',
    subject: subjectOf(job),
    preview: `Da pagare: ${job.amount}`,
    sender: 'Officine Rossi',
    logo: '',
    colour: '#0b5d4e',
    onColour: '#ffffff',
    parts: [
      ...linesOf(job).map((lines) => ({ kind: 'text', lines })),
      { kind: 'dueDates', lines: [] },
      { kind: 'bankDetails', lines: [] },
    ],
    rows: [
      {
        title: `Fattura ${job.number}`,
        due: `Scadenza: ${job.dueOn}`,
        late: true,
        amount: job.amount,
        was: '',
        notes: [],
        paymentUrl: '',
      },
    ],
    more: '',
    totalLabel: 'Da pagare',
    totals: [job.amount],
    totalNotes: [],
    bank,
    qr: { src: 'cid:qr', alt: 'Codice QR per il bonifico', scan: 'Inquadri il codice con l’app della Sua banca' },
    paymentUrl: '',
    labels: {
      bankHeading: 'Coordinate per il bonifico',
      payOnline: 'Paga online',
    },
    footer: ['Inviato da Officine Rossi'],
  };
}
