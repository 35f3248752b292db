// A browser without a network, and pages that report whatever goes wrong in them.

import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const SWITCHES = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
];

/** The packages that npm installed into a folder. */
export function packages(folder) {
  const require = createRequire(join(resolve(folder), 'package.json'));
  const { chromium } = require('playwright-core');
  return { chromium, axe: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8') };
}

/** Starts the browser, each time with a new folder for its data. */
export function start(chromium) {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', headless: true, args: SWITCHES });
}

export const address = (file, hash = '') => pathToFileURL(file).href + hash;

/** Opens a page and notes its messages, requests, dialogs and what its policy stops. */
export async function open(browser, file, { hash = '', width = 1280, height = 900, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, ...options });
  const page = await context.newPage();
  const wrong = [];
  page.on('console', (message) => wrong.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => wrong.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => (wrong.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on('request', (request) => request.url().split('#')[0] === address(file) || wrong.push(`request: ${request.url()}`));
  await page.addInitScript(() => {
    window.violations = [];
    window.pwned = (what) => window.violations.push(`markup ran: ${what}`);
    document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`policy: ${event.violatedDirective}`));
  });
  await page.goto(address(file, hash));
  /** What went wrong so far. */
  const faults = async () => [...wrong, ...(options.javaScriptEnabled === false ? [] : await page.evaluate(() => window.violations))];
  return { page, context, faults };
}
