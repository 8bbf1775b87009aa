import type { DataMapSummary } from '../../contracts/detail.js';
import type { RunSummary } from '../../contracts/summary.js';
import { drawChart } from '../charts.js';
import { dataMapChart } from '../detailFigures.js';
import { factList } from '../facts.js';
import { count, percent } from '../format.js';
import { html } from '../html.js';
import type { Section } from './section.js';

const LEADS: Readonly<Record<DataMapSummary['kind'], string>> = {
  dynamics:
    'Every training sample by how it was learned: the mean probability of its label over the epochs, and how much that moved. Top: easy. Right: ambiguous, which teach most. Bottom left: hard, often mislabelled.',
  outOfFold:
    'Every training sample as models see it that never saw it: how sure they are, and what probability they give its label. Top right: easy. Left: ambiguous. Bottom right: the model is sure of another class, often a wrong label.',
};

/** Where the training samples lie by how they are learned. */
export function dataMapSection({ detail }: RunSummary): Section | undefined {
  const map = detail?.dataMap;
  if (!map || map.points.length === 0) return undefined;
  const { easy, ambiguous, hard } = map.regions;
  const drawn =
    map.points.length < map.samples ? ` A simple random sample of ${count(map.points.length)} is drawn.` : '';
  const fact = (name: string, share: number) =>
    [
      name,
      html`${percent(share, 1)} <small>${count(Math.round(share * map.samples))} samples</small>`,
    ] as const;
  const facts = [fact('easy', easy), fact('ambiguous', ambiguous), fact('hard', hard)];
  return {
    id: 'data-map',
    title: 'Data map',
    lead: `${LEADS[map.kind]}${drawn}`,
    body: html`${factList(facts)} ${drawChart(dataMapChart('datamap', map))}`,
  };
}
