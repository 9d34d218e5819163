import { readFileSync } from 'node:fs';
import type { Boot } from './record.ts';

/** This boot of this machine, as the shell stub names it. Empty where there is no /proc: calls then have the time at which they are read. */
export function readBoot(): Boot {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const uptime = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
    return { id, startedAtMs: Date.now() - uptime * 1000 };
  } catch {
    return { id: '', startedAtMs: 0 };
  }
}
