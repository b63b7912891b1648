/**
 * An environment for git that holds headers for one origin: they are seen in no list of processes, go to no other address and are
 * written nowhere. Redirects are not followed with them: git would send them along.
 */
export function tokenEnvironment(
  env: NodeJS.ProcessEnv,
  origin: string,
  headers: readonly string[],
): NodeJS.ProcessEnv {
  return withSettings(env, [
    ...headers.map((header) => [`http.${origin}/.extraHeader`, header] as const),
    [`http.${origin}/.followRedirects`, 'false'],
  ]);
}

/** git asks nobody for a password: who has no token signs in with our own command. */
export function withoutPrompts(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return withSettings({ ...env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '' }, [['credential.helper', '']]);
}

/** Settings behind those that are there already (git-config(1), `GIT_CONFIG_COUNT`). */
function withSettings(
  env: NodeJS.ProcessEnv,
  settings: readonly (readonly [name: string, value: string])[],
): NodeJS.ProcessEnv {
  const before = Number(env.GIT_CONFIG_COUNT) || 0;
  const added = settings.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${before + index}`, name],
    [`GIT_CONFIG_VALUE_${before + index}`, value],
  ]);
  return { ...env, ...Object.fromEntries(added), GIT_CONFIG_COUNT: String(before + settings.length) };
}
