import { captureInBackground } from '../client/capture/background.ts';
import { syncInBackground } from '../client/sync/background.ts';

// Started by the hooks of git and of agents in the working tree they fired in. Says nothing; the exit code is always 0.
const hook = process.argv[3];
const work = hook === 'pre-push' ? syncInBackground : captureInBackground;
void work(process.cwd(), process.env).finally(() => process.exit(0));
