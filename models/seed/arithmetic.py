"""A grammar of arithmetic questions: many wordings around few operations.

Each maker returns (question, expression, answer pattern); `{r}` in the pattern stands
for the calculator's result. What a quantity is called, how a request is framed and how
a number is written vary independently of each other.
"""

import re

from everyday import Everyday
from numerals import MONEY_WORDS, ONES, SIGNS, integer, number, percent, price, shown

NOUN_FRAMES = """What is {}?|What's {}?|whats {}|what is {}|Calculate {}.|calculate {}|Compute {}.|compute {} for me|How much is {}?|how much is {}
Can you calculate {}?|Could you work out {}?|Work out {}.|work out {} please|Please compute {}.|Tell me {}.|Find {}.|find {}|I need {}.|I want to know {}.|Do you know {}?|Give me {}.
Can you tell me {}?|Help me find {}.|Figure out {}.|Could you tell me {}?|Quick question: what is {}?|hey, what is {}?|What would {} be?|what does {} come to?|What does {} equal?|What do you get for {}?|{}?|{}|{} = ?|{} =
Please give me {}.|I'd like to know {}.|Any idea what {} is?|Do you happen to know {}?|So what's {}?|And what is {}?|Evaluate {}.|Determine {}.|Let me know {}.|I was wondering what {} is.|Would you compute {}?|My homework asks for {}.|The question is: {}?
{} please|{}, please.|Solve: {}|Solve {}.|Result of {}?|the value of {}?|What's the value of {}?|What is the answer to {}?|What's the result of {}?|I have to find {}. What is it?|Can you do {}?|Can you figure out {}?|Need {} quickly.|Remind me, what is {}?|For my report I need {}.
Use the calculator: {}|Use your calculator to find {}.|With the calculator, what is {}?|Hi, what is {}?|Hello! Could you calculate {}?|Okay, {}?|Right, what's {}?|Sorry to bother you, but what's {}?|Just {} please.|Could I get {}?|May I ask what {} is?|How do I get {}? Just the number.|Check {} for me.|What number is {}?|{}: what is it?|Work this out: {}|Maths question: {}?|can u calc {}|pls calculate {}|i need to know {}|gimme {}"""
VERB_FRAMES = """{}|{}.|Please {}.|please {}|Can you {}?|Could you {}?|{} for me|I want you to {}.|I need you to {}.|hey, {}|{} please|Would you {}?|Help me {}.|What do you get when you {}?|What happens if I {}?|I need to {}.|What is the answer if you {}?
Kindly {}.|Go ahead and {}.|How do I {}? Give me the result.|Let's {}.|What do I get if I {}?|Suppose I {}. What's the result?|If you {}, what do you get?|If I {}, what is left?|Try to {}.|I'd like to {}.|Could you please {}?|What number do you get if you {}?|Now {}.|{} and tell me the result|{}, what's that?|When I {}, what comes out?|Can you quickly {}?|use the calculator to {}|My task: {}."""
NOUN_FRAMES = re.split(r"[|\n]", NOUN_FRAMES)
VERB_FRAMES = re.split(r"[|\n]", VERB_FRAMES)
IF_LEFT = "If I {}, what is left?"

BINARY_NOUNS = {
    "+": "{A} plus {B}|the sum of {A} and {B}|{A} and {B} added together|{A} added to {B}|the total of {A} and {B}|{A} and {B} combined|{B} more than {A}|the result of adding {A} and {B}|{A} and {B} together|{A} and {B} in total|{A} increased by {B}|{A} with {B} added|{A} and another {B}|{A} along with {B}|both {A} and {B} taken together|{A} with {B} more|{A} raised by {B}|the combined total of {A} and {B}|{A} and then {B} more|{A} up by {B}|{A} and {B} altogether|{A} and {B} summed",
    "-": "{A} minus {B}|the difference between {A} and {B}|{A} take away {B}|{A} less {B}|{B} less than {A}|{B} subtracted from {A}|the result of subtracting {B} from {A}|{A} decreased by {B}|{A} reduced by {B}|{A} without {B}|{B} fewer than {A}|{B} taken from {A}|what remains of {A} after removing {B}|{A} with {B} removed|{A} with {B} taken off|{A} down by {B}|the gap between {A} and {B}|the distance from {B} to {A}|{B} below {A}|how much bigger {A} is than {B}|how much more {A} is than {B}|{A} lowered by {B}",
    "*": "{A} times {B}|the product of {A} and {B}|{A} multiplied by {B}|{A} by {B}|{A} lots of {B}|the result of multiplying {A} by {B}|{A} groups of {B}|{A} sets of {B}|{A} copies of {B}|{A} x {B}|{B} taken {A} times|{A} rows of {B}|{A} and {B} multiplied together|{A} and {B} multiplied|{A} packs of {B}|{B} repeated {A} times|{A}-fold {B}|{A} boxes of {B}",
    "/": "{A} divided by {B}|the quotient of {A} and {B}|{A} over {B}|{A} split {B} ways|the result of dividing {A} by {B}|{A} shared equally between {B}|{A} split into {B} equal parts|{A} shared by {B}|the ratio of {A} to {B}|{A} in {B} equal pieces|one {B}th of {A}|how often {B} goes into {A}|how many times {B} fits into {A}|{A} per {B}|the number of {B}s in {A}|{A} shared out among {B} people|{A} spread evenly over {B} days|{A} cut into {B} equal pieces",
}
BINARY_VERBS = {
    "+": "add {A} and {B}|add {B} to {A}|sum {A} and {B}|total up {A} and {B}|put {A} and {B} together|combine {A} and {B}|take {A} and add {B}|start with {A} and add {B}|increase {A} by {B}|add up {A} and {B}|count {A} and {B} together|go {B} up from {A}",
    "-": "subtract {B} from {A}|take {B} away from {A}|take {B} from {A}|deduct {B} from {A}|remove {B} from {A}|take {A} and subtract {B}|reduce {A} by {B}|start at {A} and go down {B}|lower {A} by {B}|have {A} and spend {B}|drop {B} from {A}|knock {B} off {A}",
    "*": "multiply {A} by {B}|multiply {A} and {B}|times {A} by {B}|multiply {A} with {B}|take {A} times {B}|count {B} {A} times over|scale {A} by {B}|scale {A} up by a factor of {B}",
    "/": "divide {A} by {B}|split {A} into {B} equal parts|share {A} among {B}|divide {A} into {B} groups|split {A} between {B} people|share {A} equally with {B} people|cut {A} into {B} pieces|see how many times {B} goes into {A}|break {A} into {B} equal shares",
}
SYMBOLS = {"+": ["+"], "-": ["-", "-", "−"], "*": ["*", "x", "×", "*"], "/": ["/", "÷", "/", ":"]}
ANSWERS = {"+": "The sum is {r}.", "-": "The difference is {r}.", "*": "The product is {r}.", "/": "The quotient is {r}."}
PLAIN_ANSWER = "The answer is {r}."

PERCENT_OF = "{P} of {A}|{P} of {A}|{P} of {A}|{P} from {A}|the {P} share of {A}|{P} of the number {A}|{P} of a total of {A}|a {P} share of {A}|exactly {P} of {A}"
PERCENT_THINGS = "a {P} tip on {A}|a {P} tax on {A}|{P} commission on {A}|a {P} deposit on {A}|{P} interest on {A}|the {P} fee on {A}|{P} VAT on {A}|a {P} service charge on {A}|the tip on {A} at {P}|the tax on {A} at a rate of {P}|sales tax of {P} on {A}|a {P} cut of {A}|a {P} bonus on a salary of {A}|one year's interest on {A} at {P}|the {P} surcharge on {A}|a {P} down payment on {A}"
PERCENT_QUESTIONS = "How much is {P} of {A}?|If I take {P} of {A}, how much is that?|I have to pay {P} of {A}. How much is it?|My bill is {A} and I want to tip {P}. How much is the tip?|The meal was {A}. What's a {P} tip?|{A} at {P}: how much tax is that?|Out of {A}, {P} is mine. How much do I get?|Somebody owes me {P} of {A}; how much?|{P} of {A} goes to charity. How much is that?|We spend {P} of {A} on rent. What is that in money?|what is {P} if the whole is {A}|Take {P} of {A}.|take {P} of {A} please|Find {P} of {A}.|I earn {A} and save {P} of it. How much do I save?|The rate is {P} and the amount {A}. How much is due?|How much tax do I pay on {A} if the rate is {P}?|What's the commission on a sale of {A} at {P}?|From {A} they keep {P}. How much do they keep?"
INCREASE = "{A} plus {P}|{A} with {P} added|{A} increased by {P}|{A} plus {P} tax|{A} plus a {P} tip|{A} after a {P} increase|{A} including {P} VAT|{A} and {P} on top|{A} with a {P} tip|{A} with {P} tax|{A} raised by {P}|{A} after going up {P}|{A} with {P} sales tax|the total for {A} with a {P} service charge|the price with {P} tax on {A}|{P} more than {A}|{A} once {P} is added|{A} plus {P} VAT|{A} with a {P} markup|{A} after {P} growth|a salary of {A} after a {P} raise"
INCREASE_VERBS = "increase {A} by {P}|raise {A} by {P}|add {P} to {A}|add {P} tax to {A}|mark up {A} by {P}|put {P} on top of {A}|add a {P} tip to {A}|grow {A} by {P}|bump {A} up by {P}"
INCREASE_QUESTIONS = "The price of {A} goes up by {P}. What is the new price?|My rent of {A} rises by {P}. What will it be?|A bill of {A} plus a {P} tip: what is the total?|I earn {A} and get a {P} raise. What do I earn now?|Something costs {A} before tax. With {P} tax, what do I pay?|The bill is {A} and I add {P} for the tip. What do I pay in total?|A town of {A} people grew by {P}. How many live there now?|{A} plus tax at {P}, total?|It was {A} last year and is {P} more now. How much is that?|what will {A} be after it rises {P}|A shop buys at {A} and adds {P}. What does it sell for?|If {A} grows by {P}, what is it then?|A {A} investment gains {P}. What is it worth?|Total with {P} tax for {A}?|The net price is {A}; add {P} VAT. What's the gross price?"
DECREASE = "{A} minus {P}|{A} with {P} off|{A} reduced by {P}|{A} after a {P} discount|{P} off {A}|{A} less {P}|the price after {P} off {A}|{A} with a {P} discount|{A} after a {P} cut|{A} decreased by {P}|{P} less than {A}|the sale price of {A} at {P} off|{A} after losing {P}|{A} with {P} taken off|{A} when {P} is deducted|{A} after {P} is knocked off|{A} down {P}|{P} off a price of {A}|{P} off the {A} price|what I pay for {A} with {P} off"
DECREASE_VERBS = "decrease {A} by {P}|reduce {A} by {P}|take {P} off {A}|knock {P} off {A}|discount {A} by {P}|cut {A} by {P}|lower {A} by {P}|remove {P} from {A}|drop {A} by {P}|deduct {P} from {A}"
DECREASE_QUESTIONS = "The price was {A} and it is {P} off. What do I pay?|A {A} jacket is on sale for {P} off. How much is it now?|With a {P} coupon, what does a {A} order cost?|My salary of {A} was cut by {P}. What is it now?|The value fell {P} from {A}. What is it now?|Everything is {P} off. What do I pay for something that was {A}?|I get a staff discount of {P} on {A}. What do I pay?|A car worth {A} loses {P} of its value. What is it worth now?|It costs {A}, minus {P}. Final price?|{A}, but {P} off. How much?|what is left of {A} after {P} is gone|How much do I pay for a {A} item at {P} off?|The sticker says {A} and the sale is {P} off; the price now?|A population of {A} shrank by {P}. How many are left?|If a {A} ticket is discounted by {P}, what does it cost?|After a {P} rebate on {A}, what remains?"
WHAT_PERCENT = "What percentage of {B} is {A}?|{A} is what percent of {B}?|What percent is {A} of {B}?|{A} out of {B} as a percentage|express {A} as a percentage of {B}|I got {A} out of {B}, what percent is that?|what % of {B} is {A}|{A} out of {B} is how many percent?|How many percent of {B} is {A}?|As a percentage of {B}, what is {A}?|what per cent of {B} is {A}?|{A}/{B} as a percent|Write {A} out of {B} as a percentage.|My score was {A} of {B}. What percentage is it?|{A} of the {B} people voted. What percent voted?|We finished {A} of {B} pages. What percent is done?|Out of {B} seats, {A} are taken. What percentage is that?|{A} in {B}: percentage?|If {A} of {B} are red, what percent are red?|what share of {B} is {A}, in percent?|percentage of {A} in {B}?|{A} from {B}, how many percent?|What portion of {B}, in percent, does {A} make?|turn {A} out of {B} into a percentage|By what percent does {A} make up {B}?|how much percent is {A} of {B}"
PERCENT_CHANGE = "What is the percent change from {A} to {B}?|percentage change from {A} to {B}|From {A} to {B}, what is the change in percent?|It went from {A} to {B}. What is the percentage change?|{A} became {B}. By what percent did it change?|By how many percent did it change from {A} to {B}?|The price moved from {A} to {B}. Percent change?|what's the percent difference going from {A} to {B}|Our sales were {A} and are now {B}; what is the change in percent?|how many percent is the move from {A} to {B}?|find the percent change: {A} to {B}"
PERCENT_RISE = "What is the percent increase from {A} to {B}?|The price rose from {A} to {B}. What percent is that?|By what percentage did {A} grow to reach {B}?|{A} went up to {B}: percent increase?|My pay rose from {A} to {B}. How many percent is that?|Visitors went up from {A} to {B}. What's the growth in percent?|how much percent did it go up from {A} to {B}?|If it climbs from {A} to {B}, how many percent is the gain?|percentage increase from {A} to {B}|By how many percent does {B} exceed {A}?|What growth rate takes {A} to {B}?"
PERCENT_FALL = "What is the percent decrease from {A} to {B}?|The price fell from {A} to {B}. What percent is that?|By what percentage did it drop from {A} to {B}?|{A} went down to {B}: percent decrease?|A jacket was {A} and is now {B}. What is the discount in percent?|how many percent off is it from {A} to {B}?|It shrank from {A} to {B}. How many percent is the loss?|percentage drop from {A} to {B}|By how many percent is {B} less than {A}?|I weighed {A} and now {B}. What percent did I lose?|reduced from {A} to {B}, what percent discount is that"
PERCENT_WHOLE = "{A} is {P} of what?|{A} is {P} of what number?|If {P} is {A}, what is the whole?|If {A} is {P} of the total, what is the total?|of what number is {A} {P}?|{P} of a number is {A}. What is the number?|I paid {A}, which is {P} of the price. What is the price?|{A} is only {P} of my goal. What is the goal?|what is 100% if {P} is {A}"

SQUARE = "{a} squared|the square of {a}|{a} to the second power|{a} to the power of 2|{a}²|{a} to the power of two|{a} times itself|the second power of {a}"
CUBE = "{a} cubed|the cube of {a}|{a} to the third power|{a} to the power of three|{a}³|the third power of {a}"
POWER = "{a}^{e}|{a} to the power of {e}|{a} raised to {e}|{a} to the {e}th power|{a}**{e}|the power {a}^{e}|{a} raised to the power {e}|{a} to the {e}th|{a} ^ {e}|{a} to the power {e}|{a} multiplied by itself {e} times|the {e}th power of {a}|{a} raised to the {e}th power"
ROOT = "the square root of {a}|sqrt({a})|sqrt of {a}|square root of {a}|√{a}|the root of {a}|sqrt {a}|root {a}|the positive square root of {a}|the side of a square with area {a}|the number whose square is {a}|the length of one side of a square of area {a}"
ROOT_QUESTIONS = "take the square root of {a}|Which number squared gives {a}?|What number times itself is {a}?|find the number that squared makes {a}|A square has an area of {a}. How long is its side?|What must I square to get {a}?"
AVERAGE = "the average of {l}|the mean of {l}|the arithmetic mean of {l}|the average value of {l}|the mean value of {l}|the average of these: {l}|the mean of the numbers {l}|the average of the numbers {l}"
AVERAGE_QUESTIONS = "Average {l}.|average these numbers: {l}|My scores were {l}. What is my average?|I got {l}. What's the mean?|What do {l} average out to?|the temperatures were {l}; what was the average?|Find the mean: {l}|On average, how much is {l}?|{l} - average?|We measured {l}. Give me the mean.|Mean of {l}?|avg of {l}|I ran {l} km. What's my average distance?"
LIST_SUM = "the sum of {l}|the total of {l}|{l} added together|{l} in total|{l} altogether|the sum of these numbers: {l}|{l} combined|all of {l} added up"
LIST_QUESTIONS = "Add {l}.|add up {l}|Sum up {l}.|total these: {l}|I spent {l}. How much is that in total?|What do {l} come to?|My receipts are {l}. What's the total?|Total of {l}?|add these numbers: {l}|How much do {l} make together?|Put together {l}."
PRODUCT_LIST = "the product of {l}|{l} multiplied together|the product of the numbers {l}|{l} all multiplied"
FRACTIONS = [
    ("half of {A}", "/2"), ("one half of {A}", "/2"), ("half {A}", "/2"), ("a third of {A}", "/3"), ("one third of {A}", "/3"),
    ("a quarter of {A}", "/4"), ("one fourth of {A}", "/4"), ("a fifth of {A}", "/5"), ("a sixth of {A}", "/6"),
    ("an eighth of {A}", "/8"), ("a tenth of {A}", "/10"), ("a hundredth of {A}", "/100"), ("a twelfth of {A}", "/12"),
    ("two thirds of {A}", "*2/3"), ("three quarters of {A}", "*3/4"), ("three fourths of {A}", "*3/4"),
    ("two fifths of {A}", "*2/5"), ("three fifths of {A}", "*3/5"), ("five eighths of {A}", "*5/8"), ("four fifths of {A}", "*4/5"),
    ("five sixths of {A}", "*5/6"), ("seven tenths of {A}", "*7/10"), ("double {A}", "*2"), ("twice {A}", "*2"), ("two times {A}", "*2"),
    ("triple {A}", "*3"), ("three times {A}", "*3"), ("thrice {A}", "*3"), ("quadruple {A}", "*4"), ("four times {A}", "*4"),
    ("ten times {A}", "*10"), ("five times {A}", "*5"), ("a dozen times {A}", "*12"), ("one and a half times {A}", "*1.5"), ("two and a half times {A}", "*2.5"),
    ("1/4 of {A}", "*1/4"), ("2/3 of {A}", "*2/3"), ("3/4 of {A}", "*3/4"), ("1/2 of {A}", "*1/2"), ("3/8 of {A}", "*3/8"), ("1/5 of {A}", "*1/5"),
    ("a dozen {A}s", "*12"), ("the double of {A}", "*2"), ("{A} doubled", "*2"), ("{A} halved", "/2"), ("{A} tripled", "*3"), ("a quarter {A}", "/4"),
]
CONVERSIONS = [
    ("hours", "minutes", "*60"), ("minutes", "hours", "/60"), ("minutes", "seconds", "*60"), ("seconds", "minutes", "/60"),
    ("days", "hours", "*24"), ("hours", "days", "/24"), ("weeks", "days", "*7"), ("days", "weeks", "/7"), ("years", "months", "*12"),
    ("months", "years", "/12"), ("years", "weeks", "*52"), ("hours", "seconds", "*3600"), ("kilometres", "metres", "*1000"), ("metres", "kilometres", "/1000"),
    ("km", "m", "*1000"), ("m", "cm", "*100"), ("cm", "m", "/100"), ("metres", "centimetres", "*100"), ("centimetres", "metres", "/100"), ("cm", "mm", "*10"), ("mm", "cm", "/10"),
    ("kilograms", "grams", "*1000"), ("grams", "kilograms", "/1000"), ("kg", "g", "*1000"), ("g", "kg", "/1000"), ("tonnes", "kilograms", "*1000"),
    ("litres", "millilitres", "*1000"), ("millilitres", "litres", "/1000"), ("ml", "litres", "/1000"), ("dozen", "pieces", "*12"),
    ("inches", "centimetres", "*2.54"), ("inches", "cm", "*2.54"), ("feet", "inches", "*12"), ("inches", "feet", "/12"), ("yards", "feet", "*3"),
    ("miles", "kilometres", "*1.609"), ("dollars", "cents", "*100"), ("cents", "dollars", "/100"), ("euros", "cents", "*100"), ("pence", "pounds", "/100"), ("decades", "years", "*10"), ("centuries", "years", "*100"),
]
CONVERT = "How many {v} are in {A} {u}?|How many {v} is {A} {u}?|convert {A} {u} to {v}|{A} {u} in {v}|What is {A} {u} in {v}?|change {A} {u} into {v}|how many {v} are there in {A} {u}?|Express {A} {u} in {v}.|turn {A} {u} into {v}|{A} {u} to {v}|{A} {u} equals how many {v}?|I have {A} {u}, how much is that in {v}?|Convert {A} {u} into {v}, please.|What are {A} {u} in {v}?|{A} {u} - how many {v}?|It took {A} {u}. How many {v} is that?|Give me {A} {u} in {v}.|how many {v} make {A} {u}?"
CHAIN_OPENERS = "Take {x}, {i} and then {w}.|Start with {x}, {i}, then {w}.|Begin with {x}. {I}. {W}. What is it?|If I take {x}, {i} and {w}, what do I get?|{x}: {i}, then {w}|Pick {x}, {i}, {w}. Result?|I think of {x}, {i} and then {w}. Where do I end up?|{I} to... no, start from {x}: {i}, {w}.|From {x}, {i}, afterwards {w}. Answer?"
CHAIN_STEPS = {"+": "add {b}|add another {b}|put on {b}|plus {b}", "-": "subtract {b}|take away {b}|remove {b}|minus {b}|take off {b}", "*": "multiply by {b}|times it by {b}|multiply the result by {b}", "/": "divide by {b}|split it by {b}|divide the result by {b}"}


class Arithmetic(Everyday):
    """Draws arithmetic questions with a given random generator."""

    KINDS = {
        "binary": 20, "symbols": 12, "percent_of": 16, "increase": 7, "decrease": 8, "what_percent": 7, "change": 6, "whole": 2,
        "power": 6, "root": 5, "average": 6, "sum": 4, "fraction": 6, "convert": 6, "chain": 4, "spelled": 4, "product": 1, "money": 4, "rounded": 2,
        "span": 1, "temperature": 2, "circle": 1, "signed": 3, "fractions": 3, "interest": 2, "dozens": 1, "remaining": 1, "tip_total": 1,
    }

    def __init__(self, rng):
        self.rng = rng

    def one(self, choices):
        return self.rng.choice(choices.split("|") if isinstance(choices, str) else choices)

    def frame(self, noun):
        return self.one(NOUN_FRAMES).format(noun)

    def order(self, verb):
        text = self.one(VERB_FRAMES)
        return ("If I {}, what do I get?" if text == IF_LEFT else text).format(verb)

    def ask(self, nouns, verbs="", questions="", **slots):
        """A question from one of three groups of wordings, weighted by their numbers."""
        groups = [(self.frame, nouns, 30), (self.order, verbs, 12), (str, questions, 22)]
        groups = [g for g in groups if g[1]]
        put, wordings, _ = self.rng.choices(groups, [g[2] for g in groups])[0]
        return self.untidy(put(self.one(wordings).format(**slots)))

    def untidy(self, text):
        """Capitals, punctuation and courtesies as they come in real life."""
        r = self.rng
        if r.random() < 0.6:
            text = text[:1].upper() + text[1:]
        if r.random() < 0.12:
            text = text.lower()
        if r.random() < 0.12:
            text = text.rstrip("?.")
        if r.random() < 0.05:
            text = r.choice(["hello, ", "hi there, ", "ok, ", "okay so ", "hey ", "um, ", "now ", "Also, ", "alright, ", "Good morning! ", "Hi! ", "yo "]) + text
        if r.random() < 0.05:
            text += r.choice([" thanks", " thank you!", " please", " :)", " asap", " thx", " Thanks.", " cheers", " I'm in a hurry."])
        return text

    def amount(self, low=5, high=9000):
        """A number with or without a currency: (Number, surface, answer pattern for {r})."""
        r, k = self.rng, self.rng.random()
        if k < 0.55:
            n = number(r, low, high if r.random() < 0.9 else 900_000)
            return n, n.shown, "{r}"
        n = price(r, low, high)
        if k < 0.85:
            sign = r.choice(SIGNS)
            return n, sign + n.shown, sign + "{r}"
        word = r.choice(MONEY_WORDS)
        return n, f"{n.shown} {word}", "{r} " + word

    def percent_text(self):
        p = percent(self.rng)
        return p, p + self.rng.choice(["%", "%", "%", "%", " percent", " per cent", " %"])

    def pair(self, op):
        """Two operands; divisions mostly come out even, differences mostly positive."""
        r = self.rng
        a, b = number(r), number(r)
        if r.random() < 0.45:
            a, b = number(r, 2, 999, 0.1), number(r, 2, 999, 0.1)
        if op == "-" and a.value < b.value and r.random() < 0.85:
            a, b = b, a
        if op == "*" and r.random() < 0.6:
            b = number(r, 2, 99, 0.15)
        if op == "/":
            b = number(r, 2, 60, 0.05)
            if r.random() < 0.7 and b.plain.isdigit():
                text = str(int(b.plain) * integer(r, 2, 3000))
                a.plain, a.shown = text, shown(text, r)
        return a, b

    def draw(self):
        """(question, expression, answer pattern)"""
        kind = self.rng.choices(list(self.KINDS), list(self.KINDS.values()))[0]
        return getattr(self, kind)()

    def binary(self):
        op = self.rng.choice("+-*/")
        a, b = self.pair(op)
        nouns, verbs = BINARY_NOUNS[op], BINARY_VERBS[op]
        expression = f"{a.plain}{op}{b.plain}"
        return self.ask(nouns, verbs, A=a.shown, B=b.shown), expression, ANSWERS[op]

    def number_text(self, digits=(1, 2, 2, 3, 4)):
        r = self.rng
        n = r.choice(digits)
        return number(r, 10 ** (n - 1) + (n == 1), 10**n - 1, 0.1, 0).plain

    def symbols(self):
        """An expression in symbols, copied with plain operators."""
        r, n = self.rng, self.number_text
        ops = [r.choice("+-*/") for _ in range(3)]
        a, b, c, d = n(), n(), n(), n()
        form = r.randrange(7)
        if form <= 1:
            x, y = self.pair(ops[0])
            text = f"{x.plain}{ops[0]}{y.plain}"
        elif form == 2:
            text = f"{a}{ops[0]}{b}{ops[1]}{c}"
        elif form == 3:
            text = f"({a}{r.choice('+-')}{b}){r.choice('*/')}{c}"
        elif form == 4:
            text = f"{a}{r.choice('*/')}({b}{r.choice('+-')}{c})"
        elif form == 5:
            text = f"{a}{ops[0]}{b}{ops[1]}{c}{ops[2]}{d}"
        else:
            text = f"({a}{ops[0]}{b})*({c}{ops[2]}{d})"
        space = r.choice(["", " ", " "])
        look = {op: r.choice(SYMBOLS[op]) for op in "+-*/"}
        commas = r.random() < 0.4
        question = re.sub(r"\d+(?:\.\d+)?", lambda m: f"{int(m[0]):,}" if commas and m[0].isdigit() else m[0], text)
        question = re.sub(r"[-+*/]", lambda m: space + look[m[0]] + space, question)
        return self.untidy(self.frame(question)), text, PLAIN_ANSWER

    def percent_of(self):
        p, shown_p = self.percent_text()
        a, shown_a, money = self.amount()
        things = self.rng.random() < 0.35
        question = self.ask(PERCENT_THINGS if things else PERCENT_OF, "", PERCENT_QUESTIONS, P=shown_p, A=shown_a)
        return question, f"{a.plain}*{p}/100", f"{shown_p} of {shown_a} is {money}."

    def increase(self):
        p, shown_p = self.percent_text()
        a, shown_a, money = self.amount()
        return self.ask(INCREASE, INCREASE_VERBS, INCREASE_QUESTIONS, P=shown_p, A=shown_a), f"{a.plain}*(100+{p})/100", f"With {shown_p} added it is {money}."

    def decrease(self):
        p, shown_p = self.percent_text()
        while float(p) >= 100:
            p, shown_p = self.percent_text()
        a, shown_a, money = self.amount()
        return self.ask(DECREASE, DECREASE_VERBS, DECREASE_QUESTIONS, P=shown_p, A=shown_a), f"{a.plain}*(100-{p})/100", f"After {shown_p} off it is {money}."

    def what_percent(self):
        r = self.rng
        b = number(r, 4, 9000, 0.05)
        if r.random() < 0.6:
            b = number(r, 1, 1, 0, 0)
            text = str(r.choice([4, 5, 8, 10, 16, 20, 25, 40, 50, 80, 100, 120, 125, 150, 160, 200, 250, 300, 400, 500, 640, 800, 1000, 1200, 2000, 2500, 4000, 5000]))
            b.plain, b.shown = text, shown(text, r, 0.03)
        a = number(r, 1, max(2, int(b.value)), 0.05)
        return self.ask("", "", WHAT_PERCENT, A=a.shown, B=b.shown), f"{a.plain}/{b.plain}*100", "That is {r}%."

    def change(self):
        r = self.rng
        a, sa, _ = self.amount(10, 9000)
        if r.random() < 0.6 and a.plain.isdigit():
            n = r.choice([20, 40, 50, 60, 80, 100, 120, 150, 160, 200, 240, 250, 400, 500, 800, 1000, 1250, 2000])
            sa = sa.replace(a.shown, str(n))
            a.plain = a.shown = str(n)
        low = r.random() < 0.45
        k = r.choice([0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75]) if r.random() < 0.6 else r.uniform(0.02, 0.95)
        value = a.value * ((1 - k) if low else (1 + k))
        text = f"{value:.2f}".rstrip("0").rstrip(".") if value < 50 and "." in a.plain else str(max(1, round(value)))
        if text == a.plain:
            text = str(int(a.value) + 5)
            low = False
        sb = sa.replace(a.shown, shown(text, r, 0))
        big = float(text) > a.value
        wordings = PERCENT_CHANGE if r.random() < 0.35 else (PERCENT_RISE if big else PERCENT_FALL)
        if wordings == PERCENT_FALL:
            return self.ask("", "", wordings, A=sa, B=sb), f"({a.plain}-{text})/{a.plain}*100", "That is a decrease of {r}%."
        if wordings == PERCENT_RISE:
            return self.ask("", "", wordings, A=sa, B=sb), f"({text}-{a.plain})/{a.plain}*100", "That is an increase of {r}%."
        return self.ask("", "", wordings, A=sa, B=sb), f"({text}-{a.plain})/{a.plain}*100", "The change is {r}%."

    def whole(self):
        p, shown_p = self.percent_text()
        a, shown_a, money = self.amount(2, 5000)
        return self.ask("", "", PERCENT_WHOLE, P=shown_p, A=shown_a), f"{a.plain}/{p}*100", f"The whole is {money}."

    def power(self):
        r = self.rng
        a = number(r, 2, 120, 0.12, 0.1)
        e = r.choice([2, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, integer(r, 2, 20)])
        if e > 4:
            a = number(r, 2, 12, 0.05, 0.1)
        words = SQUARE if e == 2 and r.random() < 0.75 else CUBE if e == 3 and r.random() < 0.75 else POWER
        verbs = {SQUARE: "square {a}|multiply {a} by itself|raise {a} to the power of 2", CUBE: "cube {a}|raise {a} to the third power", POWER: "raise {a} to the power of {e}|raise {a} to the {e}th power|take {a} to the power {e}"}[words]
        shown_e = words_or_digits(e, r)
        if words == POWER and "th power" in words and e in (2, 3):
            words = "{a}^{e}|{a} to the power of {e}|{a} raised to {e}|{a}**{e}|{a} to the power {e}"
        return self.ask(words, verbs if e > 3 or words in (SQUARE, CUBE) else "", a=a.shown, e=shown_e if e > 9 else str(e)), f"{a.plain}^{e}", "The power is {r}." if e > 3 else ("The square is {r}." if e == 2 else "The cube is {r}.")

    def root(self):
        r = self.rng
        n = integer(r, 2, 200) ** 2 if r.random() < 0.75 else integer(r, 2, 9999)
        a = shown(str(n), r, 0.04)
        return self.ask(ROOT, "", ROOT_QUESTIONS, a=a), f"sqrt({n})", "The square root is {r}."

    def items(self, low, high, top=(1, 2, 2, 3)):
        r = self.rng
        count = r.randint(low, high)
        sign = r.choice(SIGNS) if r.random() < 0.15 else ""
        digits = r.choice(top)
        xs = [number(r, 10 ** (digits - 1), 10**digits * 3, 0.12, 0.04) for _ in range(count)]
        last = r.choice([" and ", " and ", ", ", ", and "])
        text = ", ".join(sign + x.shown for x in xs[:-1]) + last + sign + xs[-1].shown
        if r.random() < 0.06:
            text = " ".join(sign + x.shown for x in xs)
        return [x.plain for x in xs], text, sign + "{r}"

    def average(self):
        xs, text, money = self.items(2, 5)
        if self.rng.random() < 0.6 and all(x.isdigit() for x in xs[:-1]) and "thousand" not in text:
            total = sum(int(x) for x in xs[:-1])
            last = len(xs) * integer(self.rng, 2, 90) + (-total) % len(xs)
            text = text[: len(text) - len(text.split()[-1])] + money.replace("{r}", str(last))
            xs[-1] = str(last)
        return self.ask(AVERAGE, "", AVERAGE_QUESTIONS, l=text), f"({'+'.join(xs)})/{len(xs)}", f"The average is {money}."

    def sum(self):
        xs, text, money = self.items(3, 6, (1, 2, 2, 3, 4))
        return self.ask(LIST_SUM, "", LIST_QUESTIONS, l=text), "+".join(xs), f"The total is {money}."

    def product(self):
        xs, text, _ = self.items(3, 3, (1, 1, 2))
        return self.ask(PRODUCT_LIST, "multiply {l}|multiply {l} together", l=text), "*".join(xs), "The product is {r}."

    def fraction(self):
        words, tail = self.rng.choice(FRACTIONS)
        a, shown_a, money = self.amount(2, 9000)
        if tail.startswith("/") or "/" in tail:
            divisor = int(tail.split("/")[1])
            if a.plain.isdigit() and self.rng.random() < 0.7:
                text = str(divisor * integer(self.rng, 2, 900))
                shown_a = shown_a.replace(a.shown, text)
                a.plain = a.shown = text
        if "{A}s" in words:
            shown_a = a.shown = a.plain
            money = "{r}"
        return self.ask(words, a=0, A=shown_a), f"{a.plain}{tail}", f"That is {money}."

    def convert(self):
        r = self.rng
        u, v, tail = r.choice(CONVERSIONS)
        a = number(r, 1 + (r.random() < 0.9), 3000, 0.2, 0.08)
        if tail in ("/60", "/24", "/7", "/12") and r.random() < 0.7:
            text = str(int(tail[1:]) * integer(r, 2, 90))
            a.plain, a.shown = text, shown(text, r)
        return self.ask("", "", CONVERT, A=a.shown, u=u, v=v), f"{a.plain}{tail}", f"{a.shown} {u} is {{r}} {v}."

    def chain(self):
        r = self.rng
        x = number(r, 2, 500, 0.05)
        o1, o2 = r.choice("+-*/"), r.choice("+-*/")
        b, c = number(r, 2, 60, 0.03), number(r, 2, 40, 0.03)
        i = self.one(CHAIN_STEPS[o1]).format(b=b.shown)
        w = self.one(CHAIN_STEPS[o2]).format(b=c.shown)
        inner = f"{x.plain}{o1}{b.plain}"
        inner = f"({inner})" if o1 in "+-" and o2 in "*/" else inner
        question = self.one(CHAIN_OPENERS).format(x=x.shown, i=i, w=w, I=i.capitalize(), W=w.capitalize())
        return self.untidy(question), f"{inner}{o2}{c.plain}", "You end up at {r}."

    def spelled(self):
        """Operators, and often numbers, as words: `twelve plus 30 times four`."""
        r = self.rng
        names = {"+": ["plus", "plus", "and"], "-": ["minus", "less", "take away"], "*": ["times", "multiplied by"], "/": ["divided by", "over"]}
        n = r.choice([2, 2, 3])
        xs = [number(r, 2, 200, 0.05, 0.55) for _ in range(n)]
        ops = [r.choice("+-*/") for _ in range(n - 1)]
        text, expression = xs[0].shown, xs[0].plain
        for op, x in zip(ops, xs[1:], strict=True):
            text += f" {r.choice(names[op])} {x.shown}"
            expression += op + x.plain
        return self.untidy(self.frame(text)), expression, PLAIN_ANSWER

    def money(self):
        """Sums and differences of amounts with a currency."""
        r = self.rng
        op = r.choice("+-*/")
        a, sa, money = self.amount(5, 3000)
        b = price(r, 1, 300)
        shape = sa.replace(a.shown, "{}")
        if op in "*/":
            b = number(r, 2, 40, 0)
            sb = b.shown
        else:
            sb = shape.format(b.shown)
        if op == "-" and b.value > a.value:
            a, b, sa, sb = b, a, sb, sa
        nouns = {
            "+": "{A} plus {B}|{A} and {B} together|the sum of {A} and {B}|{A} added to {B}|the total of {A} and {B}",
            "-": "{A} minus {B}|{A} less {B}|the change from {A} after paying {B}|the difference between {A} and {B}|what is left of {A} after spending {B}",
            "*": "{B} times {A}|{B} payments of {A}|{B} tickets at {A} each|{A} times {B}|{B} months at {A} a month|{B} weeks at {A} per week|{B} pieces at {A} apiece",
            "/": "{A} divided by {B}|{A} split between {B} people|{A} shared by {B} friends|each share when {A} is split {B} ways|{A} over {B} months|one of {B} equal payments of {A}",
        }[op]
        return self.untidy(self.frame(self.one(nouns).format(A=sa, B=sb))), f"{a.plain}{op}{b.plain}", f"That is {money}."

    def rounded(self):
        """A long quotient that the answer rounds, because the question asks for it."""
        r = self.rng
        a, b = number(r, 5, 9000, 0.1, 0), number(r, 3, 97, 0, 0)
        ask = r.choice(["{} to two decimals", "{} rounded to 2 decimal places", "{} to 2 decimal places", "{}, rounded to two places", "{} to the nearest hundredth"])
        core = r.choice(["{A} divided by {B}", "{A}/{B}", "{A} / {B}", "{A} over {B}", "{A} ÷ {B}"]).format(A=a.shown, B=b.shown)
        return self.untidy(self.frame(ask.format(core))), f"{a.plain}/{b.plain}", "Rounded to two decimals it is {r2}."


def words_or_digits(n, rng):
    return ONES[n] if n < len(ONES) and rng.random() < 0.2 else str(n)
