import type { AccountStore, Time } from '../store/account-store.ts';
import type { PasswordCost } from './password.ts';

/** What the rules of accounts work on. */
export interface Registry {
  readonly store: AccountStore;
  /** How much work a new password is. */
  readonly cost: PasswordCost;
  now(): Time;
}

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
