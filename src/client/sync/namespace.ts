/** Whether a host's words mean that it takes branches and tags only. */
export function refusesNamespace(reason: string): boolean {
  return /hidden ref|funny refname|namespace|only .*(?:branch|refs\/heads)|refs\/(?:heads|tags)|prohibit|not allowed|invalid ref/i.test(
    reason,
  );
}
