import type { Server } from 'node:net';

/** Listens on loopback, on `wanted` if it is free, else on a free port. @returns the port */
export async function listenOnLoopback(server: Server, wanted: number | undefined): Promise<number> {
  try {
    return await listen(server, wanted ?? 0);
  } catch (error) {
    if (wanted === undefined) throw error;
    return await listen(server, 0);
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'));
      else resolve(address.port);
    });
  });
}
