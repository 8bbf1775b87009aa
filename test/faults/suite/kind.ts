import type { Lab } from './lab.js';
import type { Point, Scene } from './scene.js';

/** What a fault has done. */
export interface Struck {
  /** Where, and how: what makes a failing point easy to look at. */
  readonly where: string;
  /** Takes the fault away, as an operator would who has read why the run is blocked. */
  readonly mend?: () => Promise<void>;
  /** After the run: what else must hold, as a list of what doesn't. */
  readonly problems?: () => Promise<string[]>;
  readonly cleanUp?: () => Promise<void>;
}

/** One way in which something breaks. One file in `kinds/`, one line in its index. */
export interface FaultKind {
  readonly name: string;
  /** For the table: what happens, in a few words. */
  readonly what: string;
  /** Points take turns with these; a folder is quicker. */
  readonly stores: readonly ('folder' | 's3')[];
  /** What a run that blocks must say of it; where it is absent, the run has to go on by itself. */
  readonly cause?: RegExp;
  /** How often it strikes a run. @default 1 */
  readonly points?: number;
  /** The fault would disturb others on the same Temporal server. */
  readonly ownServer?: boolean;
  /** Why it can't be had on this machine. */
  whyNot?(lab: Lab): string | undefined;
  /** Starts workers and the run, and does it. */
  strike(scene: Scene): Promise<Struck>;
}

/** A fault that strikes a run under way, and can strike it more than once. */
export interface SuddenFault extends Omit<FaultKind, 'strike'> {
  /** Starts workers, where they are special. */
  begin?(scene: Scene): Promise<unknown>;
  /** Does it at once; it passes by itself. */
  now(scene: Scene): Promise<Passing>;
}

type Passing = Pick<Struck, 'where' | 'problems'>;

async function strikeAt(scene: Scene, fault: SuddenFault, point: Point): Promise<Passing> {
  const at = await scene.untilPoint(point);
  const { where, ...rest } = await fault.now(scene);
  return { ...rest, where: where === '' ? at : `${at}, ${where}` };
}

const begin = async (scene: Scene, fault: SuddenFault): Promise<void> => {
  await (fault.begin?.(scene) ?? scene.startWorker());
  await scene.start();
};

/** Strikes once, at the point that the seed says. */
export const sudden = <Fault extends SuddenFault>(fault: Fault): Fault & FaultKind => ({
  ...fault,
  async strike(scene) {
    await begin(scene, fault);
    return strikeAt(scene, fault, scene.point());
  },
});

/** The same fault, so many times in a run where it can be. */
export const repeated = (kind: FaultKind | (FaultKind & SuddenFault), points: number): FaultKind =>
  points > 1 && 'now' in kind ? inOneRun(kind.name, [kind], points) : kind;

/** All of some faults in one run, each so many times: quicker than a run for each, and harder to look into. */
export function inOneRun(name: string, faults: readonly SuddenFault[], points: number): FaultKind {
  const [first] = faults;
  const causes = faults.flatMap(({ cause }) => cause?.source ?? []);
  return {
    name,
    what: faults.map((fault) => fault.what).join('; '),
    stores: first!.stores,
    points: faults.length * points,
    ...(causes.length === 0 ? {} : { cause: new RegExp(causes.join('|')) }),
    whyNot: (lab) => faults.map((fault) => fault.whyNot?.(lab)).find((why) => why !== undefined),
    async strike(scene) {
      const strikes = faults
        .flatMap((fault) => Array.from({ length: points }, () => ({ fault, point: scene.point() })))
        .sort((a, b) => a.point.stage - b.point.stage)
        // Each in its own stretch of the run: several on one stage would take all of its tries, which rightly blocks it.
        .map(({ fault }, i, { length }) => ({ fault, point: scene.point(1 / length, i / length) }));
      await begin(scene, first!);
      const struck: Passing[] = [];
      for (const { fault, point } of strikes) struck.push(await strikeAt(scene, fault, point));
      return {
        where: struck.map(({ where }, i) => `${strikes[i]!.fault.name} at ${where}`).join('; '),
        problems: async () => (await Promise.all(struck.map((one) => one.problems?.() ?? []))).flat(),
      };
    },
  };
}
