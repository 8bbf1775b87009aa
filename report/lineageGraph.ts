import type { RunSummary } from '../contracts/summary.js';
import { cut } from '../core/text/columns.js';
import { count } from './format.js';
import { escapeText, Html } from './html.js';

interface Node {
  readonly stage: string;
  pieces: number;
  readonly from: Set<string>;
  readonly kinds: Set<string>;
}

const BOX = { width: 132, height: 44, gapX: 28, gapY: 14 };
/** Columns of letters that fit into a box. */
const MOST_NAME = 18;
const MOST_SUB = 20;

/** Which stage was made of which: shards and rounds of a stage as one box, artifacts as lines, from left to right. */
export function lineageGraph(lineage: RunSummary['lineage']): Html {
  const nodes = nodesOf(lineage);
  const columns = layers(nodes);
  const place = new Map<string, { x: number; y: number }>();
  columns.forEach((column, c) =>
    column.forEach((stage, r) =>
      place.set(stage, { x: 1 + c * (BOX.width + BOX.gapX), y: 1 + r * (BOX.height + BOX.gapY) }),
    ),
  );
  const width = columns.length * (BOX.width + BOX.gapX) - BOX.gapX + 2;
  const height = Math.max(...columns.map(({ length }) => length)) * (BOX.height + BOX.gapY) - BOX.gapY + 2;
  const lines = [...nodes.values()].flatMap(({ stage, from }) =>
    [...from].map((source) => edge(place.get(source)!, place.get(stage)!)),
  );
  const boxes = [...nodes.values()].map((node) => box(node, place.get(node.stage)!));
  const label = [...nodes.values()]
    .map(({ stage, from }) => (from.size > 0 ? `${stage} from ${[...from].join(', ')}` : stage))
    .join('; ');
  return new Html(
    `<svg class="graph" role="img" aria-label="${escapeText(label)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">` +
      `${lines.join('')}${boxes.join('')}</svg>`,
  );
}

/** Stages by the first part of their path, in the order in which they were first done. */
function nodesOf(lineage: RunSummary['lineage']): ReadonlyMap<string, Node> {
  const nodes = new Map<string, Node>();
  const maker = new Map<string, string>(); // stage by the hash of what it made
  for (const { stage: path, inputs, outputs } of lineage) {
    const stage = path.split('.')[0]!.replace(/\d+/g, '*');
    const node = nodes.get(stage) ?? { stage, pieces: 0, from: new Set(), kinds: new Set() };
    nodes.set(stage, node);
    node.pieces += 1;
    for (const { sha256 } of Object.values(inputs).flat()) {
      const source = maker.get(sha256);
      if (source !== undefined && source !== stage) node.from.add(source);
    }
    for (const { sha256, kind } of Object.values(outputs).flat()) {
      node.kinds.add(kind);
      if (!maker.has(sha256)) maker.set(sha256, stage);
    }
  }
  return nodes;
}

/** Columns of stages: each stands one to the right of the last of its sources. Sources come first in the map. */
function layers(nodes: ReadonlyMap<string, Node>): string[][] {
  const depth = new Map<string, number>();
  const columns: string[][] = [];
  for (const { stage, from } of nodes.values()) {
    const at = Math.max(-1, ...[...from].map((source) => depth.get(source) ?? -1)) + 1;
    depth.set(stage, at);
    (columns[at] ??= []).push(stage);
  }
  return columns;
}

function edge(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const [x1, y1] = [from.x + BOX.width, from.y + BOX.height / 2];
  const [x2, y2] = [to.x, to.y + BOX.height / 2];
  const bend = (x1 + x2) / 2;
  return `<path d="M${x1} ${y1}C${bend} ${y1} ${bend} ${y2} ${x2} ${y2}"/>`;
}

function box({ stage, pieces, kinds }: Node, { x, y }: { x: number; y: number }): string {
  const made = [...kinds].join(', ');
  const sub = pieces > 1 ? `${count(pieces)} pieces` : made;
  return (
    `<g><title>${escapeText(`${stage} made ${made}`)}</title>` +
    `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="7"/>` +
    `<text x="${x + 10}" y="${y + 18}">${escapeText(cut(stage, MOST_NAME))}</text>` +
    `<text class="sub" x="${x + 10}" y="${y + 34}">${escapeText(cut(sub, MOST_SUB))}</text></g>`
  );
}
