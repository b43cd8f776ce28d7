import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Later } from '../../www/flamegraph/later.ts';

describe('Later', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('runs once, the pause after it was last put off, with one timer', () => {
    const run = vi.fn();
    const later = new Later(run, 100);
    for (let turn = 0; turn < 50; turn += 1) {
      later.putOff();
      vi.advanceTimersByTime(10);
      expect(vi.getTimerCount()).toBe(1);
    }
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(89);
    expect(run).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(run).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not run after it was stopped, and does when it is put off again', () => {
    const run = vi.fn();
    const later = new Later(run, 100);
    later.putOff();
    later.stop();
    vi.advanceTimersByTime(500);
    expect(run).not.toHaveBeenCalled();
    later.putOff();
    later.stop();
    later.putOff();
    vi.advanceTimersByTime(100);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
