import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { systemPath } from './machine.ts';
import { sh } from './namespace.ts';
import type { BmcNet } from './net.ts';
import { bmcSegment, loadAddress } from './segments.ts';

export type LoadWish = {
  /** So many exchanges of four packets, */
  readonly exchanges: number;
  readonly perSecond: number;
  /** by so many clients, one after another. */
  readonly clients?: number;
  /** Instead of MACs of its own: each exchange takes one of these at random. */
  readonly macs?: readonly string[];
};

/** What perfdhcp measured of a question and its answer. Times of nothing are absent. */
export type Exchange = {
  readonly sent: number;
  readonly received: number;
  readonly drops: number;
  readonly minMs: number | undefined;
  readonly averageMs: number | undefined;
  readonly maxMs: number | undefined;
};
export type LoadReport = { readonly discoverOffer: Exchange; readonly requestAck: Exchange };

/** Loads a server with perfdhcp and gives its report. To the server it is a relay, with the address that it has. */
export async function loadServer(net: BmcNet, wish: LoadWish): Promise<LoadReport> {
  const { namespace, device } = await net.plugIn();
  await sh([`ip -n ${namespace} address add ${loadAddress}/${bmcSegment.prefixLength} dev ${device}`]);
  const { exchanges, perSecond, clients = exchanges, macs } = wish;
  const list = join(net.folder, `${namespace}.macs`);
  if (macs) await writeFile(list, `${macs.join('\n')}\n`);
  // Waits a second for late answers.
  const options = ['-4', '-l', device, '-r', perSecond, '-n', exchanges, '-R', clients, '-W', 1_000_000].map(String);
  const command = ['perfdhcp', ...options, ...(macs ? ['-M', list] : []), bmcSegment.gateway];
  const ran = await execa('ip', ['netns', 'exec', namespace, ...command], {
    env: { PATH: systemPath },
    extendEnv: false,
    reject: false,
    timeout: 30_000 + (exchanges / perSecond) * 1000,
  });
  // 3: some exchanges were not answered, which its report says.
  if (ran.exitCode !== 0 && ran.exitCode !== 3) throw new Error(`perfdhcp: ${ran.stderr || ran.stdout}`);
  return readReport(String(ran.stdout));
}

/** Reads the final report of perfdhcp 2.2 and later. */
export function readReport(text: string): LoadReport {
  return { discoverOffer: readExchange(text, 'DISCOVER-OFFER'), requestAck: readExchange(text, 'REQUEST-ACK') };
}

function readExchange(text: string, name: string): Exchange {
  const [, part = ''] = text.split(`***Statistics for: ${name}***`);
  const [own = ''] = part.split('***');
  const number = (label: string): number | undefined => {
    const found = new RegExp(`^${label}: ([\\d.]+)`, 'm').exec(own)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [sent, received, drops] = [number('sent packets'), number('received packets'), number('drops')];
  if (sent === undefined || received === undefined || drops === undefined)
    throw new Error(`perfdhcp gave no report about ${name}:\n${text}`);
  return {
    sent,
    received,
    drops,
    minMs: number('min delay'),
    averageMs: number('avg delay'),
    maxMs: number('max delay'),
  };
}
