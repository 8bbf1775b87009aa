/** A process that runs the dev services until it is told to stop: what `assay dev` is, for tests. */
import { startDev, type DevOptions } from '../../infra/dev.js';

const options = JSON.parse(process.argv[2] ?? '{}') as DevOptions;
const services = await startDev(options);
process.on('SIGTERM', () => void services.stop().then(() => process.exit(0)));
process.send?.({ address: services.address, workerPid: services.workerPid() });
