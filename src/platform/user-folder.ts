import type { Host } from '../core/host.ts';

/**
 * The folder of a person's configuration files: `$XDG_CONFIG_HOME`, `~/.config` or `%APPDATA%`. Nothing where there is no such place on
 * this machine.
 */
export function userFolder({
  env,
  home,
  platform,
  path,
}: Pick<Host, 'env' | 'home' | 'platform' | 'path'>): string | undefined {
  if (platform === 'win32') return env('APPDATA') ?? (home && path.join(home, 'AppData', 'Roaming'));
  const named = env('XDG_CONFIG_HOME');
  // The XDG specification: a relative path is to be ignored.
  return named && path.isAbsolute(named) ? named : home && path.join(home, '.config');
}
