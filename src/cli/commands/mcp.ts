import { Command } from 'commander';
import { type CommandMaker, examples } from '../command.ts';

export const mcpCommand: CommandMaker = (runtime) =>
  new Command('mcp')
    .summary('let coding agents read the history (MCP)')
    .description(
      'Serves the history of this repository to a coding agent, over the Model Context Protocol on standard input and output, until the input ' +
        'ends. It only reads: sessions are listed, searched and quoted, redacted, without what is hidden. An agent starts it; docs/mcp.md has what to ' +
        'put into the settings of each.',
    )
    .addHelpText(
      'after',
      examples([
        ['claude mcp add specstory -- specstory mcp', 'for Claude Code'],
        ['codex mcp add specstory -- specstory mcp', 'for Codex CLI'],
        ['git -C /path/to/repository specstory mcp', 'for a repository elsewhere'],
      ]),
    )
    .action(async () => {
      // The protocol is loaded only here: no other command has to wait for its code.
      const { serveMcp } = await import('../mcp/server.ts');
      await serveMcp(runtime);
    });
