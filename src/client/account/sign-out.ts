import { answers } from '../../protocol/answers.ts';
import type { CredentialStore, SignIn } from '../../remote/credential-store.ts';
import type { ServerApi } from './server-api.ts';

/** What became of a sign-in: it is gone from this machine in any case, and from the server when `revoked`. */
export type SignedOut =
  | { readonly wasSignedIn: false }
  | { readonly wasSignedIn: true; readonly revoked: boolean; readonly why?: string };

/** Takes a sign-in off this machine, and has the server revoke it: what it answers is told as it is. */
export async function signOut(api: ServerApi, store: CredentialStore, origin: string): Promise<SignedOut> {
  const signIn = await store.change(async (signIns) => {
    const found = signIns.get(origin);
    signIns.delete(origin);
    return { result: found, write: found !== undefined };
  });
  if (!signIn) return { wasSignedIn: false };
  return { wasSignedIn: true, ...(await revoke(api, signIn)) };
}

async function revoke(
  api: ServerApi,
  { access_token, refresh_token }: SignIn,
): Promise<{ revoked: boolean; why?: string }> {
  const body = { token: refresh_token ?? access_token };
  const question = { method: 'POST', path: '/token/revoke', body } as const;
  const answer = await api.ask(question, answers.revoked);
  if (!answer.ok) return { revoked: false, why: answer.failure.text };
  return answer.value.revoked ? { revoked: true } : { revoked: false, why: 'the server did not know it any more' };
}
