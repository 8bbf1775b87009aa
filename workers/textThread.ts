/** What a thread for texts runs: it learns n-grams of the texts that it is given, or weighs them. */
import { parentPort } from 'node:worker_threads';
import type { CsrMatrix } from '../contracts/matrix.js';
import { TfidfLearner, tfidfTransformer } from '../core/text/tfidf.js';
import { buffersOf, type TextAnswer, type TextOrder } from './textOrders.js';

const port = parentPort;
if (port) {
  let learner: TfidfLearner | undefined;
  let weigh: ((texts: Iterable<string>) => CsrMatrix) | undefined;
  const answer = (order: TextOrder): TextAnswer => {
    switch (order.do) {
      case 'learn':
        learner = new TfidfLearner(order.settings);
        return undefined;
      case 'add':
        learner?.add(order.texts);
        return undefined;
      case 'counts': {
        const counts = learner?.counts();
        learner = undefined;
        return counts;
      }
      case 'weighBy':
        weigh = tfidfTransformer(order.vocabulary);
        return undefined;
      case 'weigh':
        return weigh?.(order.texts);
    }
  };
  port.on('message', (order: TextOrder) => {
    const found = answer(order);
    port.postMessage(found, found === undefined ? [] : buffersOf(found));
  });
}
