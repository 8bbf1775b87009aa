# A worker for the queue assay-gpu: TensorFlow with CUDA, and the CUDA libraries that it opens. The driver comes from the
# host, through the NVIDIA container toolkit.
#   docker build -f infra/images/gpu.Dockerfile -t assay-gpu .
#   docker run --rm --gpus all assay-gpu doctor --gpu
#   docker run --gpus all -e TEMPORAL_ADDRESS=… -e ASSAY_STORE=s3://… assay-gpu
FROM node:20.20.2-bookworm AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3-pip \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/assay
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# 572 MB of TensorFlow, 2.8 GB of CUDA, the addon compiled.
ENV ASSAY_CACHE_DIR=/opt/assay-cache
RUN npm run build && node dist/cli/main.js setup --gpu && npm prune --omit=dev

FROM node:20.20.2-bookworm-slim
COPY --from=build --chown=node:node /opt/assay-cache /opt/assay-cache
COPY --from=build /opt/assay /opt/assay
# nvidia-smi (utility) is how a worker sees that there is a device.
ENV ASSAY_CACHE_DIR=/opt/assay-cache \
  NVIDIA_VISIBLE_DEVICES=all \
  NVIDIA_DRIVER_CAPABILITIES=compute,utility \
  NODE_ENV=production
WORKDIR /var/lib/assay
RUN chown node:node /var/lib/assay
USER node
ENTRYPOINT ["node", "/opt/assay/bin/assay.js"]
CMD ["worker", "--role", "gpu"]
