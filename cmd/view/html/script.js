// Search and filter. The page is whole without it.
(() => {
  'use strict';
  const tools = document.getElementById('tools');
  const all = () => document.querySelectorAll('details');
  let printed = [];
  addEventListener('beforeprint', () => { printed = [...all()].filter(d => !d.open); printed.forEach(d => { d.open = true; }); });
  addEventListener('afterprint', () => { printed.forEach(d => { d.open = false; }); printed = []; });
  if (!tools) return;
  const find = document.getElementById('find'), kind = document.getElementById('kind'), told = document.getElementById('told');
  const groups = [...document.querySelectorAll('[data-group]')].map(box => ({
    box, fold: box.querySelector('details.group'), rows: [...box.querySelectorAll('[data-k]')], open: undefined,
  }));
  const texts = new Map();
  const textOf = row => {
    let text = texts.get(row);
    if (text === undefined) texts.set(row, text = row.textContent.toLowerCase());
    return text;
  };
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean), wanted = kind ? kind.value : '';
    const active = words.length > 0 || wanted !== '';
    let shown = 0;
    for (const group of groups) {
      let here = 0;
      for (const row of group.rows) {
        const fits = (wanted === '' || row.dataset.k === wanted) && words.every(word => textOf(row).includes(word));
        row.hidden = !fits;
        if (fits) here++;
      }
      group.box.hidden = active && here === 0;
      if (group.fold) {
        if (active && group.open === undefined) group.open = group.fold.open;
        if (active) group.fold.open = here > 0;
        else if (group.open !== undefined) { group.fold.open = group.open; group.open = undefined; }
      }
      shown += here;
    }
    told.textContent = active ? (shown === 1 ? '1 line' : shown.toLocaleString('en') + ' lines') : '';
  };
  let soon = 0;
  find.addEventListener('input', () => { clearTimeout(soon); soon = setTimeout(filter, 120); });
  if (kind) kind.addEventListener('change', filter);
  tools.addEventListener('submit', event => { event.preventDefault(); filter(); });
  tools.hidden = false;
  if (find.value || kind && kind.value) filter();
})();
