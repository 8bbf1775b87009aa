import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { shouldStop, type LoopState } from '../../../core/loop/stopping.js';
import { repositoryRoot } from '../../paths.js';

const going: LoopState = { round: 1, maxRounds: 3, acceptedHistory: [true], patience: 1, elapsedMs: 0 };

describe('the loop', () => {
  const cases: { name: string; state: Partial<LoopState>; reason: RegExp; stop: boolean }[] = [
    { name: 'goes on after an accepted round', state: {}, stop: false, reason: /Round 2 follows/ },
    {
      name: 'goes on after round 0',
      state: { round: 0, acceptedHistory: [] },
      stop: false,
      reason: /Round 1/,
    },
    {
      name: 'stops when a round was not accepted',
      state: { acceptedHistory: [false] },
      stop: true,
      reason: /patience = 1/,
    },
    {
      name: 'has patience',
      state: { acceptedHistory: [false], patience: 2 },
      stop: false,
      reason: /follows/,
    },
    {
      name: 'counts only the rounds since the last accepted one',
      state: { round: 3, maxRounds: 9, acceptedHistory: [false, true, false], patience: 2 },
      stop: false,
      reason: /follows/,
    },
    {
      name: 'stops when patience is at an end',
      state: { round: 3, maxRounds: 9, acceptedHistory: [true, false, false], patience: 2 },
      stop: true,
      reason: /last 2 rounds were not accepted/,
    },
    { name: 'stops at the last round', state: { round: 3 }, stop: true, reason: /maxRounds = 3/ },
    {
      name: 'stops before it starts where no round is wanted',
      state: { round: 0, maxRounds: 0, acceptedHistory: [] },
      stop: true,
      reason: /maxRounds = 0/,
    },
    {
      name: 'stops when the budget is spent',
      state: { elapsedMs: 90_000, budgetMs: 60_000 },
      stop: true,
      reason: /1\.5 of 1\.0 minutes/,
    },
    {
      name: 'goes on within the budget',
      state: { elapsedMs: 59_999, budgetMs: 60_000 },
      stop: false,
      reason: /follows/,
    },
    {
      name: 'stops when an operator says so',
      state: { stopRequested: true },
      stop: true,
      reason: /operator/,
    },
  ];
  for (const { name, state, stop, reason } of cases) {
    it(name, () => {
      const decision = shouldStop({ ...going, ...state });
      assert.equal(decision.stop, stop);
      assert.match(decision.reason, reason);
    });
  }
  it('has rules that a workflow can run: the file imports nothing', () => {
    const source = readFileSync(join(repositoryRoot, 'core/loop/stopping.ts'), 'utf8');
    assert.doesNotMatch(source, /\bimport\b\s*[{*('"]/);
  });
});
