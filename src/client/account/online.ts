import { nodeHost } from '../../platform/host.ts';
import { openCredentialStore } from '../../remote/credential-store.ts';
import { type Credentials, openCredentials } from '../../remote/credentials.ts';
import type { Http } from '../../remote/http.ts';
import { openHttp } from '../../remote/open-http.ts';
import { ServerApi } from './server-api.ts';

interface Place {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The ways to the outside. */
export interface Online {
  readonly http: Http;
  readonly credentials: Credentials;
  /** One server, asked as the person who is signed in there. */
  api(server: string): ServerApi;
}

/** Does `work` with connections by the settings of git and the credentials of the person; closes them in the end. Nothing is opened before it is needed. */
export async function online<T>({ cwd, env }: Place, work: (ways: Online) => Promise<T>): Promise<T> {
  const http = openHttp({ cwd, env });
  try {
    const credentials = openCredentials({ env, http });
    return await work({ http, credentials, api: (server) => new ServerApi(http, server, credentials) });
  } finally {
    await http.close();
  }
}

/** The sign-ins that are kept on this machine. */
export function credentialStore(env: NodeJS.ProcessEnv) {
  return openCredentialStore({ env, home: nodeHost({ env }).home });
}
