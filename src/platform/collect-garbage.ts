import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Has the engine give back at once what is not needed any more. It would wait until a transcript line of 50 MB lies in
 * memory six times: as bytes, as text, as value, and as what each was made of.
 */
export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
  }
  collect?.();
}
