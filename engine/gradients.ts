import type * as TF from '@tensorflow/tfjs-core';

type Tf = typeof TF;
type Attributes = TF.NamedAttrMap;
/** Gradient of an operation with one input: dy, what was saved, attributes. */
type Slope = (tf: Tf, dy: TF.Tensor, saved: TF.Tensor, attributes: Attributes) => TF.Tensor;
/** Gradient of one of two inputs, before broadcasting is undone. */
type PairSlope = (tf: Tf, dy: TF.Tensor, a: TF.Tensor, b: TF.Tensor) => TF.Tensor;

/** Operations of one input `x`, by what their gradient needs. */
const OF_INPUT: Readonly<Record<string, Slope>> = {
  Abs: (tf, dy, x) => tf.mul(dy, tf.sign(x)),
  Cast: (_, dy) => dy.clone(),
  Erf: (tf, dy, x) => tf.mul(dy, tf.mul(tf.exp(tf.neg(tf.square(x))), 2 / Math.sqrt(Math.PI))),
  Identity: (_, dy) => dy.clone(),
  Log: (tf, dy, x) => tf.div(dy, x),
  Log1p: (tf, dy, x) => tf.div(dy, tf.add(x, 1)),
  Neg: (tf, dy) => tf.neg(dy),
  Relu: (tf, dy, x) => tf.mul(dy, tf.cast(tf.greater(x, 0), 'float32')),
  Reshape: (tf, dy, x) => tf.reshape(dy, x.shape),
  Softplus: (tf, dy, x) => tf.mul(dy, tf.sigmoid(x)),
  Sqrt: (tf, dy, x) => tf.div(dy, tf.mul(tf.sqrt(x), 2)),
  Square: (tf, dy, x) => tf.mul(dy, tf.mul(x, 2)),
  Mean: (tf, dy, x, attributes) => {
    const spread = spreadOver(tf, dy, x, attributes);
    return tf.mul(spread, dy.size / x.size);
  },
  Sum: (tf, dy, x, attributes) => spreadOver(tf, dy, x, attributes),
  Slice: (tf, dy, x, { begin, size }) => {
    const from = begin as unknown as number[];
    const length = size as unknown as number[];
    const paddings = x.shape.map((n, i): [number, number] => {
      const taken = length[i]! < 0 ? n - from[i]! : length[i]!;
      return [from[i]!, n - from[i]! - taken];
    });
    return tf.pad(dy, paddings);
  },
  Tile: (tf, dy, x, { reps }) => {
    const shape = (reps as unknown as number[]).flatMap((n, i) => [n, x.shape[i]!]);
    const axes = x.shape.map((_, i) => 2 * i);
    return tf.reshape(tf.sum(tf.reshape(dy, shape), axes), x.shape);
  },
  BroadcastTo: (tf, dy, x) => unbroadcast(tf, dy, x.shape),
  Transpose: (tf, dy, _, { perm }) => {
    const order = perm as unknown as number[];
    const back = new Array<number>(order.length);
    order.forEach((axis, i) => (back[axis] = i));
    return tf.transpose(dy, back);
  },
  SplitV: (tf, dy, _, { axis }) => tf.concat(dy as unknown as TF.Tensor[], axis as number),
};

/** Operations of one input whose gradient needs the output `y`. */
const OF_OUTPUT: Readonly<Record<string, Slope>> = {
  Exp: (tf, dy, y) => tf.mul(dy, y),
  Rsqrt: (tf, dy, y) => tf.mul(tf.mul(dy, tf.mul(y, tf.square(y))), -0.5),
  Sigmoid: (tf, dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y))),
  Tanh: (tf, dy, y) => tf.mul(dy, tf.sub(1, tf.square(y))),
  Softmax: (tf, dy, y) => {
    const product = tf.mul(dy, y);
    return tf.sub(product, tf.mul(y, tf.sum(product, -1, true)));
  },
  LogSoftmax: (tf, dy, y) => tf.sub(dy, tf.mul(tf.exp(y), tf.sum(dy, -1, true))),
};

/** Operations of two inputs `a` and `b` that broadcast: the gradient of each. */
const OF_PAIR: Readonly<Record<string, readonly [PairSlope, PairSlope]>> = {
  Add: [(_, dy) => dy, (_, dy) => dy],
  Sub: [(_, dy) => dy, (tf, dy) => tf.neg(dy)],
  Multiply: [(tf, dy, _, b) => tf.mul(dy, b), (tf, dy, a) => tf.mul(dy, a)],
  RealDiv: [(tf, dy, _, b) => tf.div(dy, b), (tf, dy, a, b) => tf.neg(tf.div(tf.mul(dy, a), tf.square(b)))],
  SquaredDifference: [
    (tf, dy, a, b) => tf.mul(dy, tf.mul(tf.sub(a, b), 2)),
    (tf, dy, a, b) => tf.mul(dy, tf.mul(tf.sub(b, a), 2)),
  ],
  Maximum: [
    (tf, dy, a, b) => tf.mul(dy, tf.cast(tf.greaterEqual(a, b), 'float32')),
    (tf, dy, a, b) => tf.mul(dy, tf.cast(tf.less(a, b), 'float32')),
  ],
  Minimum: [
    (tf, dy, a, b) => tf.mul(dy, tf.cast(tf.lessEqual(a, b), 'float32')),
    (tf, dy, a, b) => tf.mul(dy, tf.cast(tf.greater(a, b), 'float32')),
  ],
};

/** Operations of two inputs that are constant where they have a derivative. */
const STEPS = ['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'];

/** Sums over the axes along which a value of `shape` was repeated. */
function unbroadcast(tf: Tf, dy: TF.Tensor, shape: number[]): TF.Tensor {
  const lead = dy.rank - shape.length;
  const axes = dy.shape.flatMap((n, axis) =>
    axis < lead || (shape[axis - lead] === 1 && n > 1) ? [axis] : [],
  );
  return tf.reshape(axes.length > 0 ? tf.sum(dy, axes) : dy, shape);
}

/** dy of a sum over axes, repeated along them. */
function spreadOver(tf: Tf, dy: TF.Tensor, x: TF.Tensor, attributes: Attributes): TF.Tensor {
  const axis = attributes['reductionIndices'] ?? attributes['axis'];
  const axes = tf.util.parseAxisParam(axis as unknown as number | number[], x.shape);
  const shape = x.shape.map((n, i) => (axes.includes(i) ? 1 : n));
  return tf.tile(
    tf.reshape(dy, shape),
    x.shape.map((n, i) => (axes.includes(i) ? n : 1)),
  );
}

/**
 * Teaches tfjs the gradients of the operations that networks use: tfjs-core has them only in a form that Node can't
 * import, and the package that registers them brings layers, converters and WebGL.
 */
export function registerGradients(tf: Tf): void {
  const single = (kernelName: string, slope: Slope, name = 'x', saveOutput = false): void =>
    tf.registerGradient({
      kernelName,
      ...(saveOutput ? { outputsToSave: [true] } : { inputsToSave: [name] }),
      gradFunc: (dy, [saved], attributes) => ({
        [name]: () => slope(tf, dy as TF.Tensor, saved!, attributes),
      }),
    });
  for (const [kernel, slope] of Object.entries(OF_INPUT)) single(kernel, slope);
  for (const [kernel, slope] of Object.entries(OF_OUTPUT)) {
    single(kernel, slope, kernel.endsWith('oftmax') ? 'logits' : 'x', true);
  }
  single('ExpandDims', (tf, dy, x) => tf.reshape(dy, x.shape), 'input');
  single('Unpack', (tf, dy, _, { axis }) => tf.stack(dy as unknown as TF.Tensor[], axis as number), 'value');
  for (const [kernel, slopes] of Object.entries(OF_PAIR)) registerPair(tf, kernel, slopes);
  for (const kernel of STEPS) {
    const none: PairSlope = (_, dy) => tf.zerosLike(dy);
    registerPair(tf, kernel, [none, none]);
  }
  registerLists(tf);
  registerMatMul(tf);
  registerChoices(tf);
}

function registerPair(tf: Tf, kernelName: string, [ofA, ofB]: readonly [PairSlope, PairSlope]): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b]) => ({
      a: () => unbroadcast(tf, ofA(tf, dy as TF.Tensor, a!, b!), a!.shape),
      b: () => unbroadcast(tf, ofB(tf, dy as TF.Tensor, a!, b!), b!.shape),
    }),
  });
}

/** Operations that take a list. Their gradient functions go by position. */
function registerLists(tf: Tf): void {
  const list = (
    kernelName: string,
    slopes: (dy: TF.Tensor, saved: TF.Tensor[], axis: number) => TF.Tensor[],
  ) =>
    tf.registerGradient({
      kernelName,
      saveAllInputs: true,
      gradFunc: (dy, saved, attributes: Attributes | undefined) =>
        Object.fromEntries(
          slopes(dy as TF.Tensor, saved, attributes?.['axis'] as number).map((slope, i) => [i, () => slope]),
        ),
    });
  list('AddN', (dy, saved) => saved.map(() => dy.clone()));
  list('Pack', (dy, _, axis) => tf.unstack(dy, axis));
  list('Concat', (dy, saved, axis) => {
    const along = tf.util.parseAxisParam(axis, saved[0]!.shape)[0]!;
    return tf.split(
      dy,
      saved.map(({ shape }) => shape[along]!),
      along,
    );
  });
}

function registerMatMul(tf: Tf): void {
  tf.registerGradient({
    kernelName: 'BatchMatMul',
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, [a, b], { transposeA, transposeB }) => {
      const slope = dy as TF.Tensor;
      const ofA = (): TF.Tensor =>
        transposeA ? tf.matMul(b!, slope, !!transposeB, true) : tf.matMul(slope, b!, false, !transposeB);
      const ofB = (): TF.Tensor =>
        transposeB ? tf.matMul(slope, a!, true, !!transposeA) : tf.matMul(a!, slope, !transposeA, false);
      return { a: () => unbroadcast(tf, ofA(), a!.shape), b: () => unbroadcast(tf, ofB(), b!.shape) };
    },
  });
}

function registerChoices(tf: Tf): void {
  tf.registerGradient({
    kernelName: 'Select',
    inputsToSave: ['condition'],
    gradFunc: (dy, [condition]) => {
      const slope = dy as TF.Tensor;
      const zeros = (): TF.Tensor => tf.zerosLike(slope);
      return {
        condition: () => tf.zeros(condition!.shape),
        t: () => tf.where(condition!, slope, zeros()),
        e: () => tf.where(condition!, zeros(), slope),
      };
    },
  });
  tf.registerGradient({
    kernelName: 'Max',
    inputsToSave: ['x'],
    outputsToSave: [true],
    gradFunc: (dy, [x, y], attributes) => ({
      x: () => {
        const largest = tf.equal(x!, spreadOver(tf, y!, x!, attributes));
        return tf.mul(spreadOver(tf, dy as TF.Tensor, x!, attributes), tf.cast(largest, 'float32'));
      },
    }),
  });
  tf.registerGradient({
    kernelName: 'GatherV2',
    inputsToSave: ['x', 'indices'],
    gradFunc: (dy, [x, indices], { axis, batchDims }) => {
      if (axis !== 0 || batchDims)
        throw new RangeError('gradient of gather: expected axis 0; transpose first');
      const width = x!.size / x!.shape[0]!;
      const rows = (): TF.Tensor => tf.reshape(dy as TF.Tensor, [-1, width]);
      const ids = (): TF.Tensor1D => tf.reshape(indices!, [-1]);
      return {
        x: () => tf.reshape(tf.unsortedSegmentSum(rows(), ids(), x!.shape[0]!), x!.shape),
        indices: () => indices!,
      };
    },
  });
}
