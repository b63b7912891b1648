/** An answer to long work: a line of JSON for each thing that happens. A failure is the last line, `{"problem": …}`. */
export class EventStream {
  private readonly work: (tell: (event: object) => void) => Promise<void>;

  /** The work goes on to its end whether somebody listens or not. */
  constructor(work: (tell: (event: object) => void) => Promise<void>) {
    this.work = work;
  }

  response(problemOf: (thrown: unknown) => object): Response {
    const { work } = this;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        let isHeard = true;
        const tell = (event: object): void => {
          if (isHeard) isHeard = said(() => controller.enqueue(Buffer.from(`${JSON.stringify(event)}\n`)));
        };
        work(tell)
          .catch((thrown) => tell({ problem: problemOf(thrown) }))
          .finally(() => said(() => controller.close()));
      },
    });
    return new Response(body, { headers: { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' } });
  }
}

/** Nothing can be said to a client that went away. */
function said(say: () => void): boolean {
  try {
    say();
    return true;
  } catch {
    return false;
  }
}
