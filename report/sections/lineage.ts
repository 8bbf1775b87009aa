import type { ArtifactRef } from '../../contracts/artifact.js';
import type { Artifacts } from '../../contracts/stage.js';
import type { RunSummary } from '../../contracts/summary.js';
import { count } from '../format.js';
import { html, type Html } from '../html.js';
import { lineageGraph } from '../lineageGraph.js';
import { table } from '../table.js';
import { nothing, type Section } from './section.js';

/** Pieces of one kind: shards, folds and rounds of a stage. */
interface Pieces {
  readonly path: string; // with a * for what is counted: `loop.*.fit.*`
  readonly stageKeys: string[];
  readonly inputs: Map<string, Map<string, ArtifactRef>>; // by name and hash
  readonly outputs: Map<string, Map<string, ArtifactRef>>;
}

const SHOWN_REFERENCES = 4;

/** Which artifact was made of which, by hash; pieces that differ by a number are one row. */
export function lineageSection({ lineage, runId }: RunSummary): Section {
  const rows = piecesOf(lineage).map(({ path, stageKeys, inputs, outputs }) => [
    html`<code>${path}</code>`,
    { show: count(stageKeys.length), sort: stageKeys.length },
    stageKeys.length === 1
      ? html`<code class="whole" title="${stageKeys[0]}">${stageKeys[0]!.slice(0, 12)}</code>`
      : html`<small>one each</small>`,
    references(inputs),
    references(outputs),
  ]);
  const columns = [
    { head: 'stage' },
    { head: 'pieces', numeric: true },
    ...['stage key', 'from', 'made'].map((head) => ({ head })),
  ];
  const hint = `assay artifacts lineage ${runId}`;
  return {
    id: 'lineage',
    title: 'Lineage',
    lead: `Artifacts are named by the hash of their content; the stage key is the hash of everything that decided them. Pieces whose paths differ by a number are one row; each of them: ${hint}`,
    body:
      rows.length > 0
        ? html`<div class="scroll" role="group" aria-label="Lineage graph" tabindex="0">
              ${lineageGraph(lineage)}
            </div>
            ${table('Lineage', columns, rows, { tall: rows.length > 12, filter: rows.length > 12, rest: hint })}`
        : nothing('No stage left a record.'),
  };
}

function piecesOf(lineage: RunSummary['lineage']): Pieces[] {
  const found = new Map<string, Pieces>();
  for (const { stage, stageKey, inputs, outputs } of lineage) {
    const path = stage.replace(/\d+/g, '*');
    const own: Pieces = found.get(path) ?? { path, stageKeys: [], inputs: new Map(), outputs: new Map() };
    found.set(path, own);
    own.stageKeys.push(stageKey);
    gather(own.inputs, inputs);
    gather(own.outputs, outputs);
  }
  return [...found.values()];
}

function gather(into: Pieces['inputs'], artifacts: Artifacts): void {
  for (const [name, refs] of Object.entries(artifacts)) {
    const known = into.get(name) ?? new Map<string, ArtifactRef>();
    into.set(name, known);
    for (const ref of refs) known.set(ref.sha256, ref);
  }
}

const references = (artifacts: Pieces['inputs']): Html =>
  html`${[...artifacts].map(([name, refs]) => {
    const shown = [...refs.values()].slice(0, SHOWN_REFERENCES);
    const more = refs.size - shown.length;
    return html`${shown.map(({ key, sha256, rows }) => {
      const hash = html`<code class="whole" title="${key}">${sha256.slice(0, 12)}</code>`;
      return html`<div class="reference"><bdi>${name}</bdi> ${hash} <small>${count(rows)} rows</small></div>`;
    })}${
      more > 0 &&
      html`<div class="reference">
        <small>and ${count(more)} more <bdi>${name}</bdi></small>
      </div>`
    }`;
  })}`;
