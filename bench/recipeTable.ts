/**
 * Every recipe beside scikit-learn, on the same rows and paired: `ASSAY_DATA_DIR=… ASSAY_PYTHON=… npm run bench -- recipeTable [NAME,…]`.
 * Both learn from training rows alone; what is chosen (strength, threshold, score) is chosen by validation rows.
 */
import { banking77 } from '../datasets/banking77.js';
import { clinc150 } from '../datasets/clinc150.js';
import { financialPhrasebank } from '../datasets/financialPhrasebank.js';
import { onlineShopping } from '../datasets/onlineShopping.js';
import { pricerunner } from '../datasets/pricerunner.js';
import { matching } from './recipes/matching.js';
import { compared, type Line } from './recipes/paired.js';
import { learningToRank, relevance, relevanceClasses } from './recipes/ranked.js';
import { outOfScope, text } from './recipes/texts.js';

const accuracy = 'accuracy';
/** One line per recipe, or few. */
const RECIPES: Readonly<Record<string, () => Promise<Line | readonly Line[]>>> = {
  banking77: () => text({ set: banking77, metric: accuracy, C: 10 }),
  clinc150: () => text({ set: clinc150, metric: accuracy, C: 10, minDocumentFrequency: 1 }),
  clinc150_oos: outOfScope,
  pricerunner: () => text({ set: pricerunner, metric: accuracy, C: 10 }),
  online_shopping: () => text({ set: onlineShopping, metric: accuracy, C: 4, analyzer: 'characters' }),
  financial_phrasebank: () => text({ set: financialPhrasebank, metric: 'f1_macro', C: 10 }),
  relevance,
  relevance3: relevanceClasses,
  lambdarank_sample: learningToRank,
  amazon_google: matching,
};

const wanted = process.argv[2]?.split(',') ?? Object.keys(RECIPES);
const unknown = wanted.find((name) => !(name in RECIPES));
if (unknown !== undefined) {
  process.stderr.write(`error no recipe "${unknown}"; expected ${Object.keys(RECIPES).join(', ')}\n`);
  process.exit(2);
}
const fixed = (value: number): string => value.toFixed(4);
const counts = { better: 0, even: 0, worse: 0 };
console.log('| recipe | figure | ours | scikit-learn | difference, 95% | how |\n|---|---|---|---|---|---|');
for (const name of wanted) {
  for (const line of [await RECIPES[name]!()].flat()) {
    const { ours, theirs, low, high } = compared(line);
    counts[low > 0 ? 'better' : high < 0 ? 'worse' : 'even']++;
    const difference = `${fixed(ours - theirs)} [${fixed(low)}, ${fixed(high)}]`;
    const { recipe, metric, how } = line;
    console.log(`| ${recipe} | ${metric} | ${fixed(ours)} | ${fixed(theirs)} | ${difference} | ${how} |`);
  }
}
console.log(
  `\nsignificantly better ${counts.better}, no difference ${counts.even}, worse ${counts.worse}; seed 42`,
);
