/**
 * Names of the same tool in two views: the model calls `replace_string_in_file`, the window shows `copilot_replaceString`.
 * Left is what is shown, right what is called, both without prefix, case and underscores.
 */
const calledAs = new Map([
  ['replacestring', 'replacestringinfile'],
  ['multireplacestring', 'multireplacestringinfile'],
  ['insertedit', 'inserteditintofile'],
  ['editnotebook', 'editnotebookfile'],
  ['findfiles', 'filesearch'],
  ['findtextinfiles', 'grepsearch'],
  ['searchcodebase', 'semanticsearch'],
  ['listdirectory', 'listdir'],
  ['findtestfiles', 'testsearch'],
]);

/** One name for a tool, from either view. */
export function toolKey(name: string): string {
  const bare = name
    .replace(/^(?:copilot|vscode)_/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  return calledAs.get(bare) ?? bare;
}
