import { createHash } from 'node:crypto';

/** The page's only script: sorts a table by a column, and filters its rows. Everything is readable without it. */
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
Array.prototype.forEach.call(document.querySelectorAll('table[data-filter]'), function (table) {
  var region = table.parentElement, rows = Array.prototype.slice.call(table.tBodies[0].rows);
  var bar = document.createElement('p'), field = document.createElement('input'), found = document.createElement('output');
  bar.className = 'filter';
  field.type = 'search';
  field.placeholder = 'filter rows';
  field.setAttribute('aria-label', 'Filter: ' + region.getAttribute('aria-label'));
  var texts = rows.map(function (row) { return row.textContent.toLowerCase().replace(/\\s+/g, ' '); });
  var apply = function () {
    var words = field.value.toLowerCase().split(' ').filter(Boolean), left = 0;
    rows.forEach(function (row, at) {
      row.hidden = !words.every(function (word) { return texts[at].indexOf(word) >= 0; });
      if (!row.hidden) left += 1;
    });
    found.textContent = left === rows.length ? rows.length + ' rows' : left + ' of ' + rows.length + ' rows';
  };
  field.addEventListener('input', apply);
  bar.appendChild(field);
  bar.appendChild(found);
  region.parentElement.insertBefore(bar, region);
  apply();
});
`;

/** The source expression by which the page's policy allows this script and no other. */
export const SORT_SCRIPT_SOURCE = `'sha256-${createHash('sha256').update(SORT_SCRIPT).digest('base64')}'`;
