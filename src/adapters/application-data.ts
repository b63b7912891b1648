import type { Host } from '../core/host.ts';

/** Where programs with windows keep their data on this platform. */
export function applicationData(host: Host): string | undefined {
  const { home, platform, path } = host;
  const below = (...parts: string[]) => (home === undefined ? undefined : path.join(home, ...parts));
  return {
    darwin: below('Library', 'Application Support'),
    linux: host.env('XDG_CONFIG_HOME') ?? below('.config'),
    win32: host.env('APPDATA') ?? below('AppData', 'Roaming'),
  }[platform];
}
