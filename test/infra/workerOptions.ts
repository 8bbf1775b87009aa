import assert from 'node:assert/strict';
import { Command } from 'commander';
import { withCommon } from '../../cli/command.js';
import { worker } from '../../cli/commands/worker.js';
import type { Role } from '../../contracts/names.js';

/** What `assay worker` makes of arguments; throws where it does not take them. */
export function workerOptions(args: readonly string[]): {
  grace: number;
  role: Role[];
  concurrency?: object;
} {
  assert.equal(args[0], 'worker');
  const command = withCommon(new Command('worker')).exitOverride();
  worker.define(command);
  command.action(() => undefined);
  command.parse(args.slice(1), { from: 'user' });
  return command.opts();
}
