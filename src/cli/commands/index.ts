import type { CommandMaker } from '../command.ts';
import { authCommand } from './auth.ts';
import { captureCommand } from './capture.ts';
import { cloudCommand } from './cloud.ts';
import { configCommand } from './config.ts';
import { convertCommand } from './convert.ts';
import { deleteCommand } from './delete.ts';
import { doctorCommand } from './doctor.ts';
import { exportCommand } from './export.ts';
import { hideCommand } from './hide.ts';
import { ignoreCommand } from './ignore.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { listCommand } from './list.ts';
import { loginCommand } from './login.ts';
import { logoutCommand } from './logout.ts';
import { mcpCommand } from './mcp.ts';
import { purgeCommand } from './purge.ts';
import { redactCommand } from './redact.ts';
import { remoteCommand } from './remote.ts';
import { runCommand } from './run.ts';
import { searchCommand } from './search.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';
import { statusCommand } from './status.ts';
import { syncCommand } from './sync.ts';
import { tagCommand } from './tag.ts';
import { titleCommand } from './title.ts';
import { unhideCommand } from './unhide.ts';
import { uninitCommand } from './uninit.ts';
import { watchCommand } from './watch.ts';

/** Every command, in the order of the help text. */
export const commands: readonly CommandMaker[] = [
  initCommand,
  uninitCommand,
  captureCommand,
  listCommand,
  showCommand,
  searchCommand,
  watchCommand,
  runCommand,
  convertCommand,
  importCommand,
  exportCommand,
  redactCommand,
  titleCommand,
  tagCommand,
  hideCommand,
  unhideCommand,
  deleteCommand,
  purgeCommand,
  ignoreCommand,
  remoteCommand,
  syncCommand,
  loginCommand,
  logoutCommand,
  authCommand,
  statusCommand,
  doctorCommand,
  configCommand,
  mcpCommand,
  serveCommand,
  cloudCommand,
];
