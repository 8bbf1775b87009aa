import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { escapeText, html } from '../../report/html.js';

describe('html', () => {
  it('escapes what is put in, and not what html made', () => {
    assert.equal(
      html`<p title="${'"'}">${html`<b>${'<i>'}</b>`}</p>`.text,
      '<p title="&quot;"><b>&lt;i&gt;</b></p>',
    );
  });

  it('joins lists and leaves out false, null and undefined', () => {
    assert.equal(html`${[1, 'a', html`<br />`]}${false}${null}${undefined}`.text, '1a<br />');
  });

  it('lets no text out of its place, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(escapeText(text), /[<>"']/);
        assert.equal(Buffer.from(escapeText(text), 'utf8').toString('utf8'), escapeText(text));
      }),
    );
  });

  it('replaces halves of characters and control characters', () => {
    assert.equal(escapeText('a\ud800b\u0000c\u{1f600}\n'), 'a\ufffdb\ufffdc\u{1f600}\n');
  });
});
