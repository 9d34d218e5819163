/** What a person is told who ends bmtool as it stands, with a second Ctrl-C: kept current by whoever would leave something half done. */
export type LastWords = { now: string | undefined };
