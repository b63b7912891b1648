/** Whether a host's words mean that it takes branches and tags only, or may mean it. */
export function refusesNamespace(reason: string): boolean {
  return /hidden ref|funny refname|namespace|hook declined|only .*(?:branch|refs\/heads)|refs\/(?:heads|tags)|prohibit|not allowed|invalid ref/i.test(
    reason,
  );
}
