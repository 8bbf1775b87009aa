/** A game over the rows of a training set: what a coalition of them is worth when a model learns from it. */
export interface Utility {
  readonly points: number; // n
  /** @param members row numbers, ascending, each once */
  value(members: Int32Array): number;
  /** Begins with no row and adds one at a time; for learners that update faster than they train. */
  walk?(): Walk;
}

/** Utility of a coalition that grows. */
export interface Walk {
  /** Utility after the point has joined. */
  add(point: number): number;
}

/** A utility that remembers coalitions that it was asked for. */
export interface CachedUtility extends Utility {
  /** How often it was asked, and how often it knew. */
  readonly asked: () => { readonly calls: number; readonly known: number };
}

/** @param most coalitions that are remembered; the oldest is forgotten first */
export function cached(utility: Utility, most = 100_000): CachedUtility {
  const known = new Map<string, number>();
  let [calls, hits] = [0, 0];
  return {
    points: utility.points,
    ...(utility.walk ? { walk: utility.walk.bind(utility) } : {}),
    value(members) {
      calls++;
      const key = keyOf(members, utility.points);
      const found = known.get(key);
      if (found !== undefined) {
        hits++;
        return found;
      }
      const value = utility.value(members);
      if (known.size >= most) for (const oldest of known.keys()) if (known.delete(oldest)) break;
      known.set(key, value);
      return value;
    },
    asked: () => ({ calls, known: hits }),
  };
}

/** Sixteen points a character. */
function keyOf(members: Int32Array, points: number): string {
  const words = new Uint16Array(Math.ceil(points / 16));
  for (const point of members) words[point >> 4]! |= 1 << (point & 15);
  let key = '';
  for (const word of words) key += String.fromCharCode(word);
  return key;
}

/** A walk by asking for each coalition anew. */
export function walkByValue(utility: Utility): Walk {
  const member = new Uint8Array(utility.points);
  return {
    add(point) {
      member[point] = 1;
      return utility.value(membersOf(member));
    },
  };
}

/** Numbers of the points that are marked. */
export const membersOf = (member: Uint8Array): Int32Array =>
  Int32Array.from(member.keys()).filter((point) => member[point] === 1);
