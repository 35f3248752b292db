'use strict';
// Sorts, filters and opens the rules. What is chosen is in the address: #status=failed&dataset=x&q=text&sort=rate&rule=ID
(() => {
  const list = document.getElementById('list');
  const form = document.getElementById('filter');
  const shown = document.getElementById('shown');
  const filtered = document.getElementById('filtered');
  const none = document.getElementById('none');
  if (!list.firstElementChild) return;

  const CHOICES = ['status', 'severity', 'dataset', 'dimension', 'owner'];
  const KEYS = ['q', ...CHOICES, 'sort', 'rule'];
  const PASSED = 6;
  const language = document.documentElement.lang;

  // The numbers of a rule, in the order in which they are written.
  const rules = Array.from(list.children, (item, at) => {
    const numbers = item.dataset.k.split(' ').map(Number);
    const [dataset, dimension, status, severity, owner, gate = 0, failed = 0, rate = 10000] = numbers;
    const details = item.firstElementChild;
    return { item, details, at, dataset, dimension, status, severity, owner, gate, failed, rate, text: null, title: null };
  });
  const ids = new Map(rules.map((rule) => [decodeURIComponent(rule.details.lastElementChild.id.slice(5)), rule]));

  // Letters without accents and case, so that "da nang" finds "Đà Nẵng".
  const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/gi, 'd').toLowerCase();
  const textOf = (rule) => {
    if (rule.text === null) {
      // The sentences up to what is expected, and the last entry: id, check, columns, owner, tags.
      const entries = Array.from(rule.details.querySelectorAll('dl > dd'));
      const expected = entries.findIndex((entry) => entry.previousElementSibling.textContent === form.getAttribute('data-expected'));
      const parts = [rule.details.firstElementChild, ...entries.slice(0, expected + 1), ...entries.slice(-1)];
      rule.text = fold(parts.map((part) => part.textContent).join('\n'));
    }
    return rule.text;
  };
  const titleOf = (rule) => (rule.title ??= rule.item.querySelector('summary > span').textContent);
  const compare = new Intl.Collator(language, { numeric: true }).compare;
  const ORDERS = {
    trouble: (a, b) => a.at - b.at,
    dataset: (a, b) => a.dataset - b.dataset || a.at - b.at,
    failures: (a, b) => b.failed - a.failed || a.at - b.at,
    rate: (a, b) => a.rate - b.rate || a.at - b.at,
    severity: (a, b) => b.severity - a.severity || a.at - b.at,
    name: (a, b) => compare(titleOf(a), titleOf(b)) || a.at - b.at,
  };
  let order = 'trouble';

  const read = () => new URLSearchParams(location.hash.slice(1));
  const isOurs = (state) => location.hash === '' || location.hash === '#' || KEYS.some((key) => state.has(key));

  /** The state of the form, with the open rule that the address names. */
  function chosen(rule) {
    const state = new URLSearchParams();
    const text = form.elements.q.value.trim();
    if (text) state.set('q', text);
    for (const name of CHOICES) if (form.elements[name].value) state.set(name, form.elements[name].value);
    if (form.elements.sort.value !== 'trouble') state.set('sort', form.elements.sort.value);
    if (rule) state.set('rule', rule);
    return state;
  }

  const address = (state) => '#' + state.toString().replaceAll('+', '%20');

  function fill(state) {
    form.elements.q.value = state.get('q') ?? '';
    for (const name of CHOICES) form.elements[name].value = state.get(name) ?? '';
    for (const name of CHOICES) {
      const { selectedIndex } = form.elements[name];
      // What the page does not have is searched as text: it is seen in the form, and finds nothing.
      if (selectedIndex < 0) {
        form.elements[name].value = '';
        form.elements.q.value = [form.elements.q.value, state.get(name)].filter(Boolean).join(' ');
      }
    }
    form.elements.sort.value = Object.hasOwn(ORDERS, state.get('sort') ?? '') ? state.get('sort') : 'trouble';
  }

  /** Shows the rules that the form asks for, in its order. */
  function apply() {
    const words = fold(form.elements.q.value).split(/\s+/).filter(Boolean);
    const tests = [];
    for (const name of CHOICES) {
      const { value, selectedIndex } = form.elements[name];
      // The statuses have two choices of several before them.
      const before = name === 'status' ? 3 : 1;
      if (value === 'gate' && name === 'status') tests.push((rule) => rule.gate === 1);
      else if (value === 'attention' && name === 'status') tests.push((rule) => rule.status !== PASSED);
      else if (selectedIndex > 0) tests.push((rule) => rule[name] === selectedIndex - before);
    }
    if (words.length) tests.push((rule) => words.every((word) => textOf(rule).includes(word)));
    let count = 0;
    for (const rule of rules) {
      const fits = tests.every((test) => test(rule));
      if (rule.item.hidden === fits) rule.item.hidden = !fits;
      if (fits) count += 1;
    }
    const sort = form.elements.sort.value;
    if (sort !== order) {
      order = sort;
      list.append(...rules.slice().sort(ORDERS[order]).map((rule) => rule.item));
    }
    const text = rules.length === 1 ? shown.dataset.one : shown.dataset.other;
    const number = (value) => value.toLocaleString(language);
    shown.textContent = text.replace('{shown}', number(count)).replace('{count}', number(rules.length));
    none.hidden = count > 0;
    filtered.hidden = tests.length === 0;
    filtered.textContent = filtered.dataset.text.replace('{filter}', described());
  }

  /** What is chosen, in words, for paper. */
  function described() {
    const parts = [];
    for (const label of form.querySelectorAll('label')) {
      const field = label.lastElementChild;
      if (field.name === 'sort' || !field.value) continue;
      const value = field.selectedOptions ? field.selectedOptions[0].textContent : field.value;
      parts.push(`${label.firstElementChild.textContent} ${value}`);
    }
    return parts.join(', ');
  }

  /** Opens a place of the page, with all that it is in, and goes there. */
  function reveal(element) {
    for (let at = element; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
    element.scrollIntoView({ block: 'start' });
  }

  let ownChange = false;

  /** Follows the address: a filter, a rule, or another place of the page. */
  function follow(isFirst) {
    const state = read();
    if (!isOurs(state)) {
      const place = document.getElementById(location.hash.slice(1));
      if (place) reveal(place);
      return;
    }
    fill(state);
    apply();
    const rule = ids.get(state.get('rule') ?? '');
    if (rule) {
      // The address names it, whatever the filter says.
      rule.item.hidden = false;
      const show = () => {
        reveal(rule.details.lastElementChild);
        rule.details.firstElementChild.focus({ preventScroll: true });
      };
      show();
      // The browser follows the address, too, once the page is there.
      if (isFirst) window.addEventListener('load', () => setTimeout(show));
    } else if (!isFirst && location.hash.length > 1 && !ownChange) {
      const heading = document.getElementById('rules-heading');
      heading.scrollIntoView({ block: 'start' });
      heading.focus({ preventScroll: true });
    } else if (isFirst && location.hash.length > 1) {
      document.getElementById('rules-heading').scrollIntoView({ block: 'start' });
    }
    ownChange = false;
  }

  form.addEventListener('change', (event) => {
    if (event.target.name === 'q') return;
    ownChange = true;
    const next = address(chosen(null));
    if (next === (location.hash || '#')) ownChange = false;
    else location.hash = next;
  });
  // Each letter is no step to go back to; the first of a text is.
  let typing = false;
  form.addEventListener('input', (event) => {
    if (event.target.name !== 'q') return;
    const next = address(chosen(null));
    if (typing) history.replaceState(null, '', next);
    else history.pushState(null, '', next);
    typing = true;
    apply();
  });
  form.elements.q.addEventListener('blur', () => (typing = false));
  form.addEventListener('reset', (event) => {
    event.preventDefault();
    ownChange = true;
    if (location.hash.length > 1) location.hash = '';
    fill(new URLSearchParams());
    apply();
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  window.addEventListener('hashchange', () => follow(false));
  window.addEventListener('popstate', () => {
    // A text that was typed is no change of the fragment that the browser reports.
    if (isOurs(read()) && address(chosen(null)) !== address(withoutRule(read()))) {
      fill(read());
      apply();
    }
  });
  function withoutRule(state) {
    state.delete('rule');
    return state;
  }

  // The address names the rule that was opened last, so that it can be passed on.
  list.addEventListener('click', (event) => {
    const summary = event.target.closest('summary');
    if (!summary || summary.parentElement.parentElement.parentElement !== list) return;
    const details = summary.parentElement;
    const id = details.open ? null : decodeURIComponent(details.lastElementChild.id.slice(5));
    history.replaceState(null, '', address(chosen(id)));
  });

  // On paper the datasets and the rules that need attention are open.
  let opened = [];
  window.addEventListener('beforeprint', () => {
    const troubled = rules.filter((rule) => rule.status < 2 || rule.gate === 1).map((rule) => rule.details);
    opened = [...troubled, ...document.querySelectorAll('details.dataset, details.calculation, details.more')].filter((details) => !details.open);
    for (const details of opened) details.open = true;
  });
  window.addEventListener('afterprint', () => {
    for (const details of opened) details.open = false;
    opened = [];
  });

  form.hidden = false;
  follow(true);

  // The texts are read while nobody waits, a few at a time, so that the first search is as quick as the next.
  const idle = window.requestIdleCallback ?? ((work) => setTimeout(() => work({ timeRemaining: () => 5 }), 50));
  let next = 0;
  const readOn = (deadline) => {
    while (next < rules.length && deadline.timeRemaining() > 1) textOf(rules[next++]);
    if (next < rules.length) idle(readOn);
  };
  idle(readOn);
})();
