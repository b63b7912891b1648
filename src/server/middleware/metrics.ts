import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** Counts for Prometheus. Labels name routes and outcomes, never accounts or projects. */
export interface Metrics {
  request(labels: { method: string; route: string; status: number }, seconds: number): void;
  signIn(how: string, outcome: 'ok' | 'refused'): void;
  /** Metrics of other parts of the server are registered here. */
  readonly registry: Registry;
}

export function openMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const requests = new Histogram({
    name: 'specstory_http_request_duration_seconds',
    help: 'Time to answer a request.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    registers,
  });
  const signIns = new Counter({
    name: 'specstory_sign_ins_total',
    help: 'Attempts to sign in or to get a token.',
    labelNames: ['how', 'outcome'],
    registers,
  });
  return {
    request: (labels, seconds) => requests.observe(labels, seconds),
    signIn: (how, outcome) => signIns.inc({ how, outcome }),
    registry,
  };
}
