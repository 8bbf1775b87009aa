import { createHash } from 'node:crypto';

/** The page's only script: sorts a table by a column. Everything is readable without it. */
export const SORT_SCRIPT = `
document.addEventListener('click', function (event) {
  var button = event.target.closest('table[data-sortable] thead button');
  if (!button) return;
  var head = button.parentElement, table = head.closest('table'), body = table.tBodies[0];
  var column = Array.prototype.indexOf.call(head.parentElement.children, head);
  var down = head.getAttribute('aria-sort') !== 'descending' && (head.classList.contains('num') || head.getAttribute('aria-sort') === 'ascending');
  var value = function (row) {
    var cell = row.children[column], text = cell.getAttribute('data-sort') || cell.textContent.trim();
    var number = Number(text.replace(/,/g, '').replace('\\u2212', '-').replace(/%$/, ''));
    return text !== '' && !Number.isNaN(number) ? number : text;
  };
  var rows = Array.prototype.slice.call(body.rows).map(function (row) { return [value(row), row]; });
  rows.sort(function (a, b) {
    var order = typeof a[0] === 'number' && typeof b[0] === 'number' ? a[0] - b[0] : String(a[0]).localeCompare(String(b[0]));
    return down ? -order : order;
  });
  rows.forEach(function (pair) { body.appendChild(pair[1]); });
  Array.prototype.forEach.call(head.parentElement.children, function (other) { other.removeAttribute('aria-sort'); });
  head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
});
`;

/** The source expression by which the page's policy allows this script and no other. */
export const SORT_SCRIPT_SOURCE = `'sha256-${createHash('sha256').update(SORT_SCRIPT).digest('base64')}'`;
