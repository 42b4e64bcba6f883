// An OpenID Connect provider for tests: any name signs in with any password, and belongs to the groups "ml" and "name's".
import { pathToFileURL } from 'node:url';

const [port, redirect] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(process.env.OIDC_PROVIDER));

// Whoever started it reads one word.
console.info = console.warn = console.log = (...words) => console.error(...words);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: 'registry', client_secret: 'a secret', redirect_uris: [redirect], grant_types: ['authorization_code'], response_types: ['code'] }],
  scopes: ['openid', 'groups'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'], groups: ['groups'] },
  cookies: { keys: ['only for tests'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, preferred_username: id, name: `${id} of the provider`, email: `${id}@example.org`, groups: ['ml', `${id}'s`] }),
  }),
});
provider.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
