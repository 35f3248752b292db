// The suites that the language server is asked about, and what it must say of them.

const people = (lines) => `suite: s\ndatasets:\n  people:\n    source: people.csv\n${lines}`;

// With `fault: '…'` a case says why the schema does not lead right yet. It fails as soon as the schema does.

/** Suites that passmuster reads: an editor must show nothing in them. */
export const RIGHT = {
  '`column` for `columns`': people(`    rules:
      - { check: unique, column: id }
      - { check: required, column: [id, born] }
      - check: tidy
        column: [name, place]
      - { check: required, each: [phone, 'mail_*'] }
`),
  'a source of one line, and a mapping with lists': `suite: s
datasets:
  one:
    source: [one/*.csv, other.csv]
    columns: { id: { required: true } }
  two:
    source: { path: two.txt, format: csv, delimiter: ';', header: false, columns: [id, born] }
    columns: { id: { required: true } }
`,
  '`as: nfc` in short form and in full, and bytes': people(`    columns:
      name: { allowed: { values: [Nguyễn, Trần], as: nfc }, matches: { pattern: '.+', as: nfc }, unique: { as: nfc } }
      photo: { type: binary, length: 1..1000 }
    rules:
      - { check: unique, columns: [name, born], as: nfc }
      - { check: exists_in, columns: name, dataset: people, key: other, as: nfc }
`),
  'one format of dates, and a list': people(`    columns:
      born: { type: date, format: '%d/%m/%Y' }
      died: { type: date, format: ['%d/%m/%Y', '%Y-%m-%d'] }
`),
  '`missing` as one text and as a list, at all three places': `suite: s
missing: [N/A, '-', 0]
datasets:
  people:
    source: people.csv
    missing: unknown
    columns:
      id: { required: true, missing: ['?', none] }
      code: { required: true, allow: N/A }
`,
  'thresholds': people(`    columns:
      id: { required: { at_least: 99.5%, warn: { at_least: 99.9% } } }
      born:
        type: { as: date, at_least: 20 rows }
        required: { at_most: 1 row }
    rules:
      - { check: unique, columns: id, at_most: 20 rows }
      - { check: unique, columns: [id, born], at_least: 99.5 % }
      - { check: unique, columns: born, at_most: 0 }
      - { check: tidy, columns: id, at_most: 500 }
`),
  'waivers of a rule and in a file, and due dates': `suite: s
waivers: waivers.yaml
datasets:
  people:
    source: people.csv
    columns:
      id: { required: { due: 2026-12-31 } }
    rules:
      - check: unique
        columns: id
        due: 2026-12-31
        waive: { until: 2026-12-31, by: Registry, because: The register is merged, at_most: 500 rows }
`,
  'parameters of the suite, columns without checks, one text for a list': `suite: s
extends: packs/vn.yaml
params: { share: 99%, days: 3 }
gate: { fail_on: none, min_score: 90, min_dimension: { correct: 95 } }
datasets:
  people:
    source: people.csv
    key: id
    columns:
      id:
      changed: { type: date }
    rules:
      - { check: fresh, column: changed, within: '\${days}d' }
      - { check: required, column: changed, at_least: '\${share}', tags: daily }
`,
  'the words of booleans, in quotes': people(`    columns:
      paid: { type: boolean, 'true': [x], 'false': [''] }
`),
  'the words of booleans': {
    text: people(`    true: [yes]
    columns:
      paid: { type: boolean, true: [x], false: [''] }
`),
  },
};

/**
 * Suites that passmuster refuses. `shown` lists all that an editor must show, and no more: the line, words of the message, and
 * where it can be given the right key or word, which must be among the corrections that the editor offers there.
 */
export const WRONG = {
  'a misspelt key of the suite': {
    text: 'suite: s\ndataset:\n  people:\n    source: people.csv\n',
    shown: [{ line: 2, says: ['dataset is not allowed'], offers: 'datasets' }],
  },
  'a misspelt key of a dataset': {
    text: people('    ownr: Reporting desk\n'),
    shown: [{ line: 5, says: ['ownr is not allowed'], offers: 'owner' }],
  },
  'a misspelt key of a rule': {
    text: people('    rules:\n      - check: unique\n        columns: id\n        severty: minor\n'),
    shown: [{ line: 8, says: ['severty is not allowed'], offers: 'severity' }],
  },
  'a misspelt check among others under a column': {
    text: people('    columns:\n      id:\n        required: true\n        uniqe: true\n'),
    shown: [{ line: 8, says: ['uniqe is not allowed'], offers: 'unique' }],
  },
  'a misspelt check alone under a column': {
    text: people('    columns:\n      id:\n        uniqe: true\n'),
    shown: [{ line: 7, says: ['uniqe is not allowed'], offers: 'unique' }],
  },
  'an unknown check': {
    text: people('    rules:\n      - { check: required, columns: id }\n      - { check: uniqe, columns: id }\n'),
    shown: [{ line: 7, says: ['Valid values', '"unique"', '"required"'], offers: 'unique' }],
  },
  'an unknown parameter': {
    text: people('    rules:\n      - check: range\n        column: id\n        minimum: 3\n'),
    shown: [{ line: 8, says: ['minimum is not allowed'], offers: 'min' }],
  },
  'a parameter of another check': {
    text: people('    rules:\n      - check: unique\n        column: id\n        within: 3d\n'),
    shown: [{ line: 8, says: ['within is not allowed'], offers: 'where' }],
  },
  'a parameter that is missing': {
    text: people('    rules:\n      - check: fresh\n        column: changed\n'),
    shown: [{ line: 6, says: ['Missing property "within"'] }],
  },
  'no columns': {
    text: people('    rules:\n      - check: unique\n'),
    shown: [{ line: 6, says: ['Missing property "columns"'] }],
  },
  'no check': {
    text: people('    rules:\n      - columns: id\n'),
    shown: [{ line: 6, says: ['Missing property "check"'] }],
  },
  'a word that is none of a list': {
    text: people('    rules:\n      - check: unique\n        columns: id\n        severity: huge\n'),
    shown: [{ line: 8, says: ['"minor", "major", "critical"'], offers: 'major' }],
  },
  'an unknown type': {
    text: people('    columns:\n      id:\n        type: string\n'),
    shown: [{ line: 7, says: ['Valid values', '"text"', '"integer"'], offers: 'text' }],
  },
  'text for a number': {
    text: people('    rules:\n      - check: row_count\n        min: many\n'),
    shown: [{ line: 7, says: ['Expected "integer"'] }],
  },
  'a misspelt key of a waiver': {
    text: people('    rules:\n      - check: unique\n        columns: id\n        waive:\n          until: 2026-12-31\n          by: A\n          because: B\n          atmost: 3 rows\n'),
    shown: [{ line: 12, says: ['atmost is not allowed'], offers: 'at_most' }],
  },
  'a score over 100': {
    text: 'suite: s\ngate:\n  min_score: 101\ndatasets: { people: { source: people.csv } }\n',
    shown: [{ line: 3, says: ['above the maximum of 100'] }],
  },
  'a list of formats of a source': {
    text: 'suite: s\ndatasets:\n  people:\n    source:\n      path: people.txt\n      format: [csv, parquet]\n',
    shown: [{ line: 6, says: ['Valid values', '"csv"', '"parquet"'] }],
  },
  'rules as a mapping': {
    text: people('    rules:\n      check: unique\n      columns: id\n'),
    shown: [{ line: 6, says: ['Expected "array"'] }],
  },
  'columns as a list': {
    text: people('    columns: [id]\n'),
    shown: [{ line: 5, says: ['mapping'] }],
  },
  // It is a dataset of the name `rules` then.
  'rules beside the dataset': {
    text: people('  rules:\n    - check: unique\n      columns: id\n'),
    shown: [{ line: 6, says: ['Expected "dataset"'] }],
  },
  'rules beside the datasets': {
    text: people('rules:\n  - check: unique\n    columns: id\n'),
    shown: [{ line: 5, says: ['rules is not allowed'] }],
  },
  'a column without `columns`': {
    text: people('    id: { required: true }\n'),
    shown: [{ line: 5, says: ['id is not allowed'], offers: 'columns' }],
  },
  'a check beside its column': {
    text: people('    columns:\n      id:\n      required: true\n'),
    shown: [{ line: 7, says: ['mapping'] }],
  },
  // Not YAML any more: the parser of the server says so, and the place is right.
  'a key that is indented too far': {
    text: people('      columns:\n        id: { required: true }\n'),
    shown: [
      { line: 4, says: ['Nested mappings are not allowed'] },
      { line: 4, says: ['Implicit keys'] },
      { line: 4, says: ['Expected one of string'] },
    ],
  },
  'a threshold beside the check': {
    text: people('    columns:\n      id:\n        required: true\n        at_least: 95%\n'),
    shown: [{ line: 8, says: ['at_least is not allowed'] }],
  },
  ...Object.fromEntries(
    ['95', '0.95', '"95"', '[95%]'].map((threshold) => [
      `the threshold ${threshold}`,
      {
        text: people(`    rules:\n      - check: unique\n        columns: id\n        at_least: ${threshold}\n`),
        shown: [{ line: 8, says: ['95%', '95 rows'] }],
      },
    ]),
  ),
};
