// An agent and its hook in one working tree, as a program of its own: `worktree-driver <working tree> <home> <name> <sessions>`. After each
// session it captures.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { capture } from '../../src/client/capture/capture.ts';
import { openInitialised } from '../../src/client/context.ts';

async function main([tree = '', home = '', name = '', sessions = '1']: readonly string[]): Promise<void> {
  const env = { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1' };
  const folder = path.join(home, '.claude', 'projects', tree.replace(/[^A-Za-z0-9]/g, '-'));
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < Number(sessions); number++) {
    const session = `${name}-${number}`;
    const fields = { cwd: tree, sessionId: session, uuid: `${session}-u`, timestamp: '2026-01-02T03:04:05.678Z' };
    const record = { parentUuid: null, isSidechain: false, version: '2.1.231', type: 'user', ...fields };
    const message = { role: 'user', content: `Do ${session}` };
    writeFileSync(path.join(folder, `${session}.jsonl`), `${JSON.stringify({ ...record, message })}\n`);
    const { failed } = await capture(await openInitialised({ cwd: tree, env }));
    // What another one wrote half may be seen; it is read again when it is whole.
    for (const { reason } of failed) process.stdout.write(`${reason}\n`);
  }
  process.stdout.write('done\n');
}

main(process.argv.slice(2)).catch((thrown: unknown) => process.stdout.write(`${thrown}\n`));
