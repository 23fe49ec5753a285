"""Talk that needs no tool, follow-up questions, faults, and copy exercises."""

import names
import phrasings
from numerals import integer, number, plain, words

ABOUT = {
    "Hello! How can I help you?": "hi|hello|hey|hello there|good morning|good evening|hi there|hey there|good afternoon|howdy|hiya|greetings|hello assistant|hi bot|yo|morning!|Hello, nice to meet you|hey, are you there?",
    "You're welcome!": "thanks|thank you|thanks a lot|thank you very much|cheers|much appreciated|great, thanks|perfect, thank you|thx|many thanks|that helps, thanks|ty|thanks for the help|Thanks, that was quick|nice, thank you so much|ok thanks|awesome, thanks",
    "I'm Toolwright's seed model, a small assistant that runs on this computer and can calculate.": "who are you?|what are you?|what's your name?|tell me about yourself|are you a robot?|are you human?|what is your name|introduce yourself|who am I talking to?|are you an AI?|what model are you?|do you have a name?|which model is this?|who made you?|are you ChatGPT?|is this a bot?",
    "I can do calculations: sums, percentages, powers, averages and short word problems.": "what can you do?|how can you help me?|what are you good at?|help|what tools do you have?|which tools can you use?|what do you know?|how do you work?|what should I ask you?|show me what you can do|what is your purpose?|what are your abilities?|can you do maths?|are you good with numbers?|do you have a calculator?",
    "Goodbye!": "bye|goodbye|see you|see you later|good night|bye bye|see you tomorrow|that's all, bye|farewell|I'm off now|catch you later|ttyl",
    "I'm doing well, thank you. How can I help?": "how are you?|how are you doing?|how's it going?|how do you feel today?|are you ok?|what's up?|how is your day?|how have you been?|all good with you?",
    "I don't have opinions of my own, but I'm glad to help you compare.": "what's your favourite colour?|do you like cats or dogs?|which is better, tea or coffee?|what do you think about football?|do you prefer summer or winter?|what is your opinion on art?|which film is the best?|is blue nicer than green?|what's the best food?|do you like music?|what do you think of me?|which team do you support?",
    "I'm sorry to hear that. I hope it gets better soon.": "I'm sad|i feel bad today|I had a terrible day|my dog died|I lost my keys|I failed my exam|i am so tired|I'm sick|I'm lonely|my phone broke|I missed the bus|I have a headache",
    "That's great to hear!": "I'm happy|I passed my exam!|I got the job!|we won!|today was wonderful|I feel great|it finally works|I love this weather|my sister had a baby|I'm on holiday",
    "I don't know that, and I have no tool to look it up.": "who won the match yesterday?|what's the weather like?|what time is it?|what's the capital of Mongolia?|who wrote that famous novel?|what is in the news?|where is my phone?|who is the president?|when was the castle built?|what's the stock price today?|how tall is that tower?|which river is the longest?|what day is it today?|who painted this?|where can I buy shoes?",
    "Why did the seven need a rest? It was tired of being odd.": "tell me a joke|do you know a joke?|make me laugh|say something funny|another joke please|I need a joke|a joke, please",
    "I only handle text and calculations, so I can't do that.": "play a song|send an email to my boss|call my mother|turn on the light|book a flight|order a pizza|draw me a picture|set an alarm|open the window|take a photo|post this online|print this page|drive me home|wash the dishes",
    "Sure. What would you like to calculate?": "can you calculate something for me?|I have a maths question|can I ask you something?|i need help with my homework|I need to work something out|could you help me with numbers?|are you ready?|can you help me?|I have a question|let's do some maths|do you have a minute?",
    "Sorry about that. Could you say it in another way?": "that's wrong|no, that is not right|I don't think so|you made a mistake|this is not what I asked|you misunderstood me|wrong answer|nope|that can't be right|huh?|what do you mean?|i don't understand",
    "All right.": "ok|okay|fine|alright|sure|I see|got it|understood|never mind|forget it|stop|wait|hm|interesting|yes|no|maybe",
}
FOLLOW = [
    ("and half of that?|half of that?|What is half of it?|now halve it|and what's half of that?|split that in two", "{v}/2", 0),
    ("and double that?|double it|now twice that?|What is twice that?|times two?|and doubled?", "{v}*2", 0),
    ("and a third of that?|divide that by 3|What's a third of it?", "{v}/3", 0),
    ("and a quarter of that?|a quarter of it?|split that in four", "{v}/4", 0),
    ("square it|and squared?|what is that squared?|now the square of that", "{v}^2", 0),
    ("add {n}|plus {n}?|and {n} more?|Now add {n} to that.|what if I add {n}?|add {n} to it", "{v}+{n}", 1),
    ("minus {n}?|subtract {n}|take {n} away|Now subtract {n} from that.|and without {n}?|less {n}?", "{v}-{n}", 1),
    ("times {n}?|multiply that by {n}|and {n} times that?|Now multiply it by {n}.|what is {n} times that?", "{v}*{n}", 1),
    ("divided by {n}?|divide that by {n}|and split {n} ways?|Now divide it by {n}.|shared by {n} people?|per person, if we are {n}?", "{v}/{n}", 1),
    ("and {n}% of that?|what's {n}% of it?|{n} percent of that?|how much is {n}% of that?|take {n}% of it", "{v}*{n}/100", 1),
    ("plus {n}% tax?|add {n}% to it|and with {n}% on top?|now increase it by {n}%|with a {n}% tip?", "{v}*(100+{n})/100", 1),
    ("minus {n}%?|and with {n}% off?|take {n}% off|now reduce it by {n}%|after a {n}% discount?", "{v}*(100-{n})/100", 1),
]


def pairs():
    """(question, answer) of every training entry in direct.jsonl that has no slots."""
    return [(e["text"], e["answer"]) for e in phrasings.load(["direct"]) if "{" not in e["text"] + e["answer"]]


def draw(written, rng):
    if rng.random() < 0.5:
        return rng.choice(written)
    text = rng.choice(list(ABOUT))
    question = rng.choice(ABOUT[text].split("|"))
    k = rng.random()
    if k < 0.35:
        question = question[:1].upper() + question[1:]
    elif k < 0.5:
        question = question.lower()
    if rng.random() < 0.12:
        question = rng.choice(["hi, ", "hey, ", "hello! ", "so, ", "ok, ", "please, ", "excuse me, ", "Well, "]) + question
    if rng.random() < 0.1:
        question += rng.choice([" assistant", " my friend", "!", " today", " :)", "...", " please"])
    if rng.random() < 0.1:
        question = question.rstrip("?.!")
    return question, text


def follow_up(rng):
    """(question, expression with {v} for the last result, answer pattern)"""
    asked, expression, needs = rng.choice(FOLLOW)
    question = rng.choice(asked.split("|"))
    if needs:
        n = str(rng.choice([5, 10, 15, 20, 25, 50])) if "%" in asked else str(integer(rng, 2, 99))
        question, expression = question.replace("{n}", n), expression.replace("{n}", n)
    if rng.random() < 0.3:
        question = question[:1].upper() + question[1:]
    return question, expression, "That is {r}."


def impossible(rng):
    """A question the calculator answers with an error, and the honest reply."""
    n = number(rng, 2, 9999)
    if rng.random() < 0.6:
        question = rng.choice(["What is {} divided by 0?", "{}/0", "divide {} by zero", "How often does 0 go into {}?", "{} divided by zero please", "calculate {} / 0", "split {} among 0 people", "what's {} over 0"])
        return question.format(n.shown), f"{n.plain}/0", "Division by zero has no result."
    question = rng.choice(["What is the square root of -{}?", "sqrt(-{})", "square root of minus {}", "take the root of -{}", "the square root of negative {}?"])
    return question.format(n.shown), f"sqrt(-{n.plain})", "A negative number has no real square root."


def complaint(why, expression, column, rng):
    """An error as the calculator writes it: mostly with its place and a caret line."""
    if column is None or rng.random() < 0.25:
        return f"error: {why}"
    return f"error: {why} (at column {column + 1})\n{expression}\n{' ' * column}^"


def break_expression(expression, rng):
    """A spoilt expression and the tool's complaint, or (None, None)."""
    i = rng.randrange(len(expression) + 1)
    kind = rng.randrange(4)
    if kind == 0:
        sign = rng.choice("#@?&;")
        spoilt, why = expression[:i] + sign + expression[i:], f"unexpected character `{sign}`"
    elif kind == 1 and ")" in expression:
        spoilt, why, i = expression.replace(")", "", 1), "this `(` is never closed", expression.index("(")
    elif kind == 2:
        spoilt, why, i = expression + rng.choice("+-*/"), "the expression ends too early: a number is missing", len(expression) + 1
    elif kind == 3:
        word = rng.choice(["of 20", "each", "per day", "left"])
        spoilt, why, i = f"{expression} {word}", f"unexpected `{word.split()[0]}`", len(expression) + 1
    else:
        return None, None
    return spoilt, complaint(why, spoilt, i, rng)


def tiny_sum(rng):
    a, b = rng.randint(1, 10), rng.randint(1, 10)
    name, value = rng.choice([("plus", a + b), ("+", a + b), ("times", a * b), ("*", a * b)])
    return rng.choice(["What is {} {} {}?", "{} {} {}", "what's {} {} {}", "{} {} {}?"]).format(a, name, b), f"That is {value}."


def copy_exercise(rng):
    k = rng.random()
    if k < 0.5:
        text = " ".join(number(rng, 2, 999_999, 0.3, 0).plain for _ in range(rng.randint(2, 5)))
    elif k < 0.65:
        text = " ".join(names.invented(rng, (1, 3)) for _ in range(rng.randint(2, 5)))
    elif k < 0.8:
        n = integer(rng, 2, 99_999)
        return rng.choice(["write {} with digits only", "{} without the comma", "plain digits: {}"]).format(f"{n:,}"), str(n)
    elif k < 0.88:
        n = rng.choice([rng.randint(0, 120), 100 * rng.randint(1, 99), 1000 * rng.randint(1, 99)])
        return rng.choice(["{} in digits", "write {} as a number", "digits for {}"]).format(words(n)), plain(n)
    else:
        xs = [number(rng, 2, 99_999, 0.2, 0).plain for _ in range(rng.randint(3, 6))]
        i = rng.randrange(len(xs) - 1)
        return f"after {xs[i]} in " + " ".join(xs), xs[i + 1]
    return rng.choice(["repeat ", "copy ", "say ", "Repeat: "]) + text, text
