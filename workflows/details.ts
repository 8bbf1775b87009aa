import type { Named, RunState } from './progress.js';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').slice(0, 300);
const figure = (value: number | string): string =>
  typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : String(value);

/** The table of stages that Temporal's UI shows as the workflow's current details (Markdown), and what to type next. */
export function detailsTable(state: RunState<Named>, runId: string): string {
  const rows = state.stages.map((stage) => {
    const seconds =
      stage.startedAtMs !== undefined && stage.endedAtMs !== undefined
        ? `${((stage.endedAtMs - stage.startedAtMs) / 1000).toFixed(1)} s`
        : '';
    const { done = 0, total = 0, lost = 0 } = stage.shards ?? {};
    const shards = stage.shards ? `${done}/${total}${lost > 0 ? ` (${lost} lost)` : ''}` : '';
    const figures = Object.entries(stage.figures)
      .slice(0, 3)
      .map(([name, value]) => `${name} ${figure(value)}`)
      .join(', ');
    return `| ${stage.path} | ${stage.state} | ${shards} | ${stage.attempts} | ${seconds} | ${cell(stage.error ?? figures)} |`;
  });
  const table = [
    '| stage | state | shards | attempts | time | figures or error |',
    '|---|---|---|---|---|---|',
    ...rows,
  ];
  return `${headOf(state)}\n\n${table.join('\n')}\n\n${nextSteps(state, runId)}`;
}

function headOf({ config, state, round, metric, successor, loop }: RunState<Named>): string {
  const words = [
    state,
    ...(round > 0 ? [`round ${round}`] : []),
    ...(metric ? [`${metric.name} ${figure(metric.value)}`] : []),
    ...(successor ? [`anew from ${successor.from} of ${successor.of}`] : []),
    ...(loop?.stop && loop.ended === undefined ? ['the loop ends after this round'] : []),
  ];
  return `**${config.name}**: ${words.join(', ')}`;
}

function nextSteps({ state, blocked, waiting, next, loop, stages }: RunState<Named>, runId: string): string {
  const listed = (commands: readonly string[]): string =>
    `${commands.map((one) => `    ${one}`).join('\n')}\n`;
  if (blocked)
    return `**Blocked at ${blocked.stage}.** ${cell(blocked.error)}\n\n${listed(blocked.commands)}`;
  if (waiting) return `**${waiting.question}**\n\n${listed(waiting.commands)}`;
  if (next) return `**Next**\n\n${listed(next)}`;
  if (state !== 'running')
    return `**Next**\n\n${listed([`assay show ${runId}`, ...redo(runId, stages.find((one) => one.state === 'running' || one.state === 'blocked')?.path)])}`;
  const steer =
    loop && loop.ended === undefined ? [`assay stop ${runId}`, `assay continue ${runId} --rounds 1`] : [];
  return `**Next**\n\n${listed([`assay watch ${runId}`, ...steer])}`;
}

/** Where a run ended before its end, its successor may go on. */
const redo = (runId: string, stage: string | undefined): string[] =>
  stage === undefined ? [] : [`assay retry ${runId} --from ${stage}`];
