import type { RunComparison } from '../../contracts/comparison.js';
import { html } from '../html.js';
import { table } from '../table.js';
import { nothing, type Section } from '../sections/section.js';

/** Settings that are not the same. */
export const configSection = ({ runs, config }: RunComparison): Section => ({
  id: 'config',
  title: 'Config differences',
  lead: config.length > 0 ? 'Settings that are not the same in all runs, defaults filled in.' : '',
  body:
    config.length === 0
      ? nothing('All settings are the same: what differs is the data or the code.')
      : table(
          'Config differences',
          [{ head: 'setting' }, ...runs.map(({ label }) => ({ head: label }))],
          config.map(({ path, values }) => [
            html`<code>${path}</code>`,
            ...values.map((value) =>
              value === null ? html`<span class="zero">not set</span>` : html`<code>${value}</code>`,
            ),
          ]),
          { filter: config.length > 12 },
        ),
});
