import * as tf from '@tensorflow/tfjs-core';
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { packWeights, unpackWeights } from '../../engine/cudnnLstm.js';
import { wasmBackend } from '../../engine/wasm.js';

// What cuDNN computes from them is tested where there is a GPU: `npm run test:gpu`.
describe('the weights of an LSTM as cuDNN wants them', () => {
  /** Gate g's weight of row r, for unit u: grU. */
  const [width, units] = [3, 2];
  const value = (row: number, gate: number, unit: number): number => 100 * gate + 10 * row + unit;
  const rows = (from: number, count: number): number[][] =>
    Array.from({ length: count }, (_, r) =>
      [0, 1, 2, 3].flatMap((gate) => [0, 1].map((unit) => value(from + r, gate, unit))),
    );
  let kernel: tf.Tensor2D;
  let bias: tf.Tensor1D;

  before(async () => {
    (await wasmBackend(tf)).activate();
    kernel = tf.tensor2d([...rows(0, width), ...rows(width, units)]);
    bias = tf.tensor1d([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('are laid out matrix by matrix', () => {
    const packed = [...packWeights(tf, kernel, bias).dataSync()];
    // The gates of the input, then those of the state; of each gate a row for every unit.
    const matrix = (gate: number, from: number, count: number): number[] =>
      [0, 1].flatMap((unit) => Array.from({ length: count }, (_, r) => value(from + r, gate, unit)));
    const gates = [0, 1, 2, 3];
    assert.deepEqual(packed, [
      ...gates.flatMap((gate) => matrix(gate, 0, width)),
      ...gates.flatMap((gate) => matrix(gate, width, units)),
      ...bias.dataSync(),
      ...new Array<number>(4 * units).fill(0),
    ]);
  });

  it('come back from there', () => {
    const [backKernel, backBias] = unpackWeights(tf, packWeights(tf, kernel, bias), width, units);
    assert.deepEqual([...backKernel.dataSync()], [...kernel.dataSync()]);
    assert.deepEqual([...backBias.dataSync()], [...bias.dataSync()]);
  });
});
