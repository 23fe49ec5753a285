"""Numbers as they are calculated with (`plain`) and as people write them (`shown`)."""

import math
from dataclasses import dataclass

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
SIGNS = ["$", "€", "£"]
MONEY_WORDS = ["dollars", "euros", "pounds", "francs", "rupees", "crowns", "pesos", "yen"]


@dataclass
class Number:
    plain: str
    shown: str

    @property
    def value(self):
        return float(self.plain)


def words(n):
    """English words for 0..999,999."""
    if n < 20:
        return ONES[n]
    if n < 100:
        return TENS[n // 10] + ("-" + ONES[n % 10] if n % 10 else "")
    if n < 1000:
        return ONES[n // 100] + " hundred" + (" and " + words(n % 100) if n % 100 else "")
    return words(n // 1000) + " thousand" + (" " + words(n % 1000) if n % 1000 else "")


def plain(value):
    """Shortest decimal text of a number drawn by a generator (at most 6 decimals)."""
    if float(value) == int(value):
        return str(int(value))
    return f"{value:.6f}".rstrip("0").rstrip(".")


def shown(text, rng, spell=0.06, commas=0.45):
    """A surface form of a plain number: digits, thousands separators or words."""
    if text.isdigit():
        n = int(text)
        if rng.random() < spell and (n <= 120 or (n < 100_000 and n % 100 == 0) or rng.random() < 0.04):
            return words(n)
        if n >= 1000 and rng.random() < commas:
            return f"{n:,}"
    return text


def integer(rng, low=2, high=9999):
    """An integer, uniform in its logarithm, so that every length is met equally often."""
    x = math.exp(rng.uniform(math.log(low), math.log(high + 1)))
    return max(low, min(high, int(x)))


def round_off(n, rng, low, high):
    """People ask about round numbers, and repeated digits are the hardest to copy."""
    k = rng.random()
    if k < 0.25 or n > 20_000 and k < 0.7:
        n = int(float(f"{n:.2g}"))
    elif k < 0.36:
        n = int(float(f"{n:.1g}"))
    elif k < 0.41 and n > 100:
        n = int(str(n)[0] * len(str(n))) if k < 0.39 else 10 ** len(str(n)) - 1
    return max(low, min(high, n))


def number(rng, low=2, high=None, decimals=0.15, spell=0.06):
    """A random positive number, now and then with one or two decimals. Without `high` most
    have up to four digits: long ones cost many tokens and teach little more."""
    if high is None:
        high = rng.choice([99, 999, 999, 9999, 9999, 99_999, 2_000_000])
    n = round_off(integer(rng, low, high), rng, low, high)
    if n > 20_000:
        decimals /= 4
    text = str(n)
    if rng.random() < decimals:
        text = plain(n + (rng.randint(1, 9) / 10 if rng.random() < 0.5 else rng.randint(1, 99) / 100))
    return Number(text, shown(text, rng, spell))


def price(rng, low=1, high=400):
    """An amount of money without its sign."""
    k = rng.random()
    if k < 0.45:
        text = str(round_off(integer(rng, low, high), rng, low, high))
    else:
        cents = rng.choice([0.5, 0.25, 0.99, 0.75, 0.95, 0.2, 0.4, 0.1, rng.randint(1, 99) / 100])
        text = plain(integer(rng, low, max(low + 1, high // 4)) + cents)
    show = text
    if "." in text and len(text.split(".")[1]) == 1 and rng.random() < 0.5:
        show = text + "0"
    elif text.isdigit() and int(text) >= 1000 and rng.random() < 0.5:
        show = f"{int(text):,}"
    return Number(text, show)


def percent(rng):
    k = rng.random()
    if k < 0.4:
        return plain(rng.choice([5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 12, 18, 8]))
    if k < 0.75:
        return str(rng.randint(1, 99))
    if k < 0.96:
        return plain(rng.choice([rng.randint(1, 99) + 0.5, rng.randint(0, 39) + rng.randint(1, 9) / 10, rng.randint(0, 30) + 0.25]))
    return str(rng.randint(100, 300))
