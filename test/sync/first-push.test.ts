import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';
import { must, specstory, syncWorld } from './world.ts';

it('says before that a project will be made, whose it is, and how to join the team’s', async () => {
  const world = await syncWorld({ remote: false });
  const added = await must(world.run('remote', 'add', world.server.url, '--project', 'app'));
  expect(added.out).toMatch(/project app: .*for you alone.*owner add you/);
  world.plantSessions('s1');
  expect((await must(world.run('sync'))).err).toMatch(/specstory: .*for you alone.*owner add you/);
  world.plantSessions('s2');
  expect((await must(world.run('sync'))).err).not.toContain('for you alone');
});

/** Runs the program in a pseudo-terminal of its own, and types an answer once it asks. */
const terminal = `
import fcntl, os, pty, select, struct, sys, termios
answer, args = sys.argv[1], sys.argv[2:]
child, line = pty.fork()
if child == 0: os.execvp(args[0], args)
fcntl.ioctl(line, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 300, 0, 0))
said, typed = b'', False
while True:
    if not select.select([line], [], [], 30)[0]: os.kill(child, 9)
    try: more = os.read(line, 4096)
    except OSError: break
    if not more: break
    said += more
    if not typed and b'there?' in said and b'No' in said:
        typed = True
        os.write(line, answer.encode() + b'\\r')
sys.stdout.buffer.write(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

function typed(world: Scratch, answer: string): { code: number; out: string } {
  const script = join(world.home, 'terminal.py');
  writeFileSync(script, terminal);
  const args = [script, answer, process.execPath, resolve('dist/specstory.cjs'), 'sync'];
  try {
    const env = { ...world.env, TERM: 'xterm' };
    return { code: 0, out: execFileSync('python3', args, { cwd: world.repository, env, encoding: 'utf8' }) };
  } catch (thrown) {
    const { status, stdout } = thrown as { status: number; stdout: string };
    return { code: status, out: stdout };
  }
}

const hasPython = (() => {
  try {
    execFileSync('python3', ['-c', 'import pty'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.runIf(hasPython)(
  'B68: the question before the first push to where nobody knows who can read, on a terminal',
  () => {
    it('sends nothing for a no, and everything for a yes, once', async () => {
      const world = scratch();
      const host = join(world.home, '..', 'host.git');
      execFileSync('git', ['init', '-q', '--bare', host]);
      world.git('commit', '-q', '--allow-empty', '-m', 'code');
      world.git('push', '-q', host, 'HEAD:refs/heads/main');
      const ssh = join(world.home, 'ssh');
      writeFileSync(ssh, '#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\neval "$1"\n', { mode: 0o755 });
      Object.assign(world.env, { GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: 'simple' });
      await must(specstory(world, ['init', '--yes', '--no-capture']));
      await must(specstory(world, ['remote', 'add', `history.example.org:${host}`, '--name', 'backup']));
      world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
      const refs = () => execFileSync('git', ['-C', host, 'for-each-ref', 'refs/specstory'], { encoding: 'utf8' });
      const no = typed(world, 'n');
      expect(no, no.out).toMatchObject({ code: 2 });
      expect(refs()).toBe('');
      const yes = typed(world, 'y');
      expect(yes, yes.out).toMatchObject({ code: 0 });
      expect(refs()).toContain('/history');
      const again = typed(world, 'n');
      expect(again).toMatchObject({ code: 0, out: expect.not.stringContaining('Send the conversations') });
    });
  },
);
