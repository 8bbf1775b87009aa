import { SPLITS } from '../contracts/prepared.js';
import { hash32, seeded, type Random } from '../core/random.js';
import { hashSplit } from '../core/split.js';
import {
  colours,
  extras,
  foreignTitles,
  inventedName,
  NAMES,
  shelves,
  sizes,
  spamTitles,
  styles,
  type Shelf,
} from './catalogueWords.js';
import { rowId, type BuiltinDataset, type BuiltinTable } from './dataset.js';

const BRANDS = 60;
/** Rows for one collection. Few, so that what a collection sells has to be learned from few labels. */
const ROWS_PER_COLLECTION = 6;
const HEADER = [
  'id',
  'split',
  'query',
  'title',
  'attributes',
  'price',
  'brand',
  'product',
  'category',
] as const;

const preset = {
  dataset: {
    columns: {
      ...{ id: 'id', target: 'category', split: 'split', group: 'product' },
      ...{ text: ['query', 'title'], attributes: ['attributes'], numeric: ['price'], categorical: ['brand'] },
    },
    split: { by: 'column' },
    contract: {
      price: { min: 0, maxMissing: 0.1 },
      category: { allowed: shelves.map((shelf) => shelf.name) },
    },
  },
  clean: {
    missing: { price: 'impute' },
    outliers: [{ column: 'price', method: 'iqr', factor: 20 }],
    irrelevant: [
      { column: 'title', op: 'matches', value: '^(TEST|SPAM)\\b' },
      { column: 'title', op: 'matches', value: '[\\p{Script=Han}\\p{Script=Cyrillic}]' },
    ],
    minTextLength: 3,
  },
} satisfies BuiltinDataset['preset'];

/** The catalogue of a furniture shop, made up: what the demo runs on. */
export const synthetic: BuiltinDataset = catalogue('synthetic', 20_000);

/** A twentieth of it for a first try and for tests. */
export const syntheticTiny: BuiltinDataset = catalogue('synthetic_tiny', 1_000);

function catalogue(name: string, rows: number): BuiltinDataset {
  return {
    name,
    licence: 'Apache-2.0 (made by this program)',
    citation: 'none: made up',
    description: `${rows.toLocaleString('en')} listings of a made-up furniture shop in English, 16 categories, 20% wrong labels`,
    ...{ folder: '', files: [], preset, recipeName: name },
    noise: { rate: 0.2, kind: 'uniform', seed: 42 },
    read: ({ seed }) => Promise.resolve(makeCatalogue(rows, seed)),
  };
}

interface Product {
  readonly key: string;
  readonly shelf: Shelf;
  readonly brand: string;
  readonly query: string;
  readonly title: string;
  readonly attributes: string;
  readonly price: number;
}

interface Collection {
  readonly name: string;
  readonly brand: string;
  readonly home: Shelf;
}

/**
 * About 0.7% irrelevant rows, 4% exact and 8% near duplicates (the same product listed again), 4% missing and 0.4%
 * absurd prices, and a dozen damaged lines. Copies of one product are on one side of the split.
 *
 * @param count rows that can be read; the damaged lines come on top
 */
export function makeCatalogue(count: number, seed: number): BuiltinTable {
  const random = seeded(seed, 'catalogue');
  const collections = makeCollections(Math.ceil(count / ROWS_PER_COLLECTION), random);
  const rows: (string | null)[][] = [];
  let product = makeProduct(0, collections, random);
  let listing: (string | null)[] = [];
  for (let i = 0; rows.length < count; i++) {
    const again = rows.length > 0 ? random.next() : 1;
    if (again < 0.04) {
      rows.push([...listing]);
      continue;
    }
    product = again < 0.12 ? relist(product, random) : makeProduct(i, collections, random);
    listing = spoil(list(product), random);
    rows.push(listing);
  }
  const sides = hashSplit(
    rows.map((cells) => cells[5]!),
    [0.7, 0.15, 0.15],
    seed,
  );
  return {
    header: HEADER,
    rows: rows.map((cells, i) => [
      rowId(i),
      SPLITS[sides[i]!]!,
      ...cells.slice(0, 4),
      cells[4]!,
      cells[5]!,
      cells[6]!,
    ]),
    damaged: damagedLines(count),
  };
}

function makeCollections(count: number, random: Random): Collection[] {
  const offset = random.below(NAMES);
  // A stride without a common factor with NAMES visits every name once.
  return Array.from({ length: count }, (_, i) => ({
    name: `${inventedName((offset + i * 1_009) % NAMES)}${i >= NAMES ? ` ${1 + Math.floor(i / NAMES)}` : ''}`,
    brand: inventedName(random.below(BRANDS) * 41),
    home: drawShelf(random),
  }));
}

function makeProduct(number: number, collections: readonly Collection[], random: Random): Product {
  const collection = pick(collections, random);
  // Now and then a collection sells something else than what it is known for.
  const shelf = random.next() < 0.86 ? collection.home : drawShelf(random);
  const noun = pick(random.next() < 0.55 ? shelf.sharedNouns : shelf.nouns, random);
  const material = pick(shelf.materials, random);
  const colour = pick(colours, random);
  const words = [
    ...maybe(0.85, collection.name, random),
    ...maybe(0.5, pick(styles, random), random),
    ...maybe(0.4, colour, random),
    ...maybe(0.5, material, random),
    noun,
    ...maybe(0.5, pick(extras, random), random),
    ...maybe(0.4, pick(sizes, random), random),
  ];
  const attributes = [
    ...maybe(0.8, `color: ${colour}`, random),
    ...maybe(0.7, `material: ${material}`, random),
    ...maybe(0.4, `style: ${pick(styles, random)}`, random),
    ...maybe(0.5, `collection: ${collection.name}`, random),
  ];
  return {
    key: `p${hash32(`product:${number}`).toString(36)}${number}`,
    ...{ shelf, brand: collection.brand, query: makeQuery(shelf, random) },
    ...{ title: words.join(' '), attributes: attributes.join('; ') },
    price: Math.round(100 * shelf.price * Math.exp(0.55 * random.normal())) / 100,
  };
}

/** What people typed who came to this product. They search for what is nearly right, too. */
function makeQuery(shelf: Shelf, random: Random): string {
  const wanted = random.next() < 0.9 ? shelf : drawShelf(random);
  const noun = pick(random.next() < 0.75 ? wanted.sharedNouns : wanted.nouns, random);
  return [
    ...maybe(0.5, pick(colours, random), random),
    ...maybe(0.4, pick(styles, random), random),
    noun,
  ].join(' ');
}

/** The same product by another seller: the title a little different, the query now and then another. */
function relist(product: Product, random: Random): Product {
  const title = random.next() < 0.5 ? `${product.title} new` : product.title.replace(/ (\S+)$/, ', $1');
  const query = random.next() < 0.7 ? product.query : makeQuery(product.shelf, random);
  const price = Math.round(100 * product.price * (0.9 + 0.2 * random.next())) / 100;
  return { ...product, query, title, price };
}

/** query, title, attributes, price, brand, product, category */
const list = ({ query, title, attributes, price, brand, key, shelf }: Product): (string | null)[] => [
  ...[query, title, attributes || null, price.toFixed(2), brand, key, shelf.name],
];

/** What real tables are like. Cells in the order of `list`. */
function spoil(cells: (string | null)[], random: Random): (string | null)[] {
  const spoilt = [...cells];
  const chance = random.next();
  if (chance < 0.004) spoilt[1] = pick(spamTitles, random);
  else if (chance < 0.007) spoilt[1] = pick(foreignTitles, random);
  else if (chance < 0.047) spoilt[3] = null;
  else if (chance < 0.051) spoilt[3] = (Number(spoilt[3]) * 1000).toFixed(2);
  else if (chance < 0.0516) spoilt[3] = 'call for price';
  else if (chance < 0.0522) spoilt[3] = '-1';
  else if (chance < 0.0532) spoilt[6] = null;
  else if (chance < 0.0562) spoilt[4] = null;
  return spoilt;
}

function damagedLines(count: number): NonNullable<BuiltinTable['damaged']> {
  const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const kinds = [
    'x,train,oak table,only five cells,here\n',
    'x,train,rug,"a quote that is never closed,,10.00,b,p,Area Rugs\n',
    'x,train,lampe,lampe de chevet \xe9l\xe9gante,,20.00,b,p,Table Lamps\n', // ISO-8859-1 in a UTF-8 file
    'x,train,sofa,a NUL\x00character,,30.00,b,p,Sofas\n',
  ];
  const total = Math.max(4, Math.round(count / 1_600));
  return Array.from({ length: total }, (_, i) => ({
    afterRow: Math.floor(((i + 1) * count) / (total + 1)),
    bytes: ascii(kinds[i % kinds.length]!),
  }));
}

function drawShelf(random: Random): Shelf {
  let left = random.next();
  for (const shelf of shelves) {
    left -= shelf.share;
    if (left < 0) return shelf;
  }
  return shelves[0]!;
}

const pick = <T>(values: readonly T[], random: Random): T => values[random.below(values.length)]!;

/** The word with this probability, else nothing. */
const maybe = (probability: number, word: string, random: Random): string[] =>
  random.next() < probability ? [word] : [];
