import type { ToolType } from '../core/session.ts';

/** The tools of every agent by kind of work. Names are compared without case, `_` or `-`. */
const names: Record<Exclude<ToolType, 'unknown'>, string> = {
  write: `write edit multiedit notebookedit editnotebook editnotebookfile writefile replace create createfile editfile editfilev2
    strreplace strreplaceeditor searchreplace insertedit inserteditintofile replacestringinfile multireplacestringinfile
    copilotreplacestring copilotmultireplacestring copilotcreatefile copilotinsertedit copilotapplypatch vscodeeditfileinternal
    applypatch applydiff gitapplypatch delete deletefile renamefile movefile undoedit insertcontent writetofile
    replacefilecontent multireplacefilecontent copiloteditnotebook newfile savememory`,
  read: `read readfile readfilev2 readmanyfiles view viewimage webfetch fetch fetchwebpage copilotreadfile copilotfetchwebpage ls
    listdir listdirv2 listdirectory copilotlistdirectory readlints geterrors copilotgeterrors fetchrules readnotebook
    fetchmcpresource readmcpresource readmcpresourcetool listmcpresources listmcpresourcestool listmcpresourcetemplates
    notebookread getchangedfiles copilotgetchangedfiles`,
  search: `grep grepsearch ripgreprawsearch glob globfilesearch filesearch findfiles codebasesearch semanticsearch
    semanticsearchfull websearch googlewebsearch searchfilecontent toolsearch toolsearchcall websearchcall
    copilotfindfiles copilotfindtextinfiles copilotsearchcodebase listcodeusages copilotlistcodeusages testsearch copilotfindtestfiles`,
  shell: `bash shell shellcommand execcommand localshellcall writestdin runshellcommand runterminalcmd runterminalcmdv2
    runterminalcommandv2 runinterminal getterminaloutput bashoutput killbash killshell taskoutput taskstop powershell
    execute await containerexec exec copilotruninterminal runtests copilotruntests`,
  task: `task taskv2 agent todowrite todoread taskcreate taskupdate tasklist taskget updateplan createplan writetodos
    managetodolist spawnagent runsubagent waitagent sendinput closeagent delegatetask codebaseinvestigator delegatetoagent
    resumeagent teamcreate teamdelete croncreate crondelete cronlist`,
  generic: `enterplanmode exitplanmode askuserquestion askquestion skill lsp slashcommand switchmode generateimage imagegeneration callmcptool structuredoutput sendmessage enterworktree exitworktree
    creatediagram requestuserinput askuser activateskill`,
};

const types = new Map<string, ToolType>();
for (const [type, list] of Object.entries(names)) {
  for (const name of list.split(/\s+/)) types.set(name, type as ToolType);
}

/** The kind of work of a tool by its agent's name for it; `unknown` for what is not listed, `generic` for tools of MCP servers. */
export function toolType(name: string): ToolType {
  if (/^mcp[_-]/i.test(name)) return 'generic';
  return types.get(name.toLowerCase().replace(/[_-]/g, '')) ?? 'unknown';
}
