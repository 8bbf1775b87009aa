import { join } from 'node:path';
import { describe } from 'node:test';
import { openFileStore } from '../../storage/file.js';
import { storeContract } from './contract.js';
import { temporaryFolder } from './workspace.js';

describe('a store in a folder', () => {
  storeContract(async (t) => openFileStore(join(await temporaryFolder(t), 'new', 'store')));
});
