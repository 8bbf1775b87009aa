import { createHash } from 'node:crypto';

/** The page's only script: sorts a table by a column, filters its rows, reads values out of charts, and loads a live page anew. Everything is readable without it. */
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
Array.prototype.forEach.call(document.querySelectorAll('figure[data-read]'), function (figure) {
  var places = figure.getAttribute('data-read').split('\\n').map(function (line) { return line.split(' '); });
  var field = document.createElement('input'), said = document.createElement('output');
  var ring = document.createElementNS(figure.querySelector('svg').namespaceURI, 'circle');
  field.type = 'range';
  field.min = field.value = 0;
  field.max = places.length - 1;
  field.setAttribute('aria-label', 'Values, one by one');
  said.setAttribute('aria-live', 'off');
  said.dir = 'ltr';
  ring.setAttribute('class', 'at');
  ring.setAttribute('r', 7);
  var drawn = function () {
    return Array.prototype.map.call(figure.querySelectorAll('svg'), function (svg, at) {
      return { svg: svg, box: svg.getBoundingClientRect(), first: 2 * at };
    }).filter(function (one) { return one.box.width > 0; })[0];
  };
  var show = function (at, one) {
    var place = places[at];
    ring.setAttribute('cx', place[one.first]);
    ring.setAttribute('cy', place[one.first + 1]);
    one.svg.appendChild(ring);
    field.value = at;
    said.textContent = place.slice(4).join(' ');
    field.setAttribute('aria-valuetext', said.textContent);
  };
  var step = function () { show(Number(field.value), drawn()); };
  var point = function (event) {
    var one = drawn(), nearest = 0, least = Infinity;
    if (!one) return;
    var scale = one.svg.viewBox.baseVal.width / one.box.width;
    var x = (event.clientX - one.box.left) * scale, y = (event.clientY - one.box.top) * scale;
    places.forEach(function (place, at) {
      var far = Math.pow(place[one.first] - x, 2) + Math.pow(place[one.first + 1] - y, 2);
      if (far < least) { least = far; nearest = at; }
    });
    show(nearest, one);
  };
  field.addEventListener('input', step);
  field.addEventListener('focus', step);
  figure.addEventListener('pointermove', point);
  figure.addEventListener('pointerdown', point);
  figure.appendChild(field);
  figure.appendChild(said);
});
if (document.body.dataset.refresh && /^http/.test(location.protocol)) (function () {
  var stop = document.createElement('button'), timer;
  stop.type = 'button';
  var toggle = function () {
    clearTimeout(timer);
    var goesOn = stop.textContent !== 'Stop asking anew';
    stop.textContent = goesOn ? 'Stop asking anew' : 'Ask anew again';
    if (goesOn) timer = setTimeout(function () { location.reload(); }, 1000 * document.body.dataset.refresh);
  };
  stop.addEventListener('click', toggle);
  document.querySelector('footer').appendChild(stop);
  toggle();
})();
`;

/** The source expression by which the page's policy allows this script and no other. */
export const SORT_SCRIPT_SOURCE = `'sha256-${createHash('sha256').update(SORT_SCRIPT).digest('base64')}'`;
