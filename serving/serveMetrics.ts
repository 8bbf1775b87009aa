/** Upper bounds of the histogram of latencies, seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

type Labels = Readonly<Record<string, string>>;

/** Counts of a serving process, as Prometheus reads them. */
export class ServeMetrics {
  readonly #counters = new Map<string, Map<string, number>>();
  readonly #latencies = new Map<string, { readonly counts: number[]; sum: number; total: number }>();

  count(name: string, labels: Labels, by = 1): void {
    const series = this.#counters.get(name) ?? new Map<string, number>();
    this.#counters.set(name, series);
    const key = text(labels);
    series.set(key, (series.get(key) ?? 0) + by);
  }

  /** @param seconds from the request's arrival to its answer */
  time(route: string, seconds: number): void {
    const series = this.#latencies.get(route) ?? { counts: BOUNDS.map(() => 0), sum: 0, total: 0 };
    this.#latencies.set(route, series);
    const at = BOUNDS.findIndex((bound) => seconds <= bound);
    if (at >= 0) series.counts[at]! += 1;
    series.sum += seconds;
    series.total += 1;
  }

  /** @source Prometheus text exposition format 0.0.4 */
  render(gauges: Readonly<Record<string, readonly (readonly [Labels, number])[]>> = {}): string {
    const lines: string[] = [];
    for (const [name, series] of this.#counters) {
      lines.push(`# TYPE ${name} counter`);
      for (const [labels, value] of series) lines.push(`${name}${labels} ${value}`);
    }
    const duration = 'assay_serve_request_seconds';
    if (this.#latencies.size > 0) lines.push(`# TYPE ${duration} histogram`);
    for (const [route, { counts, sum, total }] of this.#latencies) {
      let below = 0;
      counts.forEach((value, i) => {
        below += value;
        lines.push(`${duration}_bucket${text({ route, le: String(BOUNDS[i]!) })} ${below}`);
      });
      lines.push(`${duration}_bucket${text({ route, le: '+Inf' })} ${total}`);
      lines.push(`${duration}_sum${text({ route })} ${sum}`, `${duration}_count${text({ route })} ${total}`);
    }
    for (const [name, series] of Object.entries(gauges)) {
      lines.push(`# TYPE ${name} gauge`);
      for (const [labels, value] of series) lines.push(`${name}${text(labels)} ${value}`);
    }
    return `${lines.join('\n')}\n`;
  }
}

const text = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
