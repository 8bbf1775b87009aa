import { Fact, Rule } from '../../contracts/knowledge.js';
import { knowledgeGraph, type KnowledgeGraph } from '../knowledge/graph.js';
import { columnsOfRule, rowsOfRule } from '../knowledge/rules.js';
import { type BlockKind, byText, increment, knownBeforehand, RowBuilder } from './block.js';
import { joinedTexts } from './columns.js';

/** One feature for every rule: 1 where its condition holds. */
export const rules: BlockKind<{ readonly rules: readonly Rule[] }> = {
  kind: 'rules',
  learner: (_, settings) =>
    knownBeforehand({
      kind: 'rules',
      columns: [...new Set(settings.rules.flatMap(columnsOfRule))],
      settings: { rules: JSON.stringify(settings.rules) },
      features: settings.rules.map(({ name }) => ({ column: '', term: `rule ${name}`, offset: 0, scale: 1 })),
    }),
  transformer({ settings, features }) {
    const known = Rule.array().parse(JSON.parse(String(settings['rules'])));
    return (batch) => {
      const fired = known.map((rule) => rowsOfRule(rule, batch));
      const rows = new RowBuilder();
      for (let row = 0; row < batch.rows; row++) {
        fired.forEach((fires, feature) => {
          if (fires[row] === 1) rows.add(feature, 1);
        });
        rows.endRow();
      }
      return rows.build(features.length);
    };
  },
};

/** Facts that are known of what a text names, present or not: `is_a=Footwear`, `material=leather`. */
export const graph: BlockKind<{ readonly facts: readonly Fact[] }> = {
  kind: 'graph',
  selectable: true,
  learner(columns, { facts }) {
    const counts = new Map<string, number>();
    const known = knowledgeGraph(facts);
    return {
      passes: 1,
      add(batch) {
        for (const text of joinedTexts(batch, columns)) {
          for (const term of factsIn(known, text)) increment(counts, term);
        }
      },
      block() {
        const column = columns.join('+');
        const features = [...counts.keys()]
          .sort(byText)
          .map((term) => ({ column, term, offset: 0, scale: 1 }));
        return { kind: 'graph', columns, settings: { facts: JSON.stringify(facts) }, features };
      },
    };
  },
  transformer({ columns, settings, features }) {
    const known = knowledgeGraph(Fact.array().parse(JSON.parse(String(settings['facts']))));
    const index = new Map(features.map(({ term }, i) => [term, i]));
    return (batch) => {
      const rows = new RowBuilder();
      for (const text of joinedTexts(batch, columns)) {
        const found = [...factsIn(known, text)].flatMap((term) => index.get(term) ?? []);
        for (const feature of found.sort((a, b) => a - b)) rows.add(feature, 1);
        rows.endRow();
      }
      return rows.build(features.length);
    };
  },
};

const factsIn = (known: KnowledgeGraph, text: string): Set<string> =>
  new Set([...known.mentions(text)].flatMap((node) => known.factsOf(node)));
