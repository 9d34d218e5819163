import { describe, expect, it } from 'vitest';
import { type Lanes, openLanes } from '../../../src/adapters/netbox/lanes.ts';

/** Batches of equal work against a server that does `perSecond(lanes)` of them: who is in flight lands evenly spaced. */
function serve(lanes: Lanes, batches: number, perSecond: (lanes: number) => number, fromMs = 0): number {
  let nowMs = fromMs;
  for (let i = 0; i < batches; i++) {
    nowMs += 1000 / perSecond(lanes.limit);
    lanes.landed(50, nowMs);
  }
  return nowMs;
}

describe('lanes', () => {
  it.each([
    [1, 3],
    [2, 3],
    [3, 3],
    [4, 4],
    [6, 6],
    [8, 8],
    [32, 8],
  ])('for a server with %i free cores settle near that: %i', (cores, settled) => {
    const lanes = openLanes({ start: 3, most: 8 });
    serve(lanes, 300, inFlight => Math.min(inFlight, cores));
    expect(lanes.limit).toBe(settled);
  });

  it('go on while a lane more pays by a tenth', () => {
    const lanes = openLanes({ start: 3, most: 8 });
    serve(lanes, 300, inFlight => 3 + (inFlight - 3) * 0.6);
    expect(lanes.limit).toBe(8);
  });

  it('do not go on for less', () => {
    const lanes = openLanes({ start: 3, most: 8 });
    serve(lanes, 300, inFlight => 3 + (inFlight - 3) * 0.25);
    expect(lanes.limit).toBe(3);
  });

  it('never leave their bounds, whatever lands when', () => {
    const lanes = openLanes({ start: 3, most: 8 });
    for (let i = 0; i < 500; i++) {
      lanes.landed((i * 7919) % 97, i % 3 === 0 ? 0 : i);
      if (i % 11 === 0) lanes.strained();
      expect(lanes.limit).toBeGreaterThanOrEqual(1);
      expect(lanes.limit).toBeLessThanOrEqual(8);
    }
  });

  it('are halved when the server is strained, and tried again after', () => {
    const lanes = openLanes({ start: 3, most: 8 });
    const nowMs = serve(lanes, 300, inFlight => inFlight);
    lanes.strained();
    expect(lanes.limit).toBe(4);
    for (let i = 0; i < 5; i++) lanes.strained();
    expect(lanes.limit).toBe(1);
    serve(lanes, 300, inFlight => Math.min(inFlight, 5), nowMs);
    expect(lanes.limit).toBe(5);
  });
});
