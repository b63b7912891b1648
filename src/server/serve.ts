import pino from 'pino';
import { reason } from '../core/errors.ts';
import { keepHeapLean } from '../platform/lean-heap.ts';
import { accountAccess } from './accounts/access.ts';
import { passwordCost } from './accounts/password.ts';
import { allowances, rateLimiter } from './accounts/rate-limit.ts';
import { hour, type Registry } from './accounts/registry.ts';
import { offerSetUp } from './accounts/set-up.ts';
import { serverApp } from './app.ts';
import { asOnlyServer, openDataFolder } from './data-folder.ts';
import { type GitSide, openGitSide } from './git-side.ts';
import { listen } from './listen.ts';
import { trustedProxies } from './middleware/client-address.ts';
import { openMetrics } from './middleware/metrics.ts';
import { pushLimits } from './receive/limits.ts';
import type { Log, Services, Site } from './services.ts';
import type { LoadedSettings } from './settings/load.ts';
import { type ServerSettings, settingNames, shownSetting } from './settings/settings.ts';
import { openSpecstorySide } from './specstory/side.ts';
import { openStores, type Stores } from './store/open.ts';

interface ServeOptions {
  readonly version: string;
  /** A line for the person who starts the server. */
  say(line: string): void;
  /** Resolves when the server is to end. */
  readonly stop: Promise<void>;
}

/**
 * Runs the server until it is told to stop; then requests that go on may end, and the databases are closed. Throws `conflict` when another
 * server has the data directory, `unsupported` for data of a newer version.
 */
export async function serve(loaded: LoadedSettings, options: ServeOptions): Promise<void> {
  keepHeapLean();
  await openDataFolder(loaded.data, { create: true });
  await asOnlyServer(loaded.data, () => run(loaded, options));
}

async function run(loaded: LoadedSettings, options: ServeOptions): Promise<void> {
  const log = openLog(loaded.settings.log_level);
  const stores = await openStores({ data: loaded.data, url: loaded.settings.database_url });
  try {
    await answer(stores, loaded, { ...options, log });
  } finally {
    await stores.close();
  }
  log.info({}, 'ended');
}

async function answer(
  stores: Stores,
  loaded: LoadedSettings,
  { version, say, stop, log }: ServeOptions & { readonly log: Log },
): Promise<void> {
  const { settings } = loaded;
  const registry: Registry = { store: stores.accounts, cost: passwordCost, now: Date.now };
  const state = { isDraining: false };
  const isReady = async () => !state.isDraining && (await isAlive(registry));
  const side = openGit({ stores, settings, registry, log });
  const sent = openSpecstorySide(side, {
    received: stores.received,
    data: loaded.data,
    sessionBytes: settings.session_bytes,
  });
  const catchUp = async (): Promise<void> => {
    await side.catchUp();
    await sent.catchUp();
  };
  void side
    .recover()
    .then(sent.catchUp)
    .catch((thrown) => log.error({ error: reason(thrown) }, 'not mended'));
  const { routes: git, index } = side;
  const services = compose(settings, {
    version,
    registry,
    log,
    isReady,
    git,
    index,
    ...sent,
    search: stores.index.search,
  });
  const listener = await listen(serverApp(services, settings.base_path), settings.listen);
  log.info({ version, settings: shown(loaded) }, 'listening');
  const here = `${listener.url}${settings.base_path}`;
  say(`listening on ${here}/`);
  const key = await offerSetUp(registry);
  if (key !== undefined) say(`make the first account at ${settings.public_url ?? here}/setup?key=${key}`);
  const housekeeping = setInterval(() => void tidy(registry, catchUp, log), hour);
  await stop;
  state.isDraining = true;
  clearInterval(housekeeping);
  log.info({}, 'draining');
  await listener.drain(settings.drain_seconds * 1000);
}

function openGit(parts: { stores: Stores; settings: ServerSettings; registry: Registry; log: Log }): GitSide {
  const { stores, settings, registry, log } = parts;
  return openGitSide({
    repositories: stores.repositories,
    access: accountAccess(registry),
    store: stores.index,
    limits: { ...pushLimits, packBytes: settings.push_bytes, blobBytes: settings.blob_bytes },
    onProblem: (thrown) => log.error({ error: reason(thrown) }, 'a request failed'),
  });
}

/** Parts that the settings say nothing about; those from `git` on where there are repositories. */
type Parts = Pick<
  Services,
  'version' | 'registry' | 'log' | 'isReady' | 'git' | 'index' | 'history' | 'specstory' | 'resumeSearch' | 'search'
>;

function compose(settings: ServerSettings, parts: Parts): Services {
  return {
    ...parts,
    site: siteOf(settings),
    access: accountAccess(parts.registry),
    limiter: rateLimiter(allowances, Date.now),
    trusted: trustedProxies(settings.trusted_proxies),
    metrics: openMetrics(),
    limits: {
      pushBytes: settings.push_bytes,
      blobBytes: settings.blob_bytes,
    },
  };
}

/** A proxy may serve it below another path than the server sees. */
function siteOf({ public_url, base_path }: ServerSettings): Site {
  if (public_url === undefined) return { origin: undefined, base: base_path };
  const { origin, pathname } = new URL(public_url);
  return { origin, base: pathname.replace(/\/$/, '') };
}

function openLog(level: ServerSettings['log_level']): Log {
  // Standard output is for the person who starts the server.
  const destination = pino.destination({ dest: 2, sync: true });
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

function shown({ settings }: LoadedSettings): object {
  return Object.fromEntries(settingNames.map((name) => [name, shownSetting(name, settings[name])]));
}

async function isAlive({ store }: Registry): Promise<boolean> {
  try {
    await store.fact('alive');
    return true;
  } catch {
    return false;
  }
}

/** Takes away what has long expired, and takes in what a server that went away left. A failure is no reason to stop: the next hour tries again. */
async function tidy({ store, now }: Registry, catchUp: () => Promise<void>, log: Log): Promise<void> {
  try {
    const tokens = await store.tokens.sweep(now() - hour);
    await store.logins.sweep(now() - hour);
    log.info({ tokens }, 'took away what had expired');
    await catchUp();
  } catch (err) {
    log.error({ err }, 'could not keep house');
  }
}
