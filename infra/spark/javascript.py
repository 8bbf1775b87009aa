"""What JavaScript says of texts and numbers, said in Python: each function gives what core/sql/functions.ts gives.

A function that is made with parameters is a function that returns one. None goes in where a value is missing, and comes out.
"""

import json
import re
from decimal import Decimal

# What String.prototype.trim takes away.
BLANKS = (
    "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
INFINITE = re.compile(r"[+-]?Infinity")
WHOLE = re.compile(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+")
MASK = 0xFFFFFFFF


def number_text():
    """String(number)."""
    return lambda value: None if value is None else written(value)


def written(value):
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    kept = "".join(map(str, digits)).rstrip("0")
    # The value is 0.kept times ten to the point.
    return ("-" if sign else "") + placed(kept, len(digits) + exponent)


def placed(digits, point):
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    power = point - 1
    tail = "." + digits[1:] if count > 1 else ""
    return f"{digits[0]}{tail}e{'+' if power > 0 else '-'}{abs(power)}"


def afterwards(mark, name):
    """What only people read: it passes on what is asked, between marks, for Assay itself to say."""
    return lambda text: None if text is None else f"{mark}{name}({text}{mark}"


def as_number():
    """Number(text); None where that is NaN."""

    def read(text):
        if text is None:
            return None
        inner = text.strip(BLANKS)
        if inner == "":
            return 0.0
        if DECIMAL.fullmatch(inner) or INFINITE.fullmatch(inner):
            return float(inner)
        if not WHOLE.fullmatch(inner):
            return None
        try:
            return float(int(inner, 0))
        except OverflowError:
            return float("inf")

    return read


def split_hash(seed):
    """hash32 of `split:` and the key, over UTF-16 units."""
    start = (0x811C9DC5 ^ seed) & MASK

    def read(key):
        if key is None:
            return None
        hashed = start
        units = f"split:{key}".encode("utf-16-le", "surrogatepass")
        for at in range(0, len(units), 2):
            hashed = ((hashed ^ (units[at] | units[at + 1] << 8)) * 0x01000193) & MASK
        hashed = ((hashed ^ (hashed >> 16)) * 0x85EBCA6B) & MASK
        hashed = ((hashed ^ (hashed >> 13)) * 0xC2B2AE35) & MASK
        return float(hashed ^ (hashed >> 16))

    return read


def matches(pattern):
    """Whether a pattern, as core/sql/patterns.ts writes it for Python, is found: 1 or 0."""
    search = re.compile(pattern).search
    return lambda text: None if text is None else float(search(text) is not None)


EPOCH = re.compile(r"-?[0-9]{1,16}")
ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?"
    rf"([{BLANKS}]*)(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
)
LAST_TIME = 8.64e15
DAY = 86_400_000


def parse_time():
    """parseTime: milliseconds since 1970; None where the text is no time."""

    def read(text):
        if text is None:
            return None
        inner = text.strip(BLANKS)
        if EPOCH.fullmatch(inner) and abs(int(inner)) <= LAST_TIME:
            return float(int(inner))
        found = ISO.fullmatch(inner)
        return None if found is None else time_of(inner, found)

    return read


def time_of(text, found):
    year, month, day, hour, minute, second, fraction, blanks, zone = found.groups()
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
        return None
    clock = [int(part or 0) for part in (hour, minute, second)]
    if clock[0] > 24 or clock[1] > 59 or clock[2] > 59:
        return None
    thousandths = int(((fraction or "") + "000")[:3])
    within = ((clock[0] * 60 + clock[1]) * 60 + clock[2]) * 1000 + thousandths
    if within > DAY:
        return None
    if zone in (None, "Z"):
        zone = "+00:00"
    if int(zone[1:3]) > 23 or int(zone[-2:]) > 59:
        return None
    offset = (int(zone[1:3]) * 60 + int(zone[-2:])) * 60_000 * (-1 if zone[0] == "-" else 1)
    return float(days(int(year), int(month), int(day)) * DAY + within - offset)


def days(year, month, day):
    """Since 1970, by the Gregorian calendar; a day past its month is one of the next."""
    shifted = year - (month <= 2)
    era, of_era = divmod(shifted, 400)
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


# A number past this is none of 32 bits.
LARGEST = 3.4028235677973366e38


def unless_vector(mark, name):
    """Of a width, a space and a list: None where it is a list of so many finite numbers, else what `afterwards` gives."""
    later = afterwards(mark, name)

    def read(text):
        if text is None:
            return None
        width, _, given = text.partition(" ")
        return None if is_vector(given, int(width)) else later(text)

    return read


def is_vector(text, width):
    try:
        found = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and len(found) == width and all(map(is_finite, found))


def is_finite(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -LARGEST < value < LARGEST


def refuse(constant):
    raise ValueError(constant)


KNOWN = {
    "always": afterwards,
    "vector": unless_vector,
    "parse_time": parse_time,
    "number_text": number_text,
    "as_number": as_number,
    "split_hash": split_hash,
    "matches": matches,
}
