import { captureInBackground } from '../client/capture/background.ts';

// Started by the hooks of git and of agents in the working tree they fired in. Says nothing; the exit code is always 0.
void captureInBackground(process.cwd(), process.env).finally(() => process.exit(0));
