# A worker for the queues assay-workflow and assay-cpu, and the image of `assay serve` and every other command.
#   docker build -f infra/images/cpu.Dockerfile -t assay-cpu .
#   docker run --rm assay-cpu doctor
#   docker run -e TEMPORAL_ADDRESS=… -e ASSAY_STORE=s3://… assay-cpu
FROM node:20.20.2-bookworm AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3-pip \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/assay
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# TensorFlow for the CPU, the addon compiled; without networks it is never opened.
ENV ASSAY_CACHE_DIR=/opt/assay-cache
RUN npm run build && node dist/cli/main.js setup && npm prune --omit=dev

FROM node:20.20.2-bookworm-slim
COPY --from=build --chown=node:node /opt/assay-cache /opt/assay-cache
COPY --from=build /opt/assay /opt/assay
# The root file system may be read-only: only these two folders are written.
ENV ASSAY_CACHE_DIR=/opt/assay-cache \
  ASSAY_DIRECTORY=/var/lib/assay \
  NODE_ENV=production
WORKDIR /var/lib/assay
RUN chown node:node /var/lib/assay
USER node
ENTRYPOINT ["node", "/opt/assay/bin/assay.js"]
CMD ["worker", "--role", "workflow,cpu"]
