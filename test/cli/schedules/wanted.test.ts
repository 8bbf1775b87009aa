import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ScheduleDescription } from '@temporalio/client';
import { wantedSchedule } from '../../../cli/schedules/wanted.js';
import { openServer, type Server } from '../../../cli/server.js';
import { openTerminal } from '../../../cli/terminal.js';
import { startTemporalServer, type TemporalServer } from '../../../infra/temporal/startServer.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;

describe('the schedule that a config asks for, as Temporal tells it', () => {
  let folder = '';
  let temporal: TemporalServer;
  let server: Server;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'assay-wanted-'));
    writeFileSync(join(folder, 'toy.csv'), 'y,t\na,b\n');
    temporal = await startTemporalServer();
    server = await openServer({ address: temporal.address });
  });
  after(async () => {
    await server.close();
    await temporal.stop();
    rmSync(folder, { recursive: true });
  });

  let made = 0;
  async function describeOf(schedule: string): Promise<ScheduleDescription> {
    const path = join(folder, 'assay.yaml');
    const rows = `dataset: { source: ${join(folder, 'toy.csv')}, columns: { target: y, text: [t] } }`;
    const name = `shop-${String(made++)}`;
    const priority = 'priority: { key: 2, team: search, weight: 3 }';
    writeFileSync(path, `name: ${name}\n${rows}\n${priority}\nschedule: ${schedule}\n`);
    const wanted = await wantedSchedule(server, path, [], openTerminal({}));
    await server.client.schedule.create({ scheduleId: wanted.name, ...wanted.options });
    return server.client.schedule.getHandle(name).describe();
  }

  const overlaps = [
    ['skip', 'SKIP'],
    ['bufferOne', 'BUFFER_ONE'],
    ['bufferAll', 'BUFFER_ALL'],
    ['cancelOther', 'CANCEL_OTHER'],
    ['terminateOther', 'TERMINATE_OTHER'],
  ] as const;
  for (const [asked, want] of overlaps) {
    it(`lets ${asked} decide of the next start`, async () => {
      const { policies } = await describeOf(`{ every: 6h, overlap: ${asked}, pauseOnFailure: true }`);
      assert.deepEqual(policies, { overlap: want, catchupWindow: HOUR, pauseOnFailure: true });
    });
  }

  it('starts at the times of cron, in its timezone, summer and winter', async () => {
    const { spec, info, state } = await describeOf('{ cron: "30 3 * * *", timezone: Europe/Paris }');
    const [calendar] = spec.calendars ?? [];
    assert.deepEqual([calendar?.hour, calendar?.minute].flat(), [
      { start: 3, end: 3, step: 1 },
      { start: 30, end: 30, step: 1 },
    ]);
    assert.equal(spec.timezone, 'Europe/Paris');
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Paris',
      timeStyle: 'short',
    });
    assert.ok(info.nextActionTimes.length >= 3);
    for (const time of info.nextActionTimes) assert.equal(clock.format(time), '03:30');
    assert.equal(state.paused, false);
  });

  it('starts at several times, where cron has several', async () => {
    const { spec } = await describeOf('{ cron: ["0 3 * * *", "0 15 * * MON"] }');
    assert.deepEqual(
      spec.calendars?.map(({ hour }) => hour?.map(({ start }) => start)),
      [[3], [15]],
    );
    assert.equal(spec.timezone, 'UTC');
  });

  it('starts in intervals, later by up to the jitter, and late within the catch-up window', async () => {
    const { spec, policies, action, memo } = await describeOf(
      '{ every: 90m, jitter: 5m, catchUpWindow: 20m }',
    );
    assert.deepEqual(
      spec.intervals?.map(({ every }) => every),
      [90 * MINUTE],
    );
    assert.equal(spec.jitter, 5 * MINUTE);
    assert.deepEqual(policies, { overlap: 'SKIP', catchupWindow: 20 * MINUTE, pauseOnFailure: false });
    assert.deepEqual([action.workflowType, action.taskQueue], ['retrain', 'assay-workflow']);
    assert.equal(memo, undefined);
    assert.equal(action.memo?.['when'], 'every 90m, up to 5m later');
  });

  it('gives its runs the priority of the config', async () => {
    const { raw } = await describeOf('{ every: 6h }');
    const { priority } = raw.schedule?.action?.startWorkflow ?? {};
    assert.deepEqual(
      [priority?.priorityKey, priority?.fairnessKey, priority?.fairnessWeight],
      [2, 'search', 3],
    );
  });
});
