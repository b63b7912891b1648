import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { temporaryFolder } from '../git/repositories.ts';

/** Bundles a program into one file that every Node can run; gives its path. */
export async function bundle(program: URL): Promise<string> {
  const input = fileURLToPath(program);
  // As rolldown.config.ts has it: jsonc-parser's main file finds its parts only at run time.
  const resolve = { mainFields: ['module', 'main'] };
  const build = await rolldown({ input, platform: 'node', logLevel: 'silent', resolve });
  const file = path.join(temporaryFolder(), `${path.parse(input).name}.cjs`);
  await build.write({ file, format: 'cjs', codeSplitting: false });
  await build.close();
  return file;
}
