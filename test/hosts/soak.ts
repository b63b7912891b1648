/** Whether `npm run test:soak` runs: for hours, with the numbers of a nightly run. */
export const isSoak = Boolean(process.env.SPECSTORY_SOAK);

/** How often something is done: `usual` times in `npm test`, `long` times in `npm run test:soak`. */
export const soak = (usual: number, long: number): number => (isSoak ? long : usual);

/** Milliseconds that a test may take. */
export const patience = soak(240_000, 7_200_000);
