import { SpecstoryError } from '../core/errors.ts';
import type { Output } from './output.ts';

/** Asks yes or no on a terminal; without one it says how to go on. The library is loaded only here, for people. */
export async function confirm(output: Output, question: string): Promise<boolean> {
  if (!output.isTerminal || !process.stdin.isTTY) {
    throw new SpecstoryError('usage', 'there is no terminal to ask on', { hint: 'say --yes if you mean it' });
  }
  const prompts = await import('@clack/prompts');
  return (await prompts.confirm({ message: question })) === true;
}
