import type { z } from 'zod';
import type { Engine } from './engine.js';
import type { BlockMatrix, CsrMatrix, DenseMatrix, Tensor } from './matrix.js';
import type { Progress } from './stage.js';
import type { SearchSpace } from './tune.js';

/** Token ids, padded at the end to one length. */
export interface SequenceBatch {
  readonly rows: number;
  readonly length: number;
  readonly vocabulary: number; // ids are in [0, vocabulary); a model's embedding has as many rows
  readonly tokens: Int32Array; // (rows × length,); 0 is padding and never a token
}

/** What a model is fed; a model names the kind that it takes. Many sparse rows come as blocks to models that can do with them. */
export type ModelInput =
  | { readonly kind: 'blocks'; readonly matrix: BlockMatrix }
  | { readonly kind: 'sparse'; readonly matrix: CsrMatrix }
  | { readonly kind: 'dense'; readonly matrix: DenseMatrix }
  | { readonly kind: 'sequence'; readonly batch: SequenceBatch }
  /** Read as one sequence: `first` brings its opening and closing tokens ([CLS] … [SEP]), `second` only the closing one. */
  | { readonly kind: 'pair'; readonly first: SequenceBatch; readonly second: SequenceBatch };

/** What a model says that it is fed. */
export type InputKind = Exclude<ModelInput['kind'], 'blocks'>;

/** What training minimises. */
export type Loss =
  | { readonly kind: 'crossEntropy' }
  /** Pairs of rows of one group whose class codes (grades) differ; lambdaRank weighs a pair by what its swap does to NDCG. */
  | { readonly kind: 'rankNet' }
  | { readonly kind: 'lambdaRank'; readonly depth: number }; // of NDCG

/** Training rows. All arrays are in row order of `input`. */
export interface TrainingSet {
  readonly input: ModelInput;
  readonly targets: Int32Array; // (n,), class codes in [0, outputs)
  readonly outputs: number; // number of classes (K)
  readonly sampleWeights: Float64Array; // (n,), non-negative; 0 = the row is absent
  readonly groups?: Int32Array; // (n,); of a loss over pairs the queries
  readonly loss?: Loss; // one of the model's; default crossEntropy
}

/** Rows to watch for early stopping. */
export interface EvaluationSet extends Omit<TrainingSet, 'sampleWeights' | 'loss'> {
  /** How good logits (n × K, row-major) of these rows are, higher is better. @default accuracy */
  readonly quality?: (logits: Float64Array) => number;
}

/** Where training stands, whole: restoring it continues to the same bits. */
export interface Checkpoint {
  readonly position: number; // in the model's own unit (iterations, steps)
  readonly tensors: readonly Tensor[];
}

/** A network as it was after an epoch. */
export interface Milestone {
  readonly epoch: number; // from 1
  readonly tensors: readonly Tensor[];
}

/** How a fit went, epoch by epoch (iteration by iteration). */
export interface TrainingHistory {
  readonly losses: readonly number[]; // mean training loss while it went on
  /** How good the evaluation rows were after each; empty where there are none. */
  readonly qualities: readonly number[];
  readonly rates: readonly number[]; // learning rate of the last step of each
  /** Which one the model is from: the last, or the best where training stopped early; from 1. */
  readonly kept: number;
}

/** The last layer of a network at some rows: logits = features · weights + intercept. */
export interface LastLayer {
  readonly features: DenseMatrix; // (n, h), what goes into it
  readonly weights: Float64Array; // (h × K,), row-major
  readonly intercept: Float64Array; // (K,)
}

/**
 * What training may tell while it goes on. Every member may be left out; what returns a promise is awaited by `fit`
 * between two iterations.
 */
export interface TrainingSinks {
  /** Called between iterations, so that uploads, messages and cancellation get their turn in a busy process. */
  readonly breathe?: () => Promise<void>;
  /** Called between iterations; the model decides how often. */
  readonly progress?: (progress: Progress) => void;
  /** Called with a restorable state when `due()` says it is time. */
  readonly checkpoint?: {
    readonly due: () => boolean;
    readonly save: (checkpoint: Checkpoint) => Promise<void>;
  };
  /** Per-sample logits (n × K, row-major) after an epoch or iteration. */
  readonly dynamics?: (epoch: number, logits: Float64Array) => void;
  /** Called after each epoch that is `due` (from 1); of models that compute with an engine. */
  readonly milestones?: {
    readonly due: (epoch: number) => boolean;
    readonly reached: (milestone: Milestone) => void;
  };
  readonly signal?: AbortSignal;
}

export interface FitOptions {
  readonly seed: number;
  readonly evaluation?: EvaluationSet;
  /**
   * Tensors of an earlier fit to start from, to save time: only models whose end the rows alone decide (`isSolved`) look at
   * them.
   */
  readonly warmStart?: readonly Tensor[];
  /** Tensors of an earlier fit of the same features and classes that this one goes on from; of models that say `goesOn`. */
  readonly goOnFrom?: readonly Tensor[];
  /** Tensors of a pretrained encoder, for the models that can be fine-tuned: their architecture comes from it. */
  readonly pretrained?: readonly Tensor[];
  readonly resumeFrom?: Checkpoint;
  readonly sinks?: TrainingSinks;
  /** Given to models that say `usesEngine`. */
  readonly engine?: Engine;
}

/** What each piece of each row's input adds to one number that a model gives the row: a weighted sum of its logits. */
export interface Attribution {
  /** By row: one a stored value of a sparse or dense row, or one a token of a sequence (of both texts of a pair, in order). */
  readonly values: readonly Float64Array[];
  readonly outputs: Float64Array; // (n,)
  /** Of the same rows without their input; outputs − baselines is what the values add up to. */
  readonly baselines: Float64Array; // (n,)
}

/** A trained model. */
export interface FittedModel {
  /** Logits (n × K, row-major); softmax of a row gives class probabilities, for every kind of model. */
  predictLogits(input: ModelInput): Float64Array;
  /** Everything that `Model.load` needs. */
  tensors(): readonly Tensor[];
  /**
   * How the input makes the output. Exact for linear models, by integrated gradients for networks.
   *
   * @param contrast (n × K), what each logit counts: 1 for a class and −1 for another asks for their log-odds
   */
  attribute?(input: ModelInput, contrast: Float64Array): Attribution;
  /** Of a softmax network: what its last layer is given at these rows, and that layer. */
  lastLayer?(input: ModelInput): LastLayer;
  /** Logits after each iteration of the training, where it was trained tree by tree just now. */
  staged?(input: ModelInput): Iterable<Float64Array>;
  /** Where it was trained in epochs just now. */
  readonly history?: TrainingHistory;
}

/** One kind of model: one file in models/, one line in models/index.ts. */
export interface Model<P = unknown> {
  readonly name: string;
  readonly input: InputKind;
  /**
   * Whether, with these parameters, a sparse matrix of so many entries is to come as blocks, of which one is in memory at a
   * time: `fit` and `predictLogits` then take them. It decides the bytes of the model, not its quality. @default no
   */
  takesBlocks?(params: P, entries: number): boolean;
  /** How text is cut for a model that takes sequences. @default words */
  readonly tokenizer?: 'words' | 'wordpiece';
  readonly paramsSchema: z.ZodType<P>;
  /** What it can minimise. @default crossEntropy alone */
  readonly losses?: readonly Loss['kind'][];
  /** The regularisation that candidates are tuned over: name of a parameter, and the default grid, weakest last. */
  readonly regularisation: { readonly param: string; readonly grid: readonly number[] };
  /** What tuning searches where the configuration names nothing, given the parameters as they are. @default nothing */
  search?(params: P): SearchSpace;
  /** Computes with TensorFlow: the engine then decides the bytes, and is part of the stage key. */
  readonly usesEngine?: true;
  /**
   * Whether, with these parameters, it can learn more on top of an earlier fit (`FitOptions.goOnFrom`): what that had learned
   * is kept and changed by new rows. @default no
   */
  goesOn?(params: P): boolean;
  /** Goes straight to the optimum: its iterations are no epochs in which samples are learned one after the other. */
  readonly isSolved?: true;
  fit(training: TrainingSet, params: P, options: FitOptions): Promise<FittedModel>;
  /** @param engine given to models that say `usesEngine` */
  load(tensors: readonly Tensor[], engine?: Engine): FittedModel;
}
