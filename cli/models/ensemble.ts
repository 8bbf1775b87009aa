import type { Command } from 'commander';
import { collect } from '../command.js';
import { CliError, EXIT } from '../exit.js';
import { number } from '../numbers.js';

/** Of commands that answer with several models. */
export interface EnsembleOptions {
  readonly with: readonly string[];
  readonly weight: string;
}

/** A model as the user named it, and its share of the answer. */
export interface WeightedModel {
  readonly model: string;
  readonly weight: number;
}

/** Adds the options that name the other models of an ensemble. */
export const withEnsemble = (command: Command): Command =>
  command
    .option(
      '--with <model=weight>',
      'another model of the ensemble: Σ w·p / Σ w (several times)',
      collect,
      [],
    )
    .option('--weight <w>', 'of the first model in an ensemble', '1');

/** All models that answer, the first one first. @throws CliError (exit 2) where a weight is missing, or none is positive */
export function weightedModels(wanted: string, options: EnsembleOptions): WeightedModel[] {
  const first = { model: wanted, weight: number('--weight', options.weight, 0, Infinity) };
  const models = [first, ...options.with.map(weighted)];
  if (models.every(({ weight }) => weight === 0))
    throw new CliError('--weight, --with: expected a model with weight, all weigh 0', EXIT.usage);
  return models;
}

/** `other@2=0.3` */
function weighted(text: string): WeightedModel {
  const [model = '', own] = text.split('=');
  if (own === undefined)
    throw new CliError(`--with ${text}: expected MODEL=WEIGHT, such as other@2=0.3`, EXIT.usage);
  return { model, weight: number(`--with ${model}`, own, 0, Infinity) };
}
