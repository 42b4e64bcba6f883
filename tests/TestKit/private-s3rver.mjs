// The server of private-s3rver.sh.
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';

const [port, directory, keep] = process.argv.slice(2);
const S3rver = createRequire(import.meta.url)(process.env.S3RVER);
const server = new S3rver({ address: '127.0.0.1', port: Number(port), directory, silent: true, vhostBuckets: false, configureBuckets: [{ name: 'registry' }] });
await server.run();
console.log('ready');
process.stdin.resume();
process.stdin.on('end', () => {
  if (!keep) rmSync(directory, { recursive: true, force: true });
  process.exit(0);
});
