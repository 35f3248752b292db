// How fast a large HTML report is in a browser: 3,000 rules over 50 datasets. It measures and asserts nothing.
//
//   npm install --prefix FOLDER playwright-core@VERSION axe-core@VERSION
//   node benches/html_report/run.mjs FOLDER PROGRAM

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { address, packages, start } from '../../tests/html_report/browser.mjs';
import { large } from '../../tests/html_report/suites.mjs';

const TIMES = 5;
const [folder, program] = process.argv.slice(2);
if (!folder || !program) {
  console.error('usage: node run.mjs FOLDER PROGRAM; FOLDER is where npm installed playwright-core and axe-core');
  process.exit(2);
}
const { chromium } = packages(folder);
const work = mkdtempSync(join(tmpdir(), 'html-report-'));
const file = join(work, 'large.html');
const done = spawnSync(resolve(program), ['audit', large(work), '--quiet', '--format', `html=${file}`], { encoding: 'utf8' });
if (done.status > 1 || done.error) throw done.error ?? new Error(done.stderr);

const browser = await start(chromium);
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const report = (what, milliseconds) => console.log(`${what.padEnd(44)} ${milliseconds.toFixed(0).padStart(6)} ms`);

const firsts = [];
const loads = [];
for (let time = 0; time < TIMES; time++) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(address(file));
  const [first, load] = await page.evaluate(
    () =>
      new Promise((done) => {
        const read = () => {
          const paint = performance.getEntriesByName('first-contentful-paint')[0];
          if (!paint) return setTimeout(read, 20);
          done([paint.startTime, performance.getEntriesByType('navigation')[0].loadEventEnd]);
        };
        read();
      }),
  );
  firsts.push(first);
  loads.push(load);
  await page.close();
}
console.log(`${(statSync(file).size / 1e6).toFixed(2)} MB`);
report('first view', median(firsts));
report('all there, rules sorted and filtered', median(loads));

const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
await page.goto(address(file));
/** From the event to the frame that shows what it changes. */
const change = (name, value) =>
  page.evaluate(
    ([name, value]) =>
      new Promise((done) => {
        const field = document.querySelector(`[name=${name}]`);
        const start = performance.now();
        field.value = value;
        field.dispatchEvent(new Event(name === 'q' ? 'input' : 'change', { bubbles: true }));
        const wait = new MessageChannel();
        wait.port1.onmessage = () => done(performance.now() - start);
        // The address changes first, then the list, then the frame is drawn.
        setTimeout(() => requestAnimationFrame(() => wait.port2.postMessage(null)));
      }),
    [name, value],
  );
for (const [what, name, value, back] of [
  ['filter by status', 'status', 'failed', ''],
  ['filter by dataset', 'dataset', 'register_07', ''],
  ['filter by text', 'q', 'office 7', ''],
  ['sort by failures', 'sort', 'failures', 'trouble'],
  ['sort by title', 'sort', 'name', 'trouble'],
]) {
  const times = [];
  for (let time = 0; time < TIMES; time++) {
    times.push(await change(name, value));
    await change(name, back);
  }
  report(`${what}, first time`, times[0]);
  report(what, median(times));
}
await browser.close();
rmSync(work, { recursive: true, force: true });
