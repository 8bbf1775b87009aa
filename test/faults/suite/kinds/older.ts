import { buildsOf, makeCurrent, newerCode, newerStages, versionOf } from '../../deployment.js';
import type { FaultKind, Struck } from '../kind.js';
import type { Scene } from '../scene.js';

/** The rest is for the newer one to do. */
const EARLY = 0.8;

export const olderBeside: FaultKind = {
  name: 'older beside newer',
  what: 'a worker of newer code joins the one that began the run, and both stay; in turns as versions of a deployment and without versions',
  stores: ['folder'],
  ownServer: true,
  strike: (scene) => (scene.index % 2 === 0 ? versioned(scene) : unversioned(scene)),
};

/** The run moves on to the newer version, workflow code included. */
async function versioned(scene: Scene): Promise<Struck> {
  const { cluster, runId } = scene;
  await scene.startWorker(versionOf('older'));
  await makeCurrent(cluster, 'older');
  await scene.start();
  const where = await scene.untilPoint(scene.point(EARLY));
  await scene.startWorker({ ...versionOf('newer'), ...(await newerCode(cluster.folder)) });
  await makeCurrent(cluster, 'newer');
  return {
    where: `${where}, a deployment`,
    problems: async () => {
      const builds = await buildsOf(cluster, runId);
      return builds.join() === 'older,newer' ? [] : [`builds in turn: ${builds.join(', ')}`];
    },
  };
}

/** Stages of either are done by whoever comes first. */
async function unversioned(scene: Scene): Promise<Struck> {
  await scene.startWorker();
  await scene.start();
  const where = await scene.untilPoint(scene.point(EARLY));
  await scene.startWorker({ codeVersions: newerStages() });
  return { where: `${where}, without versions` };
}
