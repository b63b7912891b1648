// Takes the lock at a folder, says so, and holds it for a time: `locker <folder> <milliseconds>`.
import { setTimeout as pause } from 'node:timers/promises';
import { withLock } from '../../src/platform/lock.ts';

const [folder = '', held = '0'] = process.argv.slice(2);

withLock(folder, { wait: 60_000, purpose: 'test' }, async ({ recovered }) => {
  process.stdout.write(recovered ? 'recovered\n' : 'taken\n');
  await pause(Number(held));
}).then(() => process.stdout.write('let go\n'));
