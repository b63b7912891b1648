import { setFlagsFromString } from 'node:v8';

/**
 * Has the engine look for garbage when the heap has grown by half. On a machine with much memory it would wait until the heap is
 * several times what is in use; a process that runs for months beside others is to be small instead.
 */
export function keepHeapLean(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
