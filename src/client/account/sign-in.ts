import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { SpecstoryError } from '../../core/errors.ts';
import { protocol } from '../../protocol/address.ts';
import { answers, type Grant } from '../../protocol/answers.ts';
import type { CredentialStore, SignIn } from '../../remote/credential-store.ts';
import { bearer, signInOf } from '../../remote/credentials.ts';
import { type Failure, stateOf } from './failure.ts';
import type { ServerApi } from './server-api.ts';

/** What the person has to do: open the page, compare the code, and agree. */
export interface DeviceCode {
  readonly code: string;
  readonly page: string;
  /** The page with the code in it. */
  readonly pageWithCode: string;
}

interface SignInPlace {
  readonly api: ServerApi;
  readonly server: string;
  readonly store: CredentialStore;
}

/** Signs in by the device flow (RFC 8628): shows a code, and waits until the person has agreed on the server's page. Throws when that does not happen. */
export async function signInByDevice(place: SignInPlace, show: (device: DeviceCode) => void): Promise<SignIn> {
  await checkServer(place);
  const client = { client: 'specstory', hostname: hostname() };
  const device = await place.api.ask({ method: 'POST', path: '/device/code', body: client }, answers.device);
  if (!device.ok) throw failed(place.server, device.failure);
  const { device_code, user_code, verification_uri, verification_uri_complete, expires_in, interval } = device.value;
  show({ code: user_code, page: verification_uri, pageWithCode: verification_uri_complete ?? verification_uri });
  const grant = await poll(place, device_code, { interval, until: performance.now() + expires_in * 1000 });
  return keep(place, signInOf(place.server, grant));
}

/** Signs in with a personal access token, after the server has said whose it is. */
export async function signInByToken(place: SignInPlace, token: string): Promise<SignIn> {
  if (!/^[\x21-\x7e]{8,512}$/.test(token)) {
    throw new SpecstoryError('usage', 'what came on standard input is not a token', {
      hint: 'for example: specstory login --token - <token-file',
    });
  }
  await checkServer(place);
  const question = { method: 'GET', path: '/whoami', authorization: bearer(token) } as const;
  const whoami = await place.api.ask(question, answers.whoami);
  if (!whoami.ok) throw failed(place.server, whoami.failure);
  const { name, token: about } = whoami.value;
  const { server } = place;
  return keep(place, signInOf(server, { access_token: token, name, expires_at: about.expires_at }));
}

/** A code is asked for, and a token sent, only where a server of ours answers. */
async function checkServer({ api, server }: SignInPlace): Promise<void> {
  const found = await api.ask({ method: 'GET', path: '/server' }, answers.server);
  if (!found.ok) throw failed(server, found.failure);
  if (found.value.protocol !== protocol) {
    const hint = found.value.protocol > protocol ? 'update specstory' : 'ask who runs the server to update it';
    throw new SpecstoryError('unsupported', `${server} speaks protocol ${found.value.protocol}, not ${protocol}`, {
      hint,
    });
  }
}

/** RFC 8628 3.4, 3.5: every `slow_down` adds five seconds for good; a connection that breaks is tried again until the code expires. */
async function poll(
  { api, server }: SignInPlace,
  deviceCode: string,
  { interval, until }: { interval: number; until: number },
): Promise<Grant> {
  for (let wait = Math.max(interval, 1); performance.now() + wait * 1000 < until; ) {
    await pause(wait * 1000);
    const question = { method: 'POST', path: '/device/token', body: { device_code: deviceCode } } as const;
    const answer = await api.ask(question, answers.grant);
    if (answer.ok) return answer.value;
    const { failure } = answer;
    if (failure.code === 'slow_down') wait += 5;
    else if (failure.reason === 'rate_limited') wait = Math.max(wait, failure.retryAfter ?? wait + 5);
    else if (failure.code === 'access_denied')
      throw new SpecstoryError('denied', 'the sign-in was refused on the page');
    else if (failure.code === 'expired_token') break;
    else if (failure.code !== 'authorization_pending' && stateOf(failure.reason) !== 'Unreachable') {
      throw failed(server, failure);
    }
  }
  throw new SpecstoryError('unavailable', 'nobody agreed before the code expired', { hint: 'run: specstory login' });
}

async function keep({ store, server }: SignInPlace, signIn: SignIn): Promise<SignIn> {
  return store.change(async (signIns) => {
    signIns.set(new URL(server).origin, signIn);
    return { result: signIn, write: true };
  });
}

/** A failure of a server as an error for people. */
function failed(server: string, { reason, text }: Failure): SpecstoryError {
  const state = stateOf(reason);
  const hint =
    reason === 'captive_portal' || reason === 'bad_answer'
      ? 'check the address; a network may have put its own page in between'
      : state === 'Unreachable'
        ? 'check the address and the network, then try again'
        : undefined;
  const kind = state === 'Unreachable' ? 'unavailable' : reason === 'protocol' ? 'unsupported' : 'denied';
  return new SpecstoryError(kind, `${server}: ${text}`, hint ? { hint } : {});
}
