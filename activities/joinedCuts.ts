import type { SharedSession } from '../contracts/store.js';
import { joinedEmojiFunction, type JoinedCuts } from '../core/sql/textFunctions.js';
import { textSql } from '../core/sql/text.js';
import { cutEmoji, JOINED_BY } from '../core/text/joinedEmoji.js';

/** Texts of a table of a session. */
export interface TextColumns {
  readonly table: string;
  /** SQL of one text a row. */
  readonly text: string;
}

/**
 * How the joined emoji of some texts are cut. Which there are in the world depends on the version of Unicode and is nowhere
 * written: those that the texts hold are asked for, and judged here.
 */
export async function joinedCuts(session: SharedSession, texts: readonly TextColumns[]): Promise<JoinedCuts> {
  if (texts.length === 0) return {};
  const asked = joinedEmojiFunction();
  await session.function(asked);
  const selects = texts.map(({ table, text }) => {
    const marked = JOINED_BY.map((mark) => `contains(${text}, ${textSql(mark)})`).join(' OR ');
    return `SELECT unnest(${asked.name}(${text})) AS joined FROM ${table} WHERE ${marked}`;
  });
  const found = await session.query(`SELECT DISTINCT joined FROM (${selects.join(' UNION ALL ')}) AS each`);
  return cutEmoji(found.map(([joined]) => String(joined)));
}
