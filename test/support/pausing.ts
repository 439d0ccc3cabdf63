import { expect } from 'vitest';
import type { Answer } from './api.ts';
import { TestService } from './service.ts';

type Shown = {
  id: string;
  tenant: string | null;
  owner: string;
  byPlatform: boolean;
  active: boolean;
  endedAt: string | null;
  inFlight: string[];
};
type Page = { items: Shown[]; nextCursor: string | null };

export const own = '/v1/pauses';
export const everybodys = '/v1/admin/pauses';

/** A service whose tenant and whose platform pause and lift: `path` says who, unless a key does. */
export class Pausing {
  readonly service: TestService;
  readonly #platform: string;

  private constructor(service: TestService, platform: string) {
    this.service = service;
    this.#platform = platform;
  }

  static async start(): Promise<Pausing> {
    const service = await TestService.start();
    return new Pausing(service, await service.api.addPlatformKey());
  }

  /** No pause stands, and nothing waits. */
  async begin(): Promise<void> {
    this.service.clock.set('2026-03-02T09:00:00Z');
    await this.service.query('DELETE FROM sollecito.pause');
    await this.service.query("UPDATE sollecito.delivery SET status = 'canceled' WHERE status <> 'sent'");
  }

  async add(path: string, body: Record<string, unknown>, key = this.#keyOf(path)): Promise<Answer<Shown>> {
    return this.service.call<Shown>('POST', path, { key, body: { reason: 'Inventory', ...body } });
  }

  async lift(path: string, id: string, key = this.#keyOf(path)): Promise<Answer<Shown>> {
    return this.service.call<Shown>('DELETE', `${path}/${id}`, { key });
  }

  async list(path: string, query = '', key = this.#keyOf(path)): Promise<Page> {
    return (await this.service.call<Page>('GET', path + query, { key })).body;
  }

  /** Puts a pause between a delivery's dispatch and its claim, so that it is put off. */
  async putOff(body: Record<string, unknown>, path = own): Promise<{ reminder: string; pause: Shown }> {
    const { id } = await this.service.remind();
    let pause: Shown | undefined;
    const desk = await this.service.changingDesk('email', async () => {
      pause ??= (await this.add(path, body)).body;
    });
    await this.service.sendDue('email', { desk });
    expect(await this.service.fates(id)).toEqual(['accepted paused']);
    return { reminder: id, pause: pause ?? expect.fail('no claim') };
  }

  #keyOf(path: string): string {
    return path === own ? this.service.api.tenant.key : this.#platform;
  }
}
