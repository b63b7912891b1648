import type { CommandMaker } from '../command.ts';
import { captureCommand } from './capture.ts';
import { cloudCommand } from './cloud.ts';
import { configCommand } from './config.ts';
import { convertCommand } from './convert.ts';
import { doctorCommand } from './doctor.ts';
import { exportCommand } from './export.ts';
import { ignoreCommand } from './ignore.ts';
import { importCommand } from './import.ts';
import { initCommand } from './init.ts';
import { listCommand } from './list.ts';
import { redactCommand } from './redact.ts';
import { runCommand } from './run.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';
import { statusCommand } from './status.ts';
import { uninitCommand } from './uninit.ts';
import { watchCommand } from './watch.ts';

/** Every command, in the order of the help text. */
export const commands: readonly CommandMaker[] = [
  initCommand,
  uninitCommand,
  captureCommand,
  listCommand,
  showCommand,
  watchCommand,
  runCommand,
  convertCommand,
  importCommand,
  exportCommand,
  redactCommand,
  ignoreCommand,
  statusCommand,
  doctorCommand,
  configCommand,
  serveCommand,
  cloudCommand,
];
