import type { Limits } from '../../git/limits.ts';

/** What one push may be and cost. */
export interface PushLimits {
  /** Bytes of the pack as it is sent. */
  readonly packBytes: number;
  /** Objects in a pack. */
  readonly objects: number;
  /** Bytes of one file, unpacked. */
  readonly blobBytes: number;
  /** Bytes of everything in a pack, unpacked. */
  readonly unpackedBytes: number;
  /** Changed files over all commits of a push, and names that are looked at to find them. */
  readonly changes: number;
  readonly names: number;
  /** What one git may use. */
  readonly git: Limits;
  /** Milliseconds that git may work on a pack after its last byte. */
  readonly patience: number;
}

export const pushLimits: PushLimits = {
  packBytes: 2 * 2 ** 30,
  objects: 1_000_000,
  blobBytes: 64 << 20,
  unpackedBytes: 16 * 2 ** 30,
  changes: 5_000_000,
  names: 100_000_000,
  git: { memory: 2 ** 30, cpu: 600 },
  patience: 600_000,
};

/** Refs of one push, and bytes of the packets that name them. */
export const mostCommands = 2000;
export const commandBytes = 1 << 20;
