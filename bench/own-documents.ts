import type { Service } from './service.ts';

/** A PDF for each due date, no two alike, as in life: what is worked out for one helps no other. */
export async function attachOwn(service: Service, dueDates: readonly string[], pdf: Uint8Array): Promise<void> {
  const left = [...dueDates];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let ref = left.pop(); ref !== undefined; ref = left.pop()) {
        await service.call('PUT', `/v1/due-dates/${ref}/pdf`, Buffer.concat([pdf, Buffer.from(`% ${ref}\n`)]));
      }
    }),
  );
}
