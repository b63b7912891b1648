// The whole way of git-specstory, from nothing, in a scratch folder that is removed afterwards: sample conversations are planted where
// the agents keep theirs, code is committed through the installed hooks, and two clones exchange their history through a server.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { alone } from './alone.mjs';
import { expect, openStage } from './stage.mjs';
import { together } from './together.mjs';

const stage = openStage();
try {
  const ann = stage.person('ann');
  const code = join(stage.scratch, 'code.git');
  await alone(ann, code);
  await together(stage, ann, code);
  ann.specstory('uninit', '--yes');
  expect(!existsSync(join(ann.repository, '.git/hooks/pre-commit')), 'uninit took the hooks away');
} finally {
  await stage.close();
}
