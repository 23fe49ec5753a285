"""Everyday calculations with a fixed shape: time constants, temperatures, circles,
signed numbers, fractions, interest, dozens. Each maker returns (question, expression,
answer pattern) like those of `arithmetic.py`."""

from numerals import integer, number, percent, price

SPANS = [
    ("seconds", "a minute", "60"), ("seconds", "an hour", "60*60"), ("seconds", "a day", "24*60*60"), ("minutes", "a day", "24*60"),
    ("hours", "a week", "7*24"), ("minutes", "a week", "7*24*60"), ("hours", "a year", "365*24"), ("minutes", "an hour", "60"),
    ("days", "a year", "365"), ("months", "a decade", "10*12"), ("weeks", "a decade", "10*52"), ("seconds", "a week", "7*24*60*60"),
]
SPAN = "How many {u} are in {s}?|How many {u} are there in {s}?|{u} in {s}?|How many {u} does {s} have?|Calculate the number of {u} in {s}.|how many {u} in {s}|What is {s} in {u}?|how many {u} make {s}"
TO_FAHRENHEIT = "What is {a} degrees Celsius in Fahrenheit?|Convert {a} °C to °F.|{a} Celsius in Fahrenheit|{a}°C in °F|How much is {a} C in F?|it's {a} degrees celsius, what's that in fahrenheit|Turn {a} degrees Celsius into Fahrenheit."
TO_CELSIUS = "What is {a} degrees Fahrenheit in Celsius?|Convert {a} °F to °C.|{a} Fahrenheit in Celsius|{a}°F in °C|How much is {a} F in C?|it's {a} degrees fahrenheit, what's that in celsius|Turn {a} degrees Fahrenheit into Celsius."
CIRCLE_AREA = "What is the area of a circle with radius {a}?|Area of a circle of radius {a}?|A circle has a radius of {a}. What is its area?|find the area of a circle, radius {a}|How big is a round table of radius {a}?"
CIRCLE_ROUND = "What is the circumference of a circle with radius {a}?|Circumference of a circle of radius {a}?|How long is the edge of a circle with radius {a}?|a circle has radius {a}, what is its circumference"
SIGNED = {
    "+": "What is {a} + {b}?|{a} plus {b}|add {b} to {a}|Calculate {a} + {b}.|{a}+{b}|the sum of {a} and {b}?",
    "-": "What is {a} - {b}?|{a} minus {b}|subtract {b} from {a}|Calculate {a} - {b}.|{a} less {b}",
    "*": "What is {a} * {b}?|{a} times {b}|multiply {a} by {b}|Calculate {a} × {b}.|the product of {a} and {b}?",
    "/": "What is {a} / {b}?|{a} divided by {b}|divide {a} by {b}|Calculate {a} ÷ {b}.",
}
FRACTION_SUM = "What is {x} {o} {y}?|{x} {o} {y}|Calculate {x} {o} {y}.|compute {x}{o}{y}|how much is {x} {o} {y}?|{x} {w} {y}|What's {x} {w} {y}?"
DECIMAL = "What is {x} as a decimal?|{x} as a decimal|Write {x} as a decimal number.|convert {x} to a decimal|{x} in decimals?|turn the fraction {x} into a decimal"
SIMPLE = "{a} at {p} simple interest for {n} years: how much interest?|What is the simple interest on {a} at {p} for {n} years?|How much interest does {a} earn in {n} years at {p} simple interest?|I borrow {a} at {p} yearly simple interest for {n} years. How much interest do I pay?|simple interest on {a}, {p}, {n} years"
COMPOUND = "{a} grows {p} a year for {n} years. What is it worth then?|What is {a} worth after {n} years at {p} compound interest?|I invest {a} at {p} compounded yearly for {n} years. What do I have?|{a} at {p} compound interest, {n} years, final amount?|How much is {a} after {n} years with {p} growth a year?"
DOZENS = "How many are {a} dozen?|{a} dozen {t}, how many is that?|How many {t} are in {a} dozen?|I bought {a} dozen {t}. How many {t} are those?|{a} dozen is how many?"
SHARE_LEFT = "What is left of {a} when {k} friends take {b} each?|{k} people take {b} each from {a}. What remains?|From {a} I give {b} to each of {k} children. How much is left?|{a} minus {k} times {b}"
THINGS = "eggs roses rolls cookies pens plates oranges bottles".split()


class Everyday:
    """Mixin for `Arithmetic`: needs `self.rng`, `self.one`, `self.untidy`."""

    def say(self, wordings, **slots):
        return self.untidy(self.one(wordings).format(**slots))

    def span(self):
        u, s, expression = self.rng.choice(SPANS)
        return self.say(SPAN, u=u, s=s), expression, f"There are {{r}} {u} in {s}."

    def temperature(self):
        r = self.rng
        if r.random() < 0.5:
            a = str(r.choice([5 * r.randint(-4, 30), r.randint(-20, 120)]))
            return self.say(TO_FAHRENHEIT, a=a), f"{a}*9/5+32", f"{a} °C is {{r}} °F."
        a = str(r.choice([32 + 9 * r.randint(0, 22), 9 * r.randint(4, 24) + 5]))
        return self.say(TO_CELSIUS, a=a), f"({a}-32)*5/9", f"{a} °F is {{r}} °C."

    def circle(self):
        a = number(self.rng, 1, 90, 0.2, 0).plain
        if self.rng.random() < 0.6:
            return self.say(CIRCLE_AREA, a=a), f"3.14159*{a}^2", "The area is about {r}."
        return self.say(CIRCLE_ROUND, a=a), f"2*3.14159*{a}", "The circumference is about {r}."

    def signed(self):
        """At least one operand is negative."""
        r, op = self.rng, self.rng.choice("+-*/")
        x, y = integer(r, 1, 300), integer(r, 2, 60)
        if op == "/":
            x = y * integer(r, 2, 60)
        a, b = r.choice([(-x, y), (-x, y), (-x, -y), (x, -y)])
        word = r.random()
        sign = "minus " if word < 0.2 else "negative " if word < 0.35 else "-"
        shown_a, shown_b = (f"{sign}{-n}" if n < 0 else str(n) for n in (a, b))
        expression = f"{a}{op}({b})" if b < 0 else f"{a}{op}{b}"
        return self.say(SIGNED[op], a=shown_a, b=shown_b), expression, "The answer is {r}."

    def fractions(self):
        r = self.rng
        bottoms = [2, 4, 5, 8, 10, 20] if r.random() < 0.7 else [3, 6, 7, 9, 12]
        if r.random() < 0.35:
            b = r.choice(bottoms)
            x = f"{r.randint(1, b * 2)}/{b}"
            return self.say(DECIMAL, x=x), x, f"{x} is {{r}}."
        b, d = r.choice(bottoms), r.choice(bottoms)
        x, y = f"{r.randint(1, b)}/{b}", f"{r.randint(1, d)}/{d}"
        o, w = r.choice([("+", "plus"), ("+", "plus"), ("-", "minus")])
        return self.say(FRACTION_SUM, x=x, y=y, o=o, w=w), f"{x}{o}{y}", "The answer is {r}."

    def interest(self):
        r = self.rng
        p = r.choice([1, 2, 2.5, 3, 4, 5, 6, 8, 10])
        n, sign = r.randint(2, 10), r.choice(["$", "€", "£", ""])
        a = r.choice([100, 200, 500, 1000, 1200, 1500, 2000, 3000, 5000, 10000, integer(r, 100, 9000)])
        slots = {"a": sign + (f"{a:,}" if r.random() < 0.5 else str(a)), "p": f"{p}{r.choice(['%', '%', ' percent'])}", "n": n}
        if r.random() < 0.5:
            return self.say(SIMPLE, **slots), f"{a}*{p}/100*{n}", f"The interest is {sign}{{r}}."
        return self.say(COMPOUND, **{**slots, "n": min(n, 3)}), f"{a}*(1+{p}/100)^{min(n, 3)}", f"It is then {sign}{{r}}."

    def dozens(self):
        a = number(self.rng, 2, 60, 0, 0.3)
        return self.say(DOZENS, a=a.shown, t=self.rng.choice(THINGS)), f"{a.plain}*12", "That is {r}."

    def remaining(self):
        r = self.rng
        k, b = number(r, 2, 12, 0, 0.3), number(r, 2, 40, 0, 0.05)
        a = int(k.plain) * int(b.plain) + integer(r, 2, 300)
        return self.say(SHARE_LEFT, a=a, b=b.shown, k=k.shown), f"{a}-{k.plain}*{b.plain}", "{r} is left."

    def tip_total(self):
        """Tip and total per person: one expression."""
        r = self.rng
        p, a, n = percent(r), price(r, 10, 300), r.randint(2, 9)
        sign = r.choice(["$", "€", "£"])
        wordings = "A bill of {a} plus {p}% tip is split {n} ways. How much each?|{n} people share a {a} bill with a {p}% tip. What does each pay?|split {a} plus {p}% between {n} people|Dinner was {a}; with {p}% tip, what is my share among {n}?"
        return self.say(wordings, a=sign + a.shown, p=p, n=n), f"{a.plain}*(100+{p})/100/{n}", f"Each pays {sign}{{r}}."
