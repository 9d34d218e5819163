import { isAlive } from './identity.ts';
import { labSettings } from './running.ts';
import { readState, serviceNames } from './state.ts';

/** What the doctor wants to know of the lab. */
export type LabReport = {
  readonly running: number;
  readonly services: number;
  readonly url: string | undefined;
};

/** Which services live, without their memory: counting the pages of every process takes as long as all else that the doctor asks. */
export type LabProbe = () => LabReport;

export function openLabProbe(stateDir: string): LabProbe {
  return () => {
    const state = readState(stateDir);
    const records = Object.values(state?.services ?? {});
    return {
      running: records.filter(record => record !== undefined && isAlive(record)).length,
      services: serviceNames.length,
      url: state && labSettings(state)?.NETBOX_URL,
    };
  };
}
