// Suites and data for the tests of the HTML report: a hostile one, and a large one.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const quoted = (text) => JSON.stringify(text);

/** What runs if a browser takes it as markup. */
export const MARKUP = [
  '"><script>pwned("script")</script>',
  '<img src=x onerror=pwned("image")>',
  "' onmouseover='pwned(1)' '",
  '</details></script></style><svg onload=pwned("svg")>',
  '<a href="javascript:pwned(2)">x</a>',
  '<iframe srcdoc="<script>parent.pwned(3)</script>"></iframe>',
];

/** Names, titles, texts, owners, values and files that are markup. Returns the suite. */
export function hostile(folder) {
  const file = `<img src=x onerror=pwned('file')>.csv`;
  const column = '<b onclick=pwned(4)>column</b>';
  const rows = MARKUP.flatMap((text, at) => Array(8).fill(`${at},"${text.replaceAll('"', '""')}"`));
  writeFileSync(join(folder, file), `id,"${column}"\r\n${rows.join('\r\n')}\r\n`);
  const rules = MARKUP.map((text, at) =>
    [
      `      - id: rule-${at}`,
      `        check: ${at % 2 ? 'matches' : 'length'}`,
      `        column: ${quoted(column)}`,
      at % 2 ? `        pattern: ${quoted('^[a-z]$')}` : '        max: 3',
      `        segment: ${quoted(column)}`,
      `        title: ${quoted(text)}`,
      `        because: ${quoted(text + '\u202e\u200b hidden')}`,
      `        fix: ${quoted(text)}`,
      `        owner: ${quoted(MARKUP[at % 3])}`,
      `        tags: [${quoted(text)}]`,
    ].join('\n'),
  );
  const suite = join(folder, 'hostile.yaml');
  writeFileSync(
    suite,
    [
      'suite: hostile',
      `title: ${quoted(MARKUP.join(' '))}`,
      'datasets:',
      '  values:',
      `    source: ${quoted(file)}`,
      `    title: ${quoted(MARKUP[1])}`,
      `    owner: ${quoted(MARKUP[0])}`,
      `    steward: ${quoted(MARKUP[4])}`,
      `    columns: { id: { type: integer, pii: none }, ${quoted(column)}: { pii: none } }`,
      '    rules:',
      ...rules,
      '',
    ].join('\n'),
  );
  return suite;
}

/** 3,000 rules over 50 datasets, of which each fifth fails. Returns the suite. */
export function large(folder) {
  const COLUMNS = 20;
  mkdirSync(folder, { recursive: true });
  const header = Array.from({ length: COLUMNS }, (_, at) => `share_of_office_${at}`).join(',');
  // The first six columns have values above all limits.
  const cell = (at, column) => (at * 7 + column * 3) % (column < 6 ? 120 : 90);
  const row = (at) => Array.from({ length: COLUMNS }, (_, column) => cell(at, column)).join(',');
  writeFileSync(join(folder, 'register.csv'), `${header}\n${Array.from({ length: 500 }, (_, at) => row(at)).join('\n')}\n`);
  const texts = [
    '        because: A share of a whole is never more than all of it',
    '        fix: Ask the office that sent the record, and enter the value of its register',
  ];
  const lines = ['suite: registers', 'title: The registers of all offices', 'datasets:'];
  for (let at = 0; at < 50; at++) {
    const rule = (name, ...keys) => [`      - id: register-${at}-${name}`, ...keys];
    const each = '        each: "share_*"';
    // With the rule that each CSV file has, these are 60.
    const others = header.split(',').slice(1).join(', ');
    lines.push(
      `  register_${String(at).padStart(2, '0')}:`,
      '    source: register.csv',
      '    title: Register of an office',
      `    owner: Office ${at % 9}`,
      '    rules:',
      ...rule('possible', each, '        check: range', '        max: 100', '        severity: critical', ...texts),
      ...rule('usual', each, '        check: range', '        max: 110', '        dimension: unified', '        severity: minor', ...texts),
      ...rule('present', `        each: [${others}]`, '        check: required', '        at_least: 99%'),
    );
  }
  const suite = join(folder, 'large.yaml');
  writeFileSync(suite, lines.join('\n') + '\n');
  return suite;
}
