import { describe, expect, it } from 'vitest';
import { Slots } from '../../../src/server/routes/slots.ts';

describe('slots', () => {
  it('are handed on in the order of asking, and refused to a crowd and after patience', async () => {
    const slots = new Slots(1, 30);
    const leave = await slots.take();
    const order: number[] = [];
    const waiting = [1, 2].map(async (number) => {
      const next = await slots.take();
      order.push(number);
      return next;
    });
    leave?.();
    leave?.();
    (await waiting[0])?.();
    expect(await waiting[1]).toBeDefined();
    expect(order).toEqual([1, 2]);
    const crowd = await Promise.all(Array.from({ length: 5 }, () => slots.take()));
    expect(crowd).toEqual(Array(5).fill(undefined));
    expect(await new Slots(0, 30).take()).toBeUndefined();
  });
});
