// What an editor shows in suites: asks yaml-language-server over LSP, with the published schema.
//
//   npm install --prefix FOLDER yaml-language-server@VERSION
//   node tests/language_server/run.mjs FOLDER [SCHEMA]

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { RIGHT, WRONG } from './cases.mjs';

const SECONDS = 60;
const root = fileURLToPath(new URL('../..', import.meta.url));
const [folder, schemaFile = join(root, 'schema/suite.schema.json')] = process.argv.slice(2);
const packaged = folder && resolve(folder, 'node_modules/yaml-language-server');
if (!packaged || !existsSync(packaged)) {
  console.error('usage: node run.mjs FOLDER [SCHEMA]; FOLDER is where npm installed yaml-language-server');
  process.exit(2);
}

/** A language server on standard input and output. */
class Server {
  constructor(script, settings) {
    this.settings = settings;
    this.waiting = new Map();
    this.diagnostics = new Map();
    this.published = () => {};
    this.received = Buffer.alloc(0);
    this.process = spawn(process.execPath, [script, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.process.stdout.on('data', (bytes) => this.read(bytes));
    this.process.stdin.on('error', () => {});
    this.ended = new Promise((done) => this.process.once('exit', done));
    this.process.once('exit', (code) => this.stopping || fail(`the server ended by itself, with ${code}`));
  }

  send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
    this.process.stdin.write(Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]));
  }

  notify(method, params) {
    this.send({ method, params });
  }

  request(method, params) {
    const id = this.waiting.size + 1;
    return new Promise((done) => {
      this.waiting.set(id, done);
      this.send({ id, method, params });
    });
  }

  read(bytes) {
    this.received = Buffer.concat([this.received, bytes]);
    for (;;) {
      const end = this.received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: *(\d+)/i.exec(this.received.toString('latin1', 0, end))[1]);
      const next = end + 4 + length;
      if (this.received.length < next) return;
      const message = JSON.parse(this.received.toString('utf8', end + 4, next));
      this.received = this.received.subarray(next);
      this.take(message);
    }
  }

  take({ id, method, params, result, error }) {
    if (method === 'textDocument/publishDiagnostics') {
      this.diagnostics.set(params.uri, params.diagnostics);
      this.published();
    } else if (method && id !== undefined) {
      const answer = (item) => (item.section === 'yaml' ? this.settings : null);
      this.send({ id, result: method === 'workspace/configuration' ? params.items.map(answer) : null });
    } else if (!method) {
      if (error) fail(`the server refused a request: ${error.message}`);
      this.waiting.get(id)(result);
    }
  }

  open(uri, text) {
    this.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
  }

  /** Waits until diagnostics came for all of these, which an empty list is, too. */
  async all(uris) {
    while (!uris.every((uri) => this.diagnostics.has(uri))) {
      await new Promise((done) => (this.published = done));
    }
  }

  async stop() {
    this.stopping = true;
    await this.request('shutdown');
    this.notify('exit');
    await this.ended;
  }
}

function fail(message) {
  console.error(message);
  server.stopping = true;
  server.process.kill('SIGKILL');
  process.exit(1);
}

const schema = pathToFileURL(resolve(schemaFile)).href;
const settings = { validate: true, schemas: { [schema]: '*.yaml' }, schemaStore: { enable: false } };
const version = createRequire(import.meta.url)(join(packaged, 'package.json')).version;
const server = new Server(join(packaged, 'bin/yaml-language-server'), settings);
setTimeout(() => fail(`no answer within ${SECONDS} seconds`), SECONDS * 1000).unref();

const address = (name) => pathToFileURL(join(root, name)).href;
const shipped = readdirSync(join(root, 'rules'), { recursive: true })
  .filter((name) => name.endsWith('.yaml'))
  .sort()
  .map((name) => [`rules/${name}`, readFileSync(join(root, 'rules', name), 'utf8')]);
const right = [...shipped, ...Object.entries(RIGHT)].map(([name, known], at) => ({
  name,
  ...(typeof known === 'string' ? { text: known } : known),
  shown: [],
  uri: address(at < shipped.length ? name : `right-${at}.yaml`),
}));
const wrong = Object.entries(WRONG).map(([name, known], at) => ({ name, ...known, uri: address(`wrong-${at}.yaml`) }));

await server.request('initialize', {
  processId: process.pid,
  rootUri: null,
  capabilities: { workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } } },
});
server.notify('initialized', {});
server.notify('workspace/didChangeConfiguration', { settings: { yaml: settings } });

// Without the schema nothing is wrong with any suite. So first one that is wrong, until the schema is there.
const probe = address('probe.yaml');
server.open(probe, 'suit: s\n');
while (!server.diagnostics.get(probe)?.length) await new Promise((done) => (server.published = done));

for (const { uri, text } of [...right, ...wrong]) server.open(uri, text);
await server.all([...right, ...wrong].map(({ uri }) => uri));

const line = ({ range }) => range.start.line + 1;
const written = (found) => found.map((one) => `    line ${line(one)}: ${one.message}`).join('\n') || '    nothing';

/** Whether the editor shows exactly what it must, and offers the right key. */
async function leadsRight({ uri, shown }, found) {
  if (found.length !== shown.length) return false;
  for (const wanted of shown) {
    const one = found.find((one) => line(one) === wanted.line && wanted.says.every((words) => one.message.includes(words)));
    if (!one) return false;
    if (wanted.offers) {
      const offered = await server.request('textDocument/codeAction', {
        textDocument: { uri },
        range: one.range,
        context: { diagnostics: [one] },
      });
      if (!offered?.some(({ title }) => title === wanted.offers)) return false;
    }
  }
  return true;
}

let passed = 0;
const failures = [];
const faults = [];
for (const suite of [...right, ...wrong]) {
  const { name, uri, shown, fault } = suite;
  const found = server.diagnostics.get(uri);
  const leads = await leadsRight(suite, found);
  const wanted = shown.map((one) => `    line ${one.line}: ${one.says.join(' … ')}${one.offers ? `, offers ${one.offers}` : ''}`);
  if (leads && !fault) passed += 1;
  else if (leads) failures.push(`${name}: leads right now; delete its \`fault\` in cases.mjs`);
  else if (fault) faults.push(`${name}: ${fault}\n${written(found)}`);
  else failures.push(`${name}: the editor shows\n${written(found)}\n  instead of\n${wanted.join('\n') || '    nothing'}`);
}
await server.stop();

console.log(`yaml-language-server ${version}: ${right.length} right suites (${shipped.length} shipped), ${wrong.length} wrong ones`);
for (const fault of faults) console.log(`known fault: ${fault}`);
for (const failure of failures) console.log(`FAILED: ${failure}`);
console.log(`${passed} as they must be, ${failures.length} not, ${faults.length} known faults`);
process.exitCode = failures.length ? 1 : 0;
