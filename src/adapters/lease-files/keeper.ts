import { type Diary, saveDiary } from './diary.ts';

/** Writes a diary to disk after what it says was told: not each time, but soon. */
export type Keeper = {
  /** The diary is written on now: until all of that was told, it must not be saved. */
  runAhead(): void;
  allTold(): void;
  /** Saves a diary soon: where it has news, or another place than the one that was saved. */
  keep(diary: Diary, has: { isNews: boolean }): void;
  /** Saves what was told. When the last look, or the telling, was cut short, what came since the last save will be told again. */
  close(): void;
};

/** A diary of 10,000 addresses takes some milliseconds to write: under load that is not done after every event. */
const everyMs = 1_000;

export function openKeeper(diaryPath: string, path: string, clock: () => number): Keeper {
  let unsaved: Diary | undefined;
  let savedPlace: unknown = null; // none was saved
  let savedMs = 0;
  let isAhead = false;
  const save = (diary: Diary) => {
    saveDiary(diaryPath, path, diary);
    unsaved = undefined;
    savedPlace = diary.place;
    savedMs = clock();
  };
  return {
    runAhead() {
      isAhead = true;
    },
    allTold() {
      isAhead = false;
    },
    keep(diary, { isNews }) {
      if (isNews || diary.place !== savedPlace) unsaved = diary;
      if (unsaved && Math.abs(clock() - savedMs) >= everyMs) save(unsaved);
    },
    close() {
      if (unsaved && !isAhead) save(unsaved);
    },
  };
}
