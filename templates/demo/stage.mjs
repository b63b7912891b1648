// The scratch folder that the demo plays in: people with a home and a repository each, and a server. All of it goes when the demo ends.
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const dist = resolve(here, '../../dist');

// Assembled here, so that no file of ours holds anything that looks like a token.
export const secret = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0', 'K1l2M3n4O5p6Q7r8'].join('');

export const say = (text) => console.log(styleText('dim', `\n# ${text}`));

export function expect(condition, what) {
  if (!condition) throw new Error(`demo: ${what}`);
  console.log(styleText('green', `✓ ${what}`));
}

export function openStage() {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'specstory-demo-')));
  const bin = join(scratch, 'bin');
  mkdirSync(bin);
  symlinkSync(join(dist, 'specstory.cjs'), join(bin, 'specstory'));
  symlinkSync(join(dist, 'remote.cjs'), join(bin, 'git-remote-specstory'));
  const env = {
    PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
    GIT_CONFIG_NOSYSTEM: '1',
    ...(process.env.TERM ? { TERM: process.env.TERM } : {}),
    GIT_PAGER: 'cat',
  };
  const servers = [];
  return {
    scratch,
    person: (name) => person(name, { scratch, env }),
    serve: async () => {
      const server = await serve({ scratch, env });
      servers.push(server);
      return server;
    },
    close: async () => {
      for (const server of servers) await server.end('SIGKILL');
      rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Somebody with a home of their own, who works in `<scratch>/<name>/greeting`. */
function person(name, { scratch, env }) {
  const home = join(scratch, name, 'home');
  const repository = join(scratch, name, 'greeting');
  for (const folder of [home, repository]) mkdirSync(folder, { recursive: true });
  const run = (command, args, { quiet = false, input, show = args } = {}) => {
    const prompt = `${styleText('cyan', name)} $ ${[command, ...show].map((word) => (/\s/.test(word) ? `'${word}'` : word)).join(' ')}`;
    if (!quiet) console.log(`\n${styleText('bold', prompt)}`);
    const output = execFileSync(command, args, {
      cwd: repository,
      env: { ...env, HOME: home },
      encoding: 'utf8',
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', quiet ? 'ignore' : 'inherit'],
      ...(input === undefined ? {} : { input }),
    });
    if (!quiet) process.stdout.write(output);
    return output;
  };
  const log = () => run('git', ['log', '--format=%B', '--all', '--glob=refs/specstory/*'], { quiet: true });
  return {
    name,
    repository,
    run,
    git: (...args) => run('git', args),
    specstory: (...args) => run('specstory', args),
    /** Appends a sample conversation where the agent keeps them. */
    plant: (sample) => {
      const file = join(home, placeOf(sample, repository));
      const text = readFileSync(join(here, 'transcripts', sample), 'utf8');
      mkdirSync(dirname(file), { recursive: true });
      const cwd = JSON.stringify(repository).slice(1, -1);
      appendFileSync(file, text.replaceAll('{{cwd}}', cwd).replaceAll('{{token}}', secret));
    },
    /** The hooks capture in the background: waits until the history says what was asked for. */
    until: async (text) => {
      for (let tries = 0; tries < 200; tries++) {
        if (log().includes(text)) return;
        await sleep(50);
      }
      throw new Error(`the hooks did not capture within 10 seconds: ${text}`);
    },
  };
}

function placeOf(sample, repository) {
  const project = repository.replace(/[^A-Za-z0-9]/g, '-');
  if (sample.startsWith('claude')) return `.claude/projects/${project}/7d1f4a52-3c86-4f0b-9a7e-5b2c8d9e0f11.jsonl`;
  return '.codex/sessions/2026/11/20/rollout-2026-11-20T09-10-00-019a9c11-5e2d-7b30-8f44-1c2d3e4f5a6b.jsonl';
}

/** A server on a free port of this machine. */
async function serve({ scratch, env }) {
  const data = join(scratch, 'server');
  const args = ['serve', '--data', data, '--listen', '127.0.0.1:0'];
  console.log(styleText('bold', `\n$ specstory ${args.join(' ')} &`));
  const child = spawn(join(scratch, 'bin', 'specstory'), args, {
    env: { ...env, HOME: scratch },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((done) => child.once('close', done));
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
    process.stdout.write(chunk);
  });
  for (let tries = 0; tries < 200 && !/setup\?key/.test(said) && child.exitCode === null; tries++) await sleep(50);
  const url = /^listening on (\S+)\/$/m.exec(said)?.[1];
  if (url === undefined) throw new Error('the server did not start');
  const end = (signal = 'SIGTERM') => {
    child.kill(signal);
    return ended;
  };
  return { url, data, end };
}
