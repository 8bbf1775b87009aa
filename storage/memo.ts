/** Keeps what was loaded, by key, up to `limit` entries; the least recently used goes first. A failure is not kept. */
export function createMemo(limit: number): <T>(key: string, load: () => Promise<T>) => Promise<T> {
  const entries = new Map<string, Promise<unknown>>();
  return <T>(key: string, load: () => Promise<T>): Promise<T> => {
    const known = entries.get(key);
    const entry = known ?? load();
    // Taken out and put in again: a Map remembers the order.
    entries.delete(key);
    entries.set(key, entry);
    if (known === undefined) {
      entry.catch(() => {
        if (entries.get(key) === entry) entries.delete(key);
      });
      for (const oldest of entries.keys()) {
        if (entries.size <= limit) break;
        entries.delete(oldest);
      }
    }
    return entry as Promise<T>; // one key is always loaded by the same function
  };
}
