// The HTML report in a real browser: what a reader does with the mouse, the keyboard, on paper and without the script.
//
//   npm install --prefix FOLDER playwright-core@VERSION axe-core@VERSION
//   node tests/html_report/run.mjs FOLDER PROGRAM
//
// PROGRAM is passmuster. CHROMIUM names another browser than /usr/bin/chromium; SCREENSHOTS a folder for pictures.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { address, open, packages, start } from './browser.mjs';
import { hostile, large } from './suites.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [folder, program] = process.argv.slice(2);
if (!folder || !program) {
  console.error('usage: node run.mjs FOLDER PROGRAM; FOLDER is where npm installed playwright-core and axe-core');
  process.exit(2);
}
const { chromium, axe } = packages(folder);
const work = mkdtempSync(join(tmpdir(), 'html-report-'));
const pictures = process.env.SCREENSHOTS;
if (pictures) mkdirSync(pictures, { recursive: true });

/** Writes the reports of a suite: one page for each language. */
function reports(name, suite, options = []) {
  const result = join(work, `${name}.json`);
  const run = (args) => {
    const done = spawnSync(resolve(program), args, { cwd: root, encoding: 'utf8' });
    if (done.status > 1 || done.error) throw new Error(`${args.join(' ')}: ${done.error ?? done.stderr}`);
  };
  run(['audit', suite, ...options, '--quiet', '--format', `json=${result}`]);
  return Object.fromEntries(
    ['en', 'vi'].map((language) => {
      const page = join(work, `${name}.${language}.html`);
      run(['report', result, '--lang', language, '--format', `html=${page}`]);
      return [language, page];
    }),
  );
}

const flights = reports('flights', 'rules/nycflights13.yaml', ['--where-failing']);
const attacked = reports('hostile', hostile(work));
const many = reports('large', large(join(work, 'large')));
const browser = await start(chromium);
setTimeout(() => (console.error('the tests take more than 15 minutes'), process.exit(1)), 900_000).unref();

let passed = 0;
const failures = [];

/** A test on a page, on which nothing may go wrong but what is allowed. */
async function test(name, file, { allowed = /^$/, ...options }, body) {
  const { page, context, faults } = await open(browser, file, options);
  try {
    await body(page, context);
    assert.deepEqual((await faults()).filter((fault) => !allowed.test(fault)), []);
    passed += 1;
    if (process.env.VERBOSE) console.error(`${Math.round(performance.now())} ms: ${name}`);
  } catch (error) {
    failures.push(`${name}: ${error.message}`);
    if (process.env.VERBOSE) console.error(failures.at(-1));
  }
  await context.close();
}

const shownRules = (page) => page.locator('#list > li:visible').count();
const titles = (page) => page.locator('#list > li:visible summary > span').allTextContents();
const live = (page) => page.locator('#shown').textContent();
const hash = (page) => page.evaluate(() => location.hash);
const inSight = (page, selector) =>
  page.locator(selector).evaluate((element) => {
    const box = element.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
  });

const all = 86;
await test('a page opens without a message or a request', flights.en, {}, async (page) => {
  assert.equal(await page.locator('h1 .word').textContent(), 'Failed');
  assert.equal(await shownRules(page), all);
  assert.equal(await live(page), `${all} of ${all} rules`);
  const policy = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'$/);
  // The style applies, so its hash is right.
  assert.equal(await page.locator('#list').evaluate((list) => getComputedStyle(list).listStyleType), 'none');
});

await test('a script from elsewhere is stopped', flights.en, { allowed: /^(console|policy): .*(inline script|script-src-elem)/ }, async (page) => {
  await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
  });
  assert.equal(await page.evaluate(() => window.ran), undefined);
  assert.deepEqual(await page.evaluate(() => window.violations), ['policy: script-src-elem']);
});

for (const [field, value, fits] of [
  ['status', 'failed', (rule) => rule.status === '1'],
  ['status', 'gate', (rule) => rule.gate === '1'],
  ['status', 'attention', (rule) => rule.status !== '6'],
  ['severity', 'critical', (rule) => rule.severity === '2'],
  ['dataset', 'flights', (rule) => rule.dataset === '1'],
  ['dimension', 'unified', (rule) => rule.dimension === '4'],
  ['owner', 'Weather desk', (rule) => rule.owner === rule.weather],
]) {
  await test(`filter by ${field} = ${value}`, flights.en, {}, async (page) => {
    await page.selectOption(`select[name=${field}]`, value);
    const [found, wanted] = await page.evaluate(() => {
      const owners = Array.from(document.querySelector('select[name=owner]').options, (option) => option.value).slice(1);
      const weather = String(owners.indexOf('Weather desk'));
      const read = (item) => {
        const [dataset, dimension, status, severity, owner, gate = '0'] = item.dataset.k.split(' ');
        return { dataset, dimension, status, severity, owner, gate, weather };
      };
      const items = Array.from(document.querySelectorAll('#list > li'));
      return [items.filter((item) => !item.hidden).map(read), items.map(read)];
    });
    const count = wanted.filter(fits).length;
    assert.ok(count > 0 && count < all, `${count} rules`);
    assert.ok(found.every(fits) && found.length === count);
    assert.equal(await live(page), `${count} of ${all} rules`);
    assert.equal(await hash(page), `#${field}=${encodeURIComponent(value)}`);
    // The address brings it back, and so does it in a new page.
    await page.reload();
    assert.equal(await live(page), `${count} of ${all} rules`);
    assert.equal(await page.locator(`select[name=${field}]`).inputValue(), value);
    await page.click('button[type=reset]');
    assert.equal(await live(page), `${all} of ${all} rules`);
  });
}

await test('filter by text, by several words, without a fit', flights.en, {}, async (page) => {
  await page.fill('input[name=q]', 'WIND bounds');
  assert.ok((await titles(page)).every((title) => /wind/.test(title)));
  assert.match(await hash(page), /^#q=WIND%20bounds$/);
  await page.fill('input[name=q]', 'broken sensor');
  assert.equal(await shownRules(page), 1, 'the text of how to fix');
  await page.fill('input[name=q]', 'no such words');
  assert.equal(await live(page), `0 of ${all} rules`);
  assert.ok(await page.locator('#none').isVisible());
  await page.fill('input[name=q]', '');
  assert.equal(await live(page), `${all} of ${all} rules`);
});

await test('sort by each order', flights.en, {}, async (page) => {
  const before = await titles(page);
  const numbers = (at) => page.locator('#list > li').evaluateAll((items, at) => items.map((item) => Number(item.dataset.k.split(' ')[at] ?? [0, 0, 10000][at - 5])), at);
  const isSorted = (values, sign) => values.every((value, at) => at === 0 || (value - values[at - 1]) * sign >= 0);
  for (const [order, at, sign] of [['dataset', 0, 1], ['failures', 6, -1], ['rate', 7, 1], ['severity', 3, -1]]) {
    await page.selectOption('select[name=sort]', order);
    assert.ok(isSorted(await numbers(at), sign), order);
    assert.equal(await hash(page), `#sort=${order}`);
  }
  await page.selectOption('select[name=sort]', 'name');
  const named = await titles(page);
  assert.deepEqual(named, [...named].sort(new Intl.Collator('en', { numeric: true }).compare));
  await page.selectOption('select[name=sort]', 'trouble');
  assert.deepEqual(await titles(page), before);
});

await test('several filters at once', flights.en, { hash: '#dataset=flights&severity=major&sort=rate' }, async (page) => {
  const items = await page.locator('#list > li:visible').evaluateAll((items) => items.map((item) => item.dataset.k.split(' ')));
  assert.ok(items.length > 1 && items.every(([dataset, , , severity]) => dataset === '1' && severity === '1'));
});

await test('Back and Forward follow the filter', flights.en, {}, async (page) => {
  await page.selectOption('select[name=status]', 'failed');
  await page.selectOption('select[name=dataset]', 'flights');
  assert.equal(await live(page), `2 of ${all} rules`);
  await page.goBack();
  assert.equal(await live(page), `7 of ${all} rules`);
  assert.equal(await page.locator('select[name=dataset]').inputValue(), '');
  await page.goBack();
  assert.equal(await live(page), `${all} of ${all} rules`);
  await page.goForward();
  assert.equal(await live(page), `7 of ${all} rules`);
  await page.locator('input[name=q]').pressSequentially('dest');
  assert.equal(await live(page), `1 of ${all} rules`);
  await page.goBack();
  assert.equal(await live(page), `7 of ${all} rules`, 'a text is one step');
});

const RULE = 'nyc08-dest-is-an-airport';
await test('a rule opens, and the address names it', flights.en, {}, async (page) => {
  await page.selectOption('select[name=status]', 'failed');
  const rule = page.locator('#list > li:visible', { hasText: 'dest: the key occurs' });
  await rule.locator('summary').click();
  assert.ok(await rule.getByText('7,602 failed').isVisible());
  assert.ok(await rule.getByText('Points', { exact: true }).isVisible());
  assert.equal(await hash(page), `#status=failed&rule=${RULE}`);
  await rule.locator('summary').click();
  assert.equal(await hash(page), '#status=failed');
});

await test('a link to a rule opens it and goes there', flights.en, { hash: `#rule=${RULE}` }, async (page) => {
  assert.ok(await page.getByText('7,602 failed').isVisible());
  assert.ok(await inSight(page, `[id="rule=${RULE}"]`));
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'SUMMARY');
});

await test('a link with a filter that the rule does not fit shows both', flights.en, { hash: `#status=passed&rule=${RULE}` }, async (page) => {
  assert.ok(await page.getByText('7,602 failed').isVisible());
  assert.equal(await live(page), `79 of ${all} rules`);
});

await test('an address that says nothing shows everything', flights.en, { hash: '#rule=none&sort=x&%E0%A4%A' }, async (page) => {
  assert.equal(await live(page), `${all} of ${all} rules`);
});

await test('an address that asks for what is not there finds nothing, and says so', flights.en, { hash: '#owner=Nobody' }, async (page) => {
  assert.equal(await live(page), `0 of ${all} rules`);
  assert.equal(await page.inputValue('[name=q]'), 'Nobody');
});

await test('links lead to datasets, calculations and rules', flights.en, {}, async (page) => {
  await page.click('.matrix a:text-is("planes")');
  assert.ok(await inSight(page, '[id="about=planes"]'));
  await page.goBack();
  await page.click('.first a >> nth=1');
  assert.match(await hash(page), /^#rule=/);
  await page.click(`[id="${(await hash(page)).slice(1)}"] a:text-is("calculation")`);
  assert.match(await hash(page), /^#points-\d+-\w+$/);
  assert.ok(await page.locator(`[id="${(await hash(page)).slice(1)}"] table`).isVisible());
  await page.click('.figures a:text-is("7 failed")');
  assert.equal(await live(page), `7 of ${all} rules`);
  assert.ok(await inSight(page, '#rules-heading'));
});

await test('everything is reached with the keyboard', flights.en, {}, async (page) => {
  await page.keyboard.press('Tab');
  assert.ok(await page.locator('.skip').evaluate((link) => link === document.activeElement && link.getBoundingClientRect().top >= 0));
  await page.keyboard.press('Enter');
  assert.ok(await inSight(page, '#rules-heading'));
  const seen = new Set();
  for (let at = 0; at < 10; at++) {
    await page.keyboard.press('Tab');
    seen.add(await page.evaluate(() => document.activeElement.name || document.activeElement.tagName));
  }
  for (const name of ['q', 'status', 'severity', 'dataset', 'dimension', 'owner', 'sort', 'BUTTON', 'SUMMARY']) assert.ok(seen.has(name), name);
  await page.keyboard.press('Enter');
  assert.ok(await page.evaluate(() => document.activeElement.parentElement.open));
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, 'none');
});

await test('on paper everything is open, and A4', flights.en, {}, async (page) => {
  const file = join(work, 'report.pdf');
  await page.pdf({ path: file, preferCSSPageSize: true });
  const pdf = readFileSync(file, 'latin1');
  const sizes = [...pdf.matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)].map(([, width, height]) => [Math.round(width), Math.round(height)]);
  assert.ok(sizes.length > 1 && sizes.every(([width, height]) => width === 595 && height === 842), JSON.stringify(sizes));
  const text = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
  if (text.error) {
    assert.ok(!process.env.CI, 'pdftotext of poppler-utils is missing');
    console.error('left out: pdftotext is missing, so nobody read what is on paper');
  } else {
    for (const words of ['7,602 failed', 'Treat the reading', 'fixtures/nycflights13/airlines.csv', 'Airlines']) {
      assert.ok(text.stdout.includes(words), `${words} is not on paper`);
    }
    assert.ok(!text.stdout.includes('Sort by'));
  }
  // After it, all is as it was.
  assert.equal(await page.locator('details[open]').count(), 0);
});

await test('Vietnamese', flights.vi, {}, async (page) => {
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'vi');
  assert.equal(await page.locator('h1 .word').textContent(), 'Không đạt');
  assert.equal(await live(page), `${all} trên ${all} quy tắc`);
  await page.selectOption('select[name=status]', 'failed');
  assert.equal(await live(page), `7 trên ${all} quy tắc`);
  assert.equal(await hash(page), '#status=failed', 'an address is the same in every language');
  await page.fill('input[name=q]', 'thong nhat');
  assert.equal(await shownRules(page), 2, 'letters without accents');
  assert.ok((await page.locator('[lang=en]').count()) > 10, 'sentences of the result are marked as English');
});

await test('without the script it is all there', flights.en, { javaScriptEnabled: false, hash: `#rule=${RULE}` }, async (page) => {
  assert.equal(await page.locator('#list > li').count(), all);
  assert.equal(await page.locator('#filter:visible').count(), 0, 'what needs the script is hidden');
  assert.ok(await page.getByText('7,602 failed').isVisible(), 'the browser opens the rule');
});

for (const language of ['en', 'vi']) {
  await test(`hostile texts are text (${language})`, attacked[language], {}, async (page) => {
    for (const summary of await page.locator('details:not(.calculation) > summary').all()) await summary.click();
    await page.mouse.move(300, 300);
    await page.waitForTimeout(200);
    const found = await page.evaluate(() => {
      const elements = Array.from(document.querySelectorAll('*'));
      return {
        names: elements.filter((element) => /^(img|iframe|object|embed|link|base|audio|video|form)$/i.test(element.tagName) && element.id !== 'filter').length,
        scripts: document.scripts.length,
        handlers: elements.filter((element) => element.getAttributeNames().some((name) => name.startsWith('on'))).length,
        links: Array.from(document.links).filter((link) => !link.getAttribute('href').startsWith('#')).length,
        hidden: /[\u202a-\u202e\u200b]/.test(document.body.textContent),
      };
    });
    assert.deepEqual(found, { names: 0, scripts: 1, handlers: 0, links: 0, hidden: false });
    assert.ok((await page.locator('body').textContent()).includes('<script>pwned("script")</script>'));
    assert.ok((await page.locator('select[name=owner] option').allTextContents()).some((text) => text.includes('<img')));
    await page.selectOption('select[name=owner]', { index: 1 });
    assert.ok((await shownRules(page)) > 0);
  });
}

await test('3,000 rules over 50 datasets', many.en, {}, async (page) => {
  assert.equal(await live(page), '3,000 of 3,000 rules');
  await page.selectOption('select[name=dataset]', 'register_07');
  assert.equal(await live(page), '60 of 3,000 rules');
  await page.selectOption('select[name=sort]', 'name');
  assert.equal(await shownRules(page), 60);
});

/** Whether a person with any screen, and with none, can read it. */
async function accessible(page) {
  const found = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ['violations'] })`);
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)} (${nodes.length}) ${nodes[0].failureSummary ?? ''}`);
}

for (const [name, file] of [['flights', flights.en], ['flights-vi', flights.vi], ['hostile', attacked.en], ['large', many.en]]) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1280, 400]) {
      await test(`${name}, ${colorScheme}, ${width} px`, file, { colorScheme, width }, async (page) => {
        if (name !== 'large') {
          await page.evaluate(() => document.querySelectorAll('details.dataset, details.calculation').forEach((details) => (details.open = true)));
          await page.evaluate(() => document.querySelectorAll('#list details').forEach((details, at) => (details.open = at < 20)));
        }
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `the page is ${wide} px wide`);
        // The large one has nothing that the others do not have.
        if (name !== 'large') assert.deepEqual(await accessible(page), []);
        if (pictures) await page.screenshot({ path: join(pictures, `${name}-${colorScheme}-${width}.png`) });
      });
    }
  }
}

if (pictures) {
  await test('a picture of paper', flights.en, {}, async (page) => {
    await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 700, height: 990 });
    await page.screenshot({ path: join(pictures, 'print.png'), fullPage: true });
  });
}

const version = browser.version();
await browser.close();
rmSync(work, { recursive: true, force: true });
for (const failure of failures) console.log(`FAILED: ${failure}`);
console.log(`HTML report in Chromium ${version}: ${passed} as they must be, ${failures.length} not`);
process.exitCode = failures.length ? 1 : 0;
