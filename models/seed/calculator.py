"""A small exact calculator for making and judging episodes.

It covers the part of the `calculator` tool's language that the seed model writes:
`+ - * / ^`, parentheses, unary minus and `sqrt()`. Results are exact where they are
short (twelve decimals), else rounded to ten decimals. Faults come back as `error: …` text.
"""

import ast
import math
from fractions import Fraction

DECIMALS = 10
EXACT_DECIMALS = 12


class Fault(Exception):
    """The expression has no value; the message says why."""


def calculate(expression):
    """The result of `expression` as text, or `error: …`."""
    for i, ch in enumerate(expression):
        if ch not in "0123456789.+-*/^() sqrt":
            return f"error: unexpected '{ch}' at position {i + 1}"
    try:
        tree = ast.parse(expression.replace("^", "**").strip(), mode="eval")
        return show(value(tree.body, expression))
    except Fault as fault:
        return f"error: {fault}"
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return "error: the expression is incomplete or malformed"


def value(node, source):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return Fraction(ast.get_source_segment(source.replace("^", "**").strip(), node))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -value(node.operand, source)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sqrt" and len(node.args) == 1:
        return root(value(node.args[0], source))
    if isinstance(node, ast.BinOp):
        a, b = value(node.left, source), value(node.right, source)
        if isinstance(node.op, ast.Add):
            return a + b
        if isinstance(node.op, ast.Sub):
            return a - b
        if isinstance(node.op, ast.Mult):
            return a * b
        if isinstance(node.op, ast.Div):
            if b == 0:
                raise Fault("division by zero")
            return a / b
        if isinstance(node.op, ast.Pow):
            return power(a, b)
    raise Fault("the expression is incomplete or malformed")


def power(a, b):
    if abs(b) > 400 or (a == 0 and b < 0):
        raise Fault("the exponent is too large" if a else "division by zero")
    if b.denominator == 1:
        return a**b.numerator
    if a < 0:
        raise Fault("a root of a negative number is not real")
    return Fraction(float(a) ** float(b))


def root(x):
    if x < 0:
        raise Fault("the square root of a negative number is not real")
    n, d = math.isqrt(x.numerator), math.isqrt(x.denominator)
    if n * n == x.numerator and d * d == x.denominator:
        return Fraction(n, d)
    return Fraction(math.sqrt(x))


def show(x):
    if x.denominator == 1:
        return str(x.numerator)
    places = EXACT_DECIMALS if 10**EXACT_DECIMALS % x.denominator == 0 else DECIMALS
    scaled = round(x * 10**places)
    sign, scaled = ("-" if scaled < 0 else ""), abs(scaled)
    whole, part = divmod(scaled, 10**places)
    return f"{sign}{whole}.{part:0{places}d}".rstrip("0").rstrip(".")
