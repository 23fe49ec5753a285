"""People, things and places that fill the slots of a story."""

FIRST = (
    "Anna Ben Carla David Emma Frank Grace Hugo Irene Jack Kate Liam Maria Noah Olivia Peter Quinn Rosa Sam Tina "
    "Umar Vera Will Xena Yusuf Zoe Aisha Bob Chen Diego Elena Farid Gina Hassan Ivan Julia Karim Lena Mike Nina Omar "
    "Paula Raj Sofia Tom Uma Victor Wendy Leo Amy Mary John Sarah James Linda Paul Lucy Mark Jane Alice Tim Priya Kofi "
    "Mei Ravi Lisa Ahmed Fatima Carlos Ana Daniel Ella George Hannah Isaac Joy Kevin Luis Mona Nadia Oscar Pia Rui "
    "Sven Tara Ugo Vik Yara Zane Bella Cora Dora Eve Finn Gus Hope Ida Jo Ken Lou Max Ned Ora Pam Ray Sue Ted Una Val"
).split()
ITEMS = (
    "apples oranges books pencils marbles stickers cookies stamps coins cards eggs candles balloons shells beads toys "
    "bottles cupcakes flowers photos tickets badges crayons muffins peaches plums lemons nuts buttons ribbons magnets "
    "posters keys plates cups sandwiches pens notebooks bananas pears tomatoes potatoes bricks tiles chairs lamps mugs "
    "seeds roses sweets pies cakes games puzzles leaflets letters envelopes postcards acorns pebbles berries cherries "
    "onions carrots boxes jars hats scarves gloves socks shirts towels spoons forks bowls tins logs planks nails screws "
    "bolts bulbs batteries magazines comics records dolls kites blocks figurines tokens biscuits buns rolls pretzels"
).split()
PRICED = (
    "notebook|pen|shirt|book|ticket|sandwich|coffee|hat|lamp|chair|toy|ball|cake|pizza|mug|bag|table|umbrella|plant|"
    "magazine|burger|poster|tent|candle|backpack|keyboard|cable|tyre|bike|helmet|blanket|pillow|jacket|game|phone|watch|"
    "radio|camera|kettle|pan|rug|mirror|sofa|desk|bed|guitar|drum|kite|puzzle|coat|dress|skirt|ring|necklace|printer|"
    "monitor|speaker|toaster|fan|heater|ladder|hammer|drill|shovel|bucket|broom|vase|clock|wallet|belt|tie"
).split("|")
FOODS = "soup rice pasta bread curry salad stew pizza porridge chilli lasagne noodles".split()
ANIMALS = "dogs cats sheep goats hens ducks rabbits horses cows pigs geese donkeys".split()
JOBS = "teacher driver nurse baker farmer clerk painter plumber gardener cook tailor builder waiter guard".split()
SHOPS = ["the corner shop", "the bakery", "the market", "the bookshop", "the farm stall", "the kiosk"]
CURRENCIES = ["dollars", "euros", "pounds", "coins", "francs", "crowns"]
UNITS = ["metres", "litres", "kilos", "miles", "grams"]

_ONSETS = ["b", "br", "c", "ch", "d", "dr", "f", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w", ""]
_NUCLEI = ["a", "e", "i", "o", "u", "ai", "ea", "ie", "ou"]
_CODAS = ["", "", "", "n", "r", "l", "s", "m", "t", "nd", "rk", "ll"]


def invented(rng, syllables=(1, 3)):
    """A made-up capitalised name."""
    n = rng.randint(*syllables)
    text = "".join(rng.choice(_ONSETS) + rng.choice(_NUCLEI) + rng.choice(_CODAS) for _ in range(n))
    return text[:10].capitalize()


def person(rng):
    return rng.choice(FIRST) if rng.random() < 0.85 else invented(rng, (1, 2))


def two_people(rng):
    a = person(rng)
    b = person(rng)
    while b == a:
        b = person(rng)
    return a, b


def plural(noun):
    if noun.endswith(("ch", "sh", "s", "x")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def entities(rng):
    """Fillers for the entity slots of the phrasing files (data/phrasings/FORMAT.md)."""
    a, b = two_people(rng)
    he, him, his = rng.choice([("he", "him", "his"), ("she", "her", "her")])
    item, item2 = rng.sample(ITEMS, 2)
    return {
        "name": a, "name2": b, "he": he, "him": him, "his": his, "item": item, "item2": item2,
        "food": rng.choice(FOODS), "animal": rng.choice(ANIMALS), "place": invented(rng, (2, 3)),
        "place2": invented(rng, (2, 3)), "shop": rng.choice(SHOPS), "job": rng.choice(JOBS),
        "cur": rng.choice(CURRENCIES), "unit": rng.choice(UNITS),
    }
