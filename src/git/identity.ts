import { type Config, type Repository, readConfig } from './repository.ts';

/** Who a commit names. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** The person's identity from git's configuration; a name of ours where there is none. An e-mail address is never invented. */
export async function identity(repository: Repository): Promise<Identity> {
  return identityOf(await readConfig(repository));
}

/** As `identity`, from a configuration that was read before. */
function identityOf(config: Config): Identity {
  const get = (name: string): string => plain(config.get(`author.${name}`) ?? config.get(`user.${name}`) ?? '');
  return { name: get('name') || 'specstory', email: get('email') || 'specstory@localhost' };
}

/** Without what would end the name or the line in a commit. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}<>]+/gu, ' ').trim();
}
