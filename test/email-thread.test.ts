import { describe, expect, test } from 'vitest';
import { messageIdOf, threadHeaders } from '../src/channels/email/thread.ts';
import { asId, formatId } from '../src/domain/ids.ts';

// Made on 14 April 2026, 08:00 UTC.
const rootDueDateId = asId('dueDate', '019d8b0c-2c00-7abc-8def-0123456789ab');
const reminderId = asId('reminder', '019d8b0c-2c00-7000-8000-000000000001');
const previous = { reminderId, position: 1, generation: 2 };

describe('the messages about one due date', () => {
  test('refer to one root, which the first of them replies to by nothing', () => {
    const first = threadHeaders({ rootDueDateId, previous: null }, 'example.com');
    expect(first.references).toEqual([`<${formatId('dueDate', rootDueDateId)}.thread@example.com>`]);
    expect(first.inReplyTo).toBeNull();
  });

  test('answer the one before, and refer to the root too, should that one have been deleted', () => {
    const later = threadHeaders({ rootDueDateId, previous }, 'example.com');
    const before = `<${formatId('reminder', reminderId)}.1.2@example.com>`;
    expect(messageIdOf(previous, 'example.com')).toBe(before);
    expect(later.references).toEqual([`<${formatId('dueDate', rootDueDateId)}.thread@example.com>`, before]);
    expect(later.inReplyTo).toBe(before);
  });

  test('have one Thread-Index: a 1, the time, and the due date as GUID ([MS-OXOMSG] §2.2.1.3)', () => {
    const indexes = [null, previous].map(
      (each) => threadHeaders({ rootDueDateId, previous: each }, 'a.example').threadIndex,
    );
    expect(indexes[0]).toBe(indexes[1]);
    const bytes = Buffer.from(indexes[0] ?? '', 'base64');
    expect(bytes).toHaveLength(22);
    expect(bytes[0]).toBe(1);
    expect(bytes.subarray(6).toString('hex')).toBe(rootDueDateId.replaceAll('-', ''));
    // The six bytes are the high ones of a FILETIME: 100 ns since 1601, without the last 65,536 of them (6.5 ms).
    const filetime = BigInt(`0x${bytes.subarray(0, 6).toString('hex')}0000`);
    const unixMs = Number(filetime / 10_000n - 11_644_473_600_000n);
    const madeAt = Number.parseInt(rootDueDateId.replaceAll('-', '').slice(0, 12), 16);
    expect(madeAt - unixMs).toBeGreaterThanOrEqual(0);
    expect(madeAt - unixMs).toBeLessThanOrEqual(7);
  });

  test('without a due date to go on about stand alone', () => {
    expect(threadHeaders(null, 'example.com')).toEqual({ references: [], inReplyTo: null, threadIndex: null });
  });
});
