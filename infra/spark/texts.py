"""How JavaScript cuts texts into words and n-grams, said in Python: each function gives what core/sql/textFunctions.ts gives.

Which characters are letters, marks or emoji, and what they are in lower case, depends on the version of Unicode: Assay tells
it as JSON (core/text/textRules.ts). Functions are made with parameters; None goes in where a value is missing, and comes out.
"""

import functools
import json
import re

from javascript import BLANKS

ASCII_WORD = re.compile("[a-z0-9_]+")
JOINER = "\u200d"
JOINED_BY = (JOINER, "\U000e007f")
FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"
# A selector, tones of skin, tags: they belong to the picture before them.
BELONGS = "\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
SPACES = re.compile("[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]{2,}")
SIGMA = "\u03a3"
FINAL_SIGMA = "\u03c2"
ATTRIBUTE_END = re.compile("[;|\n]")
FIRST = "+"
AGAIN = "-"


class Rules:
    """core/text/textRules.ts, ready for use."""

    def __init__(self, told):
        word, after, picture, cased, ignored = (
            members(told[name]) for name in ("word", "after", "picture", "cased", "ignored")
        )
        one = f"(?:[{FLAG_LETTERS}]+|[{picture}])"
        self.token = re.compile(f"[{word}][{word}{after}]*|({one}(?:[{BELONGS}]|{JOINER}{one}?)*)")
        self.emoji = frozenset(told["emoji"])
        self.lower = {ord(character): lower for character, lower in told["lower"]}
        self.cased = re.compile(f"[{cased}]")
        self.ignored = re.compile(f"[{ignored}]")
        self.cased_after = re.compile(f"[{ignored}]*[{cased}]")

    def lowered(self, text):
        if text.isascii():
            return text.lower()
        if SIGMA in text:
            letters = [FINAL_SIGMA if one == SIGMA and self.ends(text, at) else one for at, one in enumerate(text)]
            text = "".join(letters)
        return text.translate(self.lower)

    def ends(self, text, at):
        """Whether a sigma stands at the end of a word."""
        if self.cased_after.match(text, at + 1):
            return False
        before = at - 1
        while before >= 0 and self.ignored.match(text, before):
            before -= 1
        return before >= 0 and self.cased.match(text, before) is not None

    def words(self, text, joined):
        if text.isascii():
            return ASCII_WORD.findall(text.lower())
        found = []
        for token in self.token.finditer(self.lowered(text)):
            if token[1] is None:
                found.append(token[0])
            else:
                found.extend(self.emoji_in(token[1], joined))
        return found

    def emoji_in(self, pictures, joined):
        if is_joined(pictures):
            return joined[pictures]
        found, at = [], 0
        while at < len(pictures):
            one = next((one for one in (pictures[at : at + 2], pictures[at]) if one in self.emoji), None)
            if one is not None:
                found.append(one)
            at += len(one or " ")
        return found


def members(ranges):
    """Ranges of code points, as they stand between the brackets of a pattern."""
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in zip(ranges[::2], ranges[1::2]))


def is_joined(pictures):
    return any(mark in pictures for mark in JOINED_BY)


@functools.lru_cache(maxsize=2)
def rules(told):
    return Rules(json.loads(told))


@functools.lru_cache(maxsize=4)
def cuts(told):
    return json.loads(told)


def ngrams(told, analyzer, low, high, joined):
    """Of words or characters, each behind its mark."""

    def read(text):
        if text is None:
            return None
        known = rules(told)
        if analyzer == "words":
            units = known.words(text, cuts(joined))
            return marked(" ".join(units[at : at + n]) for n, at in places(len(units), low, high))
        cleaned = SPACES.sub(" ", known.lowered(text))
        return marked(cleaned[at : at + n] for n, at in places(len(cleaned), low, high))

    return read


def places(count, low, high):
    for n in range(int(low), int(high) + 1):
        for at in range(count - n + 1):
            yield n, at


def marked(found):
    seen = set()
    given = []
    for one in found:
        given.append((AGAIN if one in seen else FIRST) + one)
        seen.add(one)
    return given


def joined_emoji(told):
    """What may be joined emoji, each once."""

    def read(text):
        if text is None:
            return None
        known = rules(told)
        tokens = known.token.finditer(known.lowered(text))
        return list(dict.fromkeys(token[1] for token in tokens if token[1] is not None and is_joined(token[1])))

    return read


def attribute_terms(told):
    """Keys, and keys with their values, each once."""

    def read(text):
        if text is None:
            return None
        terms = {}
        for entry in ATTRIBUTE_END.split(rules(told).lowered(text)):
            key, _, value = (part.strip(BLANKS) for part in entry.partition(":"))
            if key != "":
                terms[key] = None
            if value != "":
                terms[f"{key}={value}"] = None
        return list(terms)

    return read


KNOWN = {"ngrams": ngrams, "joined_emoji": joined_emoji, "attribute_terms": attribute_terms}
