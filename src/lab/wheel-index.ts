import { createHash } from 'node:crypto';
import * as http from 'node:http';

/** A file that is to be fetched from a Python package index, known by its content. */
export type PinnedFile = { readonly project: string; readonly filename: string; readonly sha256: string };

const defaultIndex = 'https://pypi.org/simple';

/** The package index as uv or pip has been told, without a slash at its end. */
export function indexOf(env: NodeJS.ProcessEnv): string {
  const url = env.UV_DEFAULT_INDEX || env.UV_INDEX_URL || env.PIP_INDEX_URL || defaultIndex;
  return url.replace(/\/+$/, '');
}

/**
 * Fetches a file from the index and checks its hash. Goes through the proxy that HTTPS_PROXY names.
 *
 * @param onBytes told how much has come, and of how much, as it comes
 */
export async function fetchPinned(
  file: PinnedFile,
  options: { env: NodeJS.ProcessEnv; signal: AbortSignal; onBytes: (done: number, total: number | undefined) => void },
): Promise<Buffer> {
  // Node's fetch knows no proxy by itself. Loopback stays direct: NO_PROXY need not say so.
  const restore = http.setGlobalProxyFromEnv({ no_proxy: 'localhost,127.0.0.1', ...lowerCaseProxies(options.env) });
  try {
    const index = indexOf(options.env);
    const page = await get(`${index}/${file.project}/`, options.signal);
    const type = page.headers.get('content-type') ?? '';
    const link = findLink(await page.text(), { json: type.includes('json'), filename: file.filename, page: page.url });
    if (link === undefined) throw new Error(`${withoutSecrets(index)} does not have ${file.filename}`);
    const bytes = await download(withSecretsOf(index, link), options);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (sha256 !== file.sha256) throw new Error(`${file.filename} has the SHA-256 ${sha256}, expected ${file.sha256}`);
    return bytes;
  } finally {
    restore();
  }
}

/** The address of a file on an index page: JSON (PEP 691) or HTML (PEP 503). */
export function findLink(text: string, wanted: { json: boolean; filename: string; page: string }): string | undefined {
  if (wanted.json) {
    const { files } = JSON.parse(text) as { files: { filename: string; url: string }[] };
    const found = files.find(file => file.filename === wanted.filename);
    return found && new URL(found.url, wanted.page).href;
  }
  for (const [, href] of text.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["']/gi)) {
    const url = new URL((href ?? '').replaceAll('&amp;', '&'), wanted.page);
    url.hash = '';
    if (decodeURIComponent(url.pathname.split('/').at(-1) ?? '') === wanted.filename) return url.href;
  }
  return undefined;
}

async function get(address: string, signal: AbortSignal): Promise<Response> {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const headers: Record<string, string> = {
    accept:
      'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1, */*;q=0.01',
  };
  // fetch refuses addresses with a password in them, which is how private indexes are configured.
  if (username) {
    const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    headers.authorization = `Basic ${Buffer.from(secret).toString('base64')}`;
  }
  const response = await fetch(url, { headers, signal });
  if (!response.ok) throw new Error(`${url.href} answered ${response.status} ${response.statusText}`);
  return response;
}

async function download(
  address: string,
  options: { signal: AbortSignal; onBytes: (done: number, total: number | undefined) => void },
): Promise<Buffer> {
  const response = await get(address, options.signal);
  const total = Number(response.headers.get('content-length')) || undefined;
  const chunks: Uint8Array[] = [];
  let done = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    done += chunk.length;
    options.onBytes(done, total);
  }
  return Buffer.concat(chunks);
}

/** Files on the index's own host want its password, too. */
function withSecretsOf(index: string, link: string): string {
  const from = new URL(index);
  const to = new URL(link);
  if (from.host === to.host && from.username && !to.username) {
    to.username = from.username;
    to.password = from.password;
  }
  return to.href;
}

function withoutSecrets(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}

function lowerCaseProxies(env: NodeJS.ProcessEnv): Record<string, string> {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'];
  const pairs = names.map(name => [name, env[name] ?? env[name.toUpperCase()]] as const);
  return Object.fromEntries(pairs.filter((pair): pair is readonly [string, string] => Boolean(pair[1])));
}
