import { Client, type ClientConfig, type QueryResult, type QueryResultRow } from 'pg';

/** One connection, closed by `await using` or by `close`. */
export type PostgresConnection = AsyncDisposable & {
  /** One statement with parameters, or, without them, any number of statements in one implicit transaction. */
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>>;
  close(): Promise<void>;
};

export type PostgresAddress = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Left to ~/.pgpass when it is not said. */
  readonly password?: string;
  readonly database: string;
  /** How long connecting may take; 10 s when it is not said. */
  readonly connectTimeoutMs?: number;
};

/** Opens one connection. Throws pg's own errors: what they mean to a person depends on who asked. */
export async function connectPostgres(address: PostgresAddress): Promise<PostgresConnection> {
  const { connectTimeoutMs = 10_000, ...where } = address;
  const config: ClientConfig = { ...where, connectionTimeoutMillis: connectTimeoutMs, application_name: 'bmtool' };
  const client = new Client(config);
  // A server that ends a session says so with an event; unheard, it would end this program. The next query tells it, too.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => {});
    throw error;
  }
  const close = () => client.end().catch(() => {});
  return {
    query: (text, values) => (values === undefined ? client.query(text) : client.query(text, [...values])),
    close,
    [Symbol.asyncDispose]: close,
  };
}
