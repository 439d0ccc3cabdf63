import { Conditions } from './conditions.ts';
import { control } from './control.ts';
import { type Mix, roughMix } from './faults.ts';
import type { Gate } from './gate.ts';
import { LedgerBook } from './ledger-book.ts';
import type { Channel, Phase } from './ledger.ts';
import { smsapiProvider } from './smsapi-provider.ts';
import { smtpProvider } from './smtp-provider.ts';

export type ProvidersOptions = {
  readonly seed: string;
  /** Of all durations. */
  readonly scale: number;
  /** Where the ledger goes; a new file. */
  readonly ledgerFile?: string | undefined;
  readonly mix?: Mix;
  /** What SIZE announces. Default 40 MB. */
  readonly maxMessageBytes?: number | undefined;
};

/** The world outside: both providers and their control, each on a loopback port of its own. */
export class Providers {
  readonly book: LedgerBook;
  readonly #conditions: Conditions;
  readonly #gates: Readonly<Record<Channel | 'control', Gate>>;

  constructor({ seed, scale, ledgerFile, mix = roughMix, maxMessageBytes = 40_000_000 }: ProvidersOptions) {
    const book = new LedgerBook(ledgerFile);
    const conditions = new Conditions({ seed, scale, mix });
    this.book = book;
    this.#conditions = conditions;
    this.#gates = {
      email: smtpProvider({ book, conditions, maxMessageBytes }),
      sms: smsapiProvider({ book, conditions }),
      control: control({
        book,
        conditions,
        turn: async (channel, phase) => this.turn(channel, phase),
        calm: async () => this.calm(),
      }),
    };
  }

  async start(): Promise<{ smtpPort: number; smsapiPort: number; controlPort: number }> {
    const { email, sms, control } = this.#gates;
    const [smtpPort, smsapiPort, controlPort] = await Promise.all([email.open(), sms.open(), control.open()]);
    return { smtpPort, smsapiPort, controlPort };
  }

  /** Down: connections are refused and those that stand are cut off. Up and slow: the same port takes them again. */
  async turn(channel: Channel, phase: Phase): Promise<void> {
    this.book.turn(channel, phase);
    this.#conditions.turn(channel, phase);
    if (phase === 'down') await this.#gates[channel].shut();
    else await this.#gates[channel].open();
  }

  /** Both are up and make no more faults but the refusals for good. */
  async calm(): Promise<void> {
    this.#conditions.calm();
    await this.turn('email', 'up');
    await this.turn('sms', 'up');
  }

  /** Cuts off what is under way, and closes the ledger. */
  async stop(): Promise<void> {
    await this.turn('email', 'down');
    await this.turn('sms', 'down');
    await this.#gates.control.shut();
    this.book.close();
  }
}
