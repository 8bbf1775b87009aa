import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Connection } from '@temporalio/client';
import { ConfigError } from '../../../contracts/errors.js';
import { SEARCH_ATTRIBUTES } from '../../../contracts/names.js';
import { ensureSearchAttributes } from '../../../infra/temporal/connect.js';
import { foreignServer } from './foreignServer.js';

const WIRE_TYPES = { KEYWORD: 2, INT: 3, DOUBLE: 4 } as const;
const complete = Object.fromEntries(
  Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => [name, WIRE_TYPES[type]]),
);

/** Stands for a server's operator service: what is there, and what it says to who wants to add more. */
class FakeOperatorService {
  asked: Record<string, number> = {};
  constructor(
    public there: Record<string, number>,
    private readonly onAdd: (service: FakeOperatorService) => void,
  ) {}

  listSearchAttributes(): Promise<{ customAttributes: Record<string, number> }> {
    return Promise.resolve({ customAttributes: this.there });
  }

  addSearchAttributes({ searchAttributes }: { searchAttributes: Record<string, number> }): Promise<void> {
    this.asked = searchAttributes;
    return new Promise((resolve) => {
      this.onAdd(this);
      resolve();
    });
  }
}

const ensureOn = (operatorService: FakeOperatorService, timeoutMs?: number): Promise<void> =>
  ensureSearchAttributes({ operatorService } as unknown as Connection, 'ml', timeoutMs);

const refuse = (): never => {
  throw new Error('7 PERMISSION_DENIED: Request unauthorized.');
};

describe("Assay's search attributes", () => {
  it('are created on a server that has none, and creating them again changes nothing', async (t) => {
    const { connection } = await foreignServer(t);
    const before = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    assert.deepEqual(
      Object.keys(SEARCH_ATTRIBUTES).filter((name) => before.customAttributes[name] !== undefined),
      [],
    );
    await ensureSearchAttributes(connection, 'default');
    await ensureSearchAttributes(connection, 'default');
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    for (const [name, type] of Object.entries(complete)) assert.equal(customAttributes[name], type, name);
  });

  it('that may not be created: the error has the command for an operator', async () => {
    const { AssayRound, ...others } = complete;
    assert.equal(AssayRound, WIRE_TYPES.INT);
    await assert.rejects(ensureOn(new FakeOperatorService(others, refuse)), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^namespace ml has no search attributes AssayRound, and they could not/);
      assert.ok(
        error.message.endsWith(
          '`temporal operator search-attribute create --namespace ml --name AssayRound --type Int`',
        ),
        error.message,
      );
      assert.match(String(error.cause), /PERMISSION_DENIED/);
      return true;
    });
  });

  it('that another process has created meanwhile are no error', async () => {
    const service = new FakeOperatorService({}, (self) => {
      self.there = complete;
      throw new Error('6 ALREADY_EXISTS');
    });
    await ensureOn(service);
    assert.deepEqual(service.asked, complete);
  });

  it('that do not appear in time: the error has the command, too', async () => {
    await assert.rejects(
      ensureOn(new FakeOperatorService({}, () => undefined), 1),
      /--name AssayStatus --type Keyword/,
    );
  });

  it('of another type are refused with what is there and how to remove it', async () => {
    const service = new FakeOperatorService({ ...complete, AssayMetric: WIRE_TYPES.KEYWORD }, refuse);
    await assert.rejects(
      ensureOn(service),
      /search attribute AssayMetric of namespace ml: expected type Double, found type Keyword; .*search-attribute remove --namespace ml --name AssayMetric/,
    );
  });
});
