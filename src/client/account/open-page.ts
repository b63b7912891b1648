import { detach } from '../../platform/process.ts';

/** Opens a page in the person's browser. Only http and https: nothing else that a server names is opened. Throws when there is no way to. */
export async function openPage(url: string): Promise<void> {
  if (!/^https?:$/.test(new URL(url).protocol)) return;
  const place = { cwd: process.cwd(), env: process.env };
  if (process.platform === 'darwin') return detach('open', [url], place);
  if (process.platform === 'win32') return detach('rundll32', ['url.dll,FileProtocolHandler', url], place);
  return detach('xdg-open', [url], place);
}
