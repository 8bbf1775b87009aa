/** Names of images in a Dockerfile or a compose file: `FROM node:20.20.2-bookworm`, `image: postgres:16.4`. */
const IMAGE = /^(FROM |\s+image: )([\w./-]+:[\w.-]+)(?:@sha256:[0-9a-f]{64})?(?=\s|$)/gmu;

/** Images that a file names by a version; those of ours, which it builds itself, have none. */
export const imagesOf = (text: string): string[] => [
  ...new Set([...text.matchAll(IMAGE)].map(([, , image = '']) => image)),
];

/**
 * The file with each image nailed to what a version stands for today: `node:20.20.2@sha256:…`.
 *
 * @param digests `sha256:…`, by image; an image without one stays as it is
 */
export const pinned = (text: string, digests: ReadonlyMap<string, string>): string =>
  text.replace(IMAGE, (whole, before: string, image: string) => {
    const digest = digests.get(image);
    return digest === undefined ? whole : `${before}${image}@${digest}`;
  });
