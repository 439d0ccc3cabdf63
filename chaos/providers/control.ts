import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Conditions } from './conditions.ts';
import { Gate } from './gate.ts';
import type { LedgerBook } from './ledger-book.ts';
import { type Channel, type Phase, phaseOrderSchema } from './ledger.ts';
import { readBody } from './read-body.ts';

type Options = {
  readonly book: LedgerBook;
  readonly conditions: Conditions;
  /** Opens or shuts that provider's door, and resolves when it is so. */
  readonly turn: (channel: Channel, phase: Phase) => Promise<void>;
  readonly calm: () => Promise<void>;
};

type Reply = { readonly status: number; readonly body: object };

/** `GET /health`, `GET /ledger[?counts]`, `POST /phase`, `POST /calm`: see `ledger.ts` for what they say. */
export function control(options: Options): Gate {
  const server = createServer((request, response) => {
    respond(options, request, response).catch(() => request.socket.destroy());
  });
  return new Gate(server);
}

async function respond(options: Options, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body } = await answer(options, request);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function answer({ book, conditions, turn, calm }: Options, request: IncomingMessage): Promise<Reply> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://providers.example');
  const channels = { email: conditions.phase('email'), sms: conditions.phase('sms') };
  switch (`${request.method ?? ''} ${pathname}`) {
    case 'GET /health':
      return { status: 200, body: { ok: true, seed: conditions.seed, phases: channels } };
    case 'GET /ledger': {
      const { taken, exchanges, phases } = book;
      const counted = { email: book.counts('email'), sms: book.counts('sms') };
      return { status: 200, body: searchParams.has('counts') ? counted : { taken, exchanges, phases } };
    }
    case 'POST /phase': {
      const order = phaseOrderSchema.safeParse(parseJson(await readBody(request, 10_000)));
      if (!order.success) return { status: 400, body: { message: order.error.message } };
      await turn(order.data.channel, order.data.phase);
      return { status: 200, body: order.data };
    }
    case 'POST /calm':
      await calm();
      return { status: 200, body: { calm: true } };
    default:
      return { status: 404, body: { message: 'not known here' } };
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
