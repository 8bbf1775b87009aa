/** A shelf of the made-up shop. */
export interface Shelf {
  readonly name: string;
  /** Share of the products; all shelves together make 1. */
  readonly share: number;
  /** Words that only this shelf's products are called by. */
  readonly nouns: readonly string[];
  /** Words that the shelves it is confused with use, too. */
  readonly sharedNouns: readonly string[];
  readonly materials: readonly string[];
  /** Median price. */
  readonly price: number;
}

const wood = ['oak', 'walnut', 'pine', 'acacia', 'mango wood'];
const cloth = ['linen', 'velvet', 'leather', 'boucle', 'polyester'];
const fibre = ['wool', 'jute', 'cotton', 'polypropylene', 'sisal'];
const lamp = ['brass', 'ceramic', 'glass', 'iron', 'rattan'];

/** Sixteen shelves with a tail; neighbours in this list share words. */
export const shelves: readonly Shelf[] = [
  {
    name: 'Sofas',
    share: 0.12,
    nouns: ['loveseat', 'settee', 'sleeper sofa'],
    sharedNouns: ['sofa', 'couch', 'chaise'],
    materials: cloth,
    price: 820,
  },
  {
    name: 'Sectionals',
    share: 0.05,
    nouns: ['sectional', 'corner sofa'],
    sharedNouns: ['sofa', 'couch', 'chaise'],
    materials: cloth,
    price: 1450,
  },
  {
    name: 'Accent Chairs',
    share: 0.1,
    nouns: ['armchair', 'wingback', 'papasan'],
    sharedNouns: ['chair', 'side chair', 'upholstered chair'],
    materials: cloth,
    price: 260,
  },
  {
    name: 'Dining Chairs',
    share: 0.11,
    nouns: ['dining chair', 'windsor chair'],
    sharedNouns: ['chair', 'side chair', 'upholstered chair', 'counter chair'],
    materials: [...wood, 'linen', 'velvet'],
    price: 150,
  },
  {
    name: 'Bar Stools',
    share: 0.07,
    nouns: ['bar stool', 'barstool', 'saddle stool'],
    sharedNouns: ['stool', 'counter chair', 'swivel seat'],
    materials: [...wood, 'leather', 'metal'],
    price: 130,
  },
  {
    name: 'Coffee Tables',
    share: 0.09,
    nouns: ['coffee table', 'cocktail table'],
    sharedNouns: ['table', 'accent table', 'nesting table'],
    materials: [...wood, 'marble', 'glass'],
    price: 310,
  },
  {
    name: 'Side Tables',
    share: 0.07,
    nouns: ['end table', 'drink table'],
    sharedNouns: ['table', 'accent table', 'nesting table', 'bedside table'],
    materials: [...wood, 'marble', 'glass'],
    price: 140,
  },
  {
    name: 'Nightstands',
    share: 0.05,
    nouns: ['nightstand', 'night table'],
    sharedNouns: ['bedside table', 'accent table', 'cabinet'],
    materials: wood,
    price: 170,
  },
  {
    name: 'Area Rugs',
    share: 0.11,
    nouns: ['area rug', 'oriental rug', 'shag'],
    sharedNouns: ['rug', 'carpet', 'runner'],
    materials: fibre,
    price: 210,
  },
  {
    name: 'Outdoor Rugs',
    share: 0.04,
    nouns: ['patio rug', 'outdoor rug'],
    sharedNouns: ['rug', 'carpet', 'runner', 'mat'],
    materials: fibre,
    price: 120,
  },
  {
    name: 'Doormats',
    share: 0.025,
    nouns: ['doormat', 'welcome mat'],
    sharedNouns: ['mat', 'runner', 'coir mat'],
    materials: [...fibre, 'coir', 'rubber'],
    price: 32,
  },
  {
    name: 'Table Lamps',
    share: 0.06,
    nouns: ['table lamp', 'desk lamp'],
    sharedNouns: ['lamp', 'light', 'reading lamp'],
    materials: lamp,
    price: 85,
  },
  {
    name: 'Floor Lamps',
    share: 0.04,
    nouns: ['floor lamp', 'torchiere'],
    sharedNouns: ['lamp', 'light', 'reading lamp'],
    materials: lamp,
    price: 140,
  },
  {
    name: 'Bookcases',
    share: 0.035,
    nouns: ['bookcase', 'etagere'],
    sharedNouns: ['shelf', 'shelving', 'storage unit'],
    materials: [...wood, 'metal'],
    price: 240,
  },
  {
    name: 'Wall Shelves',
    share: 0.02,
    nouns: ['floating shelf', 'wall shelf'],
    sharedNouns: ['shelf', 'shelving', 'ledge'],
    materials: [...wood, 'metal'],
    price: 48,
  },
  {
    name: 'Ottomans',
    share: 0.01,
    nouns: ['ottoman', 'pouf'],
    sharedNouns: ['stool', 'footrest', 'storage unit'],
    materials: cloth,
    price: 120,
  },
];

export const colours = [
  'white',
  'black',
  'grey',
  'beige',
  'navy',
  'green',
  'ivory',
  'brown',
  'blue',
  'rust',
  'gold',
  'natural',
];
export const styles = [
  'modern',
  'farmhouse',
  'mid-century',
  'industrial',
  'coastal',
  'boho',
  'traditional',
  'glam',
  'rustic',
];
export const sizes = [
  'small',
  'large',
  'set of 2',
  '24 in',
  '36 in',
  '48 in',
  '5 x 8',
  '8 x 10',
  'oversized',
  'compact',
];
export const extras = [
  'with storage',
  'handmade',
  'washable',
  'tufted',
  'adjustable',
  'round',
  'upholstered',
  'solid wood',
  'easy assembly',
  'weather resistant',
  'vintage',
  'reversible',
];

const ONSETS = [
  'al',
  'ber',
  'cor',
  'dal',
  'el',
  'fen',
  'gar',
  'har',
  'is',
  'jor',
  'kel',
  'lor',
  'mar',
  'nor',
  'os',
  'pel',
  'quin',
  'ros',
  'sel',
  'tor',
  'ul',
  'ver',
  'wil',
  'yar',
  'zel',
];
const MIDDLES = ['a', 'e', 'i', 'o', 'an', 'en', 'in', 'or', 'es', 'u'];
const ENDS = [
  'bury',
  'dale',
  'ford',
  'gate',
  'ham',
  'ley',
  'mont',
  'ne',
  'ra',
  'sby',
  'ton',
  'vik',
  'wood',
  'worth',
  'za',
];

/** Number of different invented names. */
export const NAMES = ONSETS.length * MIDDLES.length * ENDS.length;

/** An invented name for a brand or a collection; different for every number below NAMES. */
export function inventedName(number: number): string {
  const onset = ONSETS[number % ONSETS.length]!;
  const middle = MIDDLES[Math.floor(number / ONSETS.length) % MIDDLES.length]!;
  return `${onset}${middle}${ENDS[Math.floor(number / (ONSETS.length * MIDDLES.length)) % ENDS.length]!}`;
}

/** Rows of other languages and rows that are no products. */
export const foreignTitles = [
  '现代 简约 沙发 客厅',
  '北欧 实木 餐椅',
  'современный диван для гостиной',
  'ковёр шерстяной ручной работы',
  '床头柜 胡桃木',
  'настольная лампа латунь',
];
export const spamTitles = [
  'TEST ITEM do not order',
  'TEST listing please ignore',
  'SPAM click here for a free gift card',
  'SPAM earn money from home today',
];
