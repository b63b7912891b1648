import { expect, say } from './stage.mjs';

/** Two people, two clones, one server: each sees what the other one's agents were asked. */
export async function together({ serve, person }, ann, code) {
  say('A server: one process, one folder.');
  const server = await serve();
  const at = ['--data', server.data];
  const [annToken, bobToken] = ['ann', 'bob'].map((name) => {
    ann.specstory('cloud', 'user', 'add', name, '--no-password', ...at);
    const args = ['cloud', 'token', 'add', '--user', name, '--scope', 'capture:write', 'sessions:read', ...at];
    return ann.run('specstory', args, { quiet: true });
  });

  say('Ann signs in and names the server. Nothing left her machine before; now git push sends the history.');
  signIn(ann, server.url, annToken);
  ann.specstory('remote', 'add', server.url);
  ann.git('push', 'specstory');

  say('Bob joins: a member of the project, with a clone of his own and a conversation with Codex.');
  const project = ann.run('git', ['config', 'remote.specstory.url'], { quiet: true }).trim().split('/').at(-1);
  ann.specstory('cloud', 'member', 'add', `ann/${project}`, 'bob', ...at);
  const bob = person('bob');
  bob.git('clone', '-q', code, '.');
  bob.git('config', 'user.name', 'Bob');
  bob.git('config', 'user.email', 'bob@example.org');
  bob.plant('codex.jsonl');
  bob.specstory('init', '--yes');
  signIn(bob, server.url, bobToken);
  bob.specstory('remote', 'add', server.url);
  bob.git('fetch', 'specstory');
  bob.specstory('list');
  bob.specstory('sync');

  say('And Ann.');
  ann.specstory('sync');
  ann.specstory('list');
  ann.specstory('sync', 'status', '--check');
  for (const one of [ann, bob]) {
    const listed = JSON.parse(one.run('specstory', ['list', '--json'], { quiet: true }));
    const agents = listed.map(({ provider }) => provider).sort();
    expect(agents.join() === 'claude,codex', `${one.name} sees the sessions of both`);
  }
  expect((await server.end()) === 0, 'the server ended in order');
}

/** Programs and scripts give a token; people would run `specstory login` and agree in a browser. */
function signIn(who, url, token) {
  who.run('specstory', ['login', '--server', url, '--token', '-'], { input: token });
}
