/** Many small runs at once on one worker: `npm run bench -- swarm [--runs 200]`. */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { playSwarm } from '../test/faults/swarm.js';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '200' } } });
let told = 0;
const { runs, completed, stages, seconds, begunAtFirstEnd, workerMib } = await playSwarm(
  Number(values.runs),
  (ended) => {
    if (ended >= told + 10) process.stderr.write(`${String((told = ended))} ended\n`);
  },
);
const { least, most, ofStages } = begunAtFirstEnd;
const load = loadavg().map((one) => one.toFixed(1));
process.stdout.write(
  [
    `Node ${process.version}, ${String(availableParallelism())} cores, load average ${load.join(' ')}`,
    '',
    '| runs at once | completed | stages | seconds | stages begun by each run when the first ended | worker, MiB at 0, 25, 50, 75, 100% ended |',
    '| --- | --- | --- | --- | --- | --- |',
    `| ${runs} | ${completed} | ${stages} | ${seconds.toFixed(0)} | ${least} to ${most} of ${ofStages} | ${workerMib.join(', ')} |`,
    '',
  ].join('\n'),
);
process.exit(completed === runs ? 0 : 1);
