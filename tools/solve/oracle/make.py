"""Writes cases.jsonl: problems with the answers that SymPy gives, in a form that can be compared by value.

    python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/python make.py

Every line is a request to the tool (operation, expression and so on) and what its answer must agree with:

values      the value of the answer, [[{variable: value}, value], ...]
factors     the values of the factors with their multiplicities at one point: {"at": {...}, "values": [...]}
roots       all real solutions; with "within", those in that interval, for families
complex     how many solutions of a polynomial are not real
solutions   the real solutions of a system
members     values and whether they belong to the set of solutions
changes     differences of the antiderivative, [[from, to, value], ...]
value       a number, "oo", "-oo", "none" (there is no limit, or the integral diverges)

The expressions are written so that SymPy and the tool read them alike.
"""

import json
import random
import signal
from pathlib import Path

import mpmath
import sympy as sp

NAMES = "x y z a b c t"
LOCALS = {name: sp.Symbol(name, real=True) for name in NAMES.split()}
LOCALS |= {"ln": sp.log, "e": sp.E, "i": sp.I, "abs": sp.Abs, "pi": sp.pi, "cbrt": sp.cbrt}
x, y = LOCALS["x"], LOCALS["y"]
rng = random.Random(20240607)
mpmath.mp.dps = 30


def read(text):
    return sp.parse_expr(text.replace("^", "**"), local_dict=LOCALS)


def number(value):
    """A real number as text with 17 digits, or None."""
    value = sp.N(value, 25)
    if not value.is_number or value.is_finite is False:
        return None
    re, im = value.as_real_imag()
    if abs(im) > 1e-18 * max(1, abs(re)):
        return None
    return str(sp.N(re, 17))


def points(symbols, count=4):
    for _ in range(40):
        yield {s: sp.Rational(rng.randint(-40, 60), rng.choice([7, 9, 11, 13])) for s in symbols}


def values(expression, wanted=3):
    found = []
    symbols = sorted(expression.free_symbols, key=str)
    if not symbols:
        value = number(expression)
        return [[{}, value]] if value else []
    for point in points(symbols):
        try:
            value = number(expression.subs(point))
        except (TypeError, ValueError, ZeroDivisionError):
            continue
        if value is not None and abs(float(value)) < 1e12:
            found.append([{str(s): str(v) for s, v in point.items()}, value])
        if len(found) == wanted:
            break
    return found


class Slow(Exception):
    pass


def within(seconds, work):
    def stop(*_):
        raise Slow

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        return work()
    finally:
        signal.alarm(0)


# ---------------------------------------------------------------------------------------------------------------------

SIMPLIFY = """
sin(x)^2 + cos(x)^2
(x^2 - 1)/(x - 1)
(x^3 - 8)/(x^2 - 4)
1/(x - 1) - 1/(x + 1)
sqrt(8) + sqrt(18) - sqrt(2)
sqrt(3 + 2*sqrt(2)) - sqrt(2)
(sqrt(5) + 1)/(sqrt(5) - 1)
1/(sqrt(3) - sqrt(2))
(a + b)^2 - (a - b)^2
(x^4 - y^4)/(x - y)
cosh(x)^2 - sinh(x)^2
tan(x)*cos(x)
sin(2*x)/sin(x)
cos(x)^2 - sin(x)^2
ln(e^x)
e^(ln(x) + ln(y))
ln(8)/ln(2)
sqrt(x^2)
(x^(1/2))^2
2^(1/3)*4^(1/3)
sin(pi/12)
cos(pi/5) - cos(2*pi/5)
tan(pi/8)
asin(1/2) + acos(1/2)
atan(1) + atan(2) + atan(3)
(x*y + x)/(y + 1)
(1 + 1/x)/(1 - 1/x)
x/(x + 1) + 1/(x + 1)
(x - 1)^3/(1 - x)^2
sqrt(12*x^2)
e^x*e^(-x)
(e^x + e^(-x))^2 - (e^x - e^(-x))^2
(i + 1)*(1 - i)
sin(x)^4 - cos(x)^4
1/(1 + 1/(1 + 1/x))
(2*x + 4)/(x^2 + 5*x + 6)
sin(x)/cos(x) - tan(x)
sqrt(50) - 3*sqrt(2)
abs(-3*x)/abs(x)
ln(4) + 2*ln(3) - ln(36)
sin(asin(x))
cos(asin(x))
tan(atan(x)/1)
(x^2 + 2*x*y + y^2)/(x + y)
sqrt(x^4)
""".strip().splitlines()

EXPAND = """
(x + 1)^5
(a + b)*(c - a)
(2*x - 3*y)^4
(x + y + z)^3
(x^2 + x + 1)*(x^2 - x + 1)
(x - 1)*(x + 2)*(x - 3)*(x + 4)
(x + 1/x)^3
(sqrt(2) + x)^4
x*(x + y*(x + y*(x + 1)))
(x + i)*(x - i)
(1/2*x + 2/3)^3
(a - b)^2*(a + b)^2
""".strip().splitlines()

FACTOR = """
x^2 - 5*x + 6
x^3 - 1
x^4 + 4
x^4 - 16
x^6 - 1
x^8 + x^4 + 1
2*x^3 - x^2 - 13*x - 6
6*x^2 + 5*x - 4
x^3 - 3*x^2 + 3*x - 1
x^5 + x + 1
x^10 - 1
x^12 + 1
x^4 - 10*x^2 + 1
x^2 - y^2
x^3 + y^3
x^4 - y^4
a^2 + 2*a*b + b^2
x^2*y - y^3
x*y + x + y + 1
x^2 + x*y - 2*y^2
a^3 + b^3 + c^3 - 3*a*b*c
(a + b + c)^3 - a^3 - b^3 - c^3
x^4 + x^2*y^2 + y^4
4*x^2 - 9/25
x^7 - x
x^2 - 2
x^15 - 1
x^4 + 3*x^3 - 7*x^2 - 27*x - 18
""".strip().splitlines()

DIFFERENTIATE = """
x^5 - 3*x^2 + 7
sin(x^2)
x^2*sin(x)
e^(x^2)
ln(x)/x
x^x
sqrt(1 + x^2)
tan(x)
atan(x)
asin(x/2)
(x^2 + 1)/(x^2 - 1)
e^x*cos(x)
ln(ln(x))
sin(cos(x))
x^3*ln(x)
1/x^3
cosh(x)*sinh(x)
tanh(x)
2^x
x^(2/3)
abs(x - 7)
ln(x + sqrt(x^2 + 1))
e^(-x)*x^4
sin(x)^3*cos(x)^2
acos(x/3)
(x + 1)^10
a*x^2 + b*x + c
e^(a*x)
x^(sin(x))
sqrt(x + sqrt(x))
""".strip().splitlines()

INTEGRATE = """
x^2
3*x^5 - 2*x + 1
1/x
1/x^2
sqrt(x)
1/(x + 1)
1/(x^2 + 1)
1/(x^2 - 1)
1/(x^2 + 4*x + 13)
(3*x + 5)/(x^2 + 2*x + 5)
x/(x^2 + 1)
x^3/(x^2 + 1)
1/(x^3 + 1)
1/(x^3 - x)
(x^2 + 1)/(x^3 - 2*x^2 + x)
1/(x^2 + 1)^2
1/((x - 1)*(x - 2)*(x - 3))
x/(x^4 + 1)
e^x
e^(3*x + 1)
x*e^x
x^2*e^(-x)
x^3*e^(2*x)
e^x*sin(x)
e^(-2*x)*cos(3*x)
sin(x)
cos(5*x)
sin(x)^2
cos(x)^3
sin(x)^3*cos(x)^2
sin(x)*cos(x)
sin(3*x)*cos(2*x)
tan(x)
tan(x)^2
1/cos(x)
1/cos(x)^2
1/sin(x)
x*sin(x)
x^2*cos(3*x)
ln(x)
x*ln(x)
ln(x)^2
ln(x)/x
ln(x)/x^2
atan(x)
x*atan(x)
asin(x)
1/sqrt(1 - x^2)
sqrt(1 - x^2)
sqrt(1 + x^2)
1/sqrt(x^2 + 4)
x*sqrt(x + 1)
x/sqrt(x + 1)
x*sqrt(1 - x^2)
x*e^(x^2)
x*cos(x^2)
cos(x)*e^(sin(x))
cos(x)/(1 + sin(x)^2)
1/(1 + e^x)
e^x/(1 + e^(2*x))
1/(x*ln(x))
1/(1 + cos(x))
1/(2 + cos(x))
1/(1 + sqrt(x))
e^(sqrt(x))
sinh(x)
x*cosh(x)
cosh(x)^2
tanh(x)
2^x
x*2^x
(2*x + 1)^7
abs(x)
x^3*sqrt(x^2 + 1)
1/(x^2*(x + 1))
sin(ln(x))
x^(3/2) - x^(-1/2)
(x + 1)/(x^2 + x + 1)
sin(x)^4
1/(e^x + e^(-x))
ln(x^2 + 1)
""".strip().splitlines()

DEFINITE = """
x^2 | 0 | 1
sin(x) | 0 | pi
1/x | 1 | e
e^(-x) | 0 | oo
x*e^(-x) | 0 | oo
1/(1 + x^2) | -oo | oo
e^(-x^2) | -oo | oo
ln(x) | 0 | 1
1/sqrt(x) | 0 | 1
1/x | 0 | 1
1/x | -1 | 1
1/x^2 | -1 | 1
1/x^2 | 1 | oo
x | -oo | oo
x/(1 + x^2) | -oo | oo
sqrt(1 - x^2) | -1 | 1
abs(x - 1) | 0 | 3
1/(2 + cos(x)) | 0 | 2*pi
sin(x)^2 | 0 | 2*pi
e^(-x^2) | 0 | 1
sin(x^2) | 0 | 1
1/(1 + x^4) | 0 | 1
cos(x)^3 | 0 | pi/2
x*ln(x) | 0 | 1
x^3 - x | 2 | -1
1/ln(x) | 2 | 3
e^x*sin(x) | 0 | pi
1/(x^2 - 1) | 2 | oo
tan(x) | 0 | pi/4
tan(x) | 0 | pi
x/(x^2 - 1) | -2 | 2
sqrt(x) | 0 | 4
atan(x) | 0 | 1
1/(x*ln(x)^2) | e | oo
ln(x)/x | 1 | 2
cos(x) | 0 | 100
e^(-3*x)*cos(2*x) | 0 | oo
""".strip().splitlines()

SOLVE = """
2*x + 3 = 7
x/2 + x/3 = 10
x^2 - 5*x + 6 = 0
x^2 = 2
x^2 = x + 1
x^2 + 2*x + 10 = 0
3*x^2 - 7*x + 1 = 0
x^3 = 8
x^3 - 6*x^2 + 11*x - 6 = 0
x^3 - 3*x + 1 = 0
x^3 + x + 1 = 0
x^4 - 5*x^2 + 6 = 0
x^4 - 10*x^2 + 1 = 0
x^4 + 4 = 0
x^4 + x + 1 = 0
x^5 = 2
x^5 - x - 1 = 0
x^6 - 9*x^3 + 8 = 0
(x - 1)^3*(x + 2) = 0
(x^2 - 1)/(x - 1) = 0
1/x + 1/(x + 1) = 3/2
(x + 1)/(x - 1) = 3
x/(x^2 + 1) = 1/2
sqrt(x + 3) = x + 1
sqrt(x) + sqrt(x + 5) = 5
sqrt(2*x + 1) = x - 1
sqrt(x) = -2
sqrt(x + 1) = x^3
x - 3*sqrt(x) + 2 = 0
abs(2*x - 1) = 5
abs(x - 2) = abs(x + 4)
x^2 - 3*abs(x) + 2 = 0
abs(x^2 - 4) = 3
e^x = 5
e^(2*x) - 3*e^x + 2 = 0
2^x = 8
2^x = 3^(x + 1)
ln(x) = 2
ln(x) + ln(x - 1) = ln(2)
ln(x)^2 - 3*ln(x) + 2 = 0
ln(x + 1) - ln(x) = 1
x*e^x = e^x
4^x - 6*2^x + 8 = 0
e^x + e^(-x) = 4
asin(x) = pi/6
atan(x) = 1
cosh(x) = 2
sinh(x) = 1
cos(x) = x
x*e^x = 1
e^x + x = 5
x^2 = 2^x
ln(x) = x - 2
sin(x) = x/10
e^x = x
""".strip().splitlines()

PERIODIC = """
sin(x) = 1/2
cos(x) = -1/2
tan(x) = 1
sin(x) = 0
cos(2*x) = 1/2
2*cos(x)^2 - cos(x) - 1 = 0
sin(x)^2 = 1/4
sin(2*x) = cos(x)
sin(x) + cos(x) = 1
sin(x) = cos(x)
tan(x)^2 = 3
sin(x)*cos(x) = 1/4
cos(x)^2 = sin(x)
tan(x) = sin(x)
sin(x) = 2
""".strip().splitlines()

INEQUALITIES = """
x^2 - 4 > 0
x^2 <= 9
(x - 1)/(x + 2) >= 0
x^3 - x >= 0
1/x > 1
x^2 + 1 > 0
x^2 + 1 < 0
x^2 <= 0
(x - 1)*(x - 2)*(x - 3) <= 0
x^3 - x - 1 > 0
abs(x - 1) < 3
abs(x - 1) + abs(x + 2) >= 5
sqrt(x) < 2
sqrt(x - 1) > x - 3
ln(x) < 1
e^x > 3
2^x > 8
e^(2*x) - 3*e^x + 2 < 0
1/(x^2 - 1) < 0
x^2 - 2*x + 1 > 0
(x^2 - 1)/(x - 1) >= 0
x^4 - 5*x^2 + 4 < 0
x > 3*x - 4
(x + 1)/(x - 2) < (x - 1)/(x + 3)
abs(x)/x >= 1
x^2 - 2 < 0
x^2 - 2000000001*x + 1000000001000000000 < 0
""".strip().splitlines()

SYSTEMS = """
x + y = 3; x - y = 1
2*x + 3*y = 7; 4*x - y = 0
x + y + z = 6; x - y = 1; 2*x - z = 3
x + y = 3; x + y = 4
x/2 + y/3 = 1; x - y = 1/2
x^2 + y^2 = 25; x + y = 7
x^2 + y^2 = 5; x*y = 2
x^2 = y; y^2 = x
x*y = 6; x + y = 5
x^2 + y^2 = 1; x^2 - y^2 = 1/2
x*y = 0; x + y = 1
x^2 + y = 3; x + y^2 = 3
x + y + z = 1; 2*x - y + z = 0; x + 3*y - z = 4
y = x^2; y = 2*x + 3
x^2 - y^2 = 0; x + 2*y = 6
1/x + 1/y = 1; x + y = 4
""".strip().splitlines()

LIMITS = """
sin(x)/x | 0
(1 - cos(x))/x^2 | 0
(x - sin(x))/x^3 | 0
(e^x - 1 - x)/x^2 | 0
ln(1 + x)/x | 0
(1 + x)^(1/x) | 0
(1 + 1/x)^x | oo
(1 + 2*x)^(3/x) | 0
(tan(x) - sin(x))/x^3 | 0
(x^2 - 4)/(x - 2) | 2
(x^3 - 8)/(x - 2) | 2
(sqrt(x) - 2)/(x - 4) | 4
(2*x^2 + 1)/(3*x^2 - x) | oo
(x^3 + 1)/(x^2 - 5) | oo
(x + 7)/(x^2 + 1) | -oo
sqrt(x^2 + x) - x | oo
sqrt(x^2 + 3*x) - sqrt(x^2 + x) | oo
x^10/e^x | oo
ln(x)/x | oo
ln(ln(x)) | oo
x^(1/x) | oo
100 - 100/ln(x) | oo
e^x/x^100 | oo
2^x/3^x | oo
(3^x - 2^x)/x | 0
atan(x) | oo
atan(x) | -oo
tanh(x) | oo
1/x | 0
1/x^2 | 0
abs(x)/x | 0
e^(1/x) | 0
1/(1 + e^(1/x)) | 0
tan(x) | pi/2
x^x | 0+
x*ln(x) | 0+
ln(x) | 0+
1/ln(x) | 0+
cos(x)^(1/x^2) | 0
(1/x - 1/sin(x)) | 0
x/(x - 1) - 1/ln(x) | 1
ln(x)/(x - 1) | 1
ln(1 + e^x)/x | oo
ln(1 + e^x) - x | oo
e^(x + e^(-x)) - e^x | oo
e^(e^x)/e^(e^(x - 1)) | oo
(sin(tan(x)) - tan(sin(x)))/x^7 | 0
sin(x)/x | oo
(x + sin(x))/x | oo
sin(x) | oo
sin(1/x) | 0
x*sin(1/x) | 0
x*sin(1/x) | oo
sqrt(x + sqrt(x + sqrt(x))) - sqrt(x) | oo
(e^(3*x) - 1)/sin(2*x) | 0
(cos(x) - 1)/(e^x - 1)^2 | 0
x^2*e^(-x) | oo
(x^2 - 1)/(x^2 + 1) | oo
(1 - 3/x)^(2*x) | oo
asin(x)/x | 0
(atan(x) - x)/x^3 | 0
x*(pi/2 - atan(x)) | oo
""".strip().splitlines()

SUBSTITUTE = """
x^2 + y | x = 3, y = 1/2
x^2 + 2*x*y | x = y, y = x
sin(x) + cos(x) | x = pi/4
(x + 1)/(x - 1) | x = sqrt(2)
x^3 - 2*x | x = a + 1
e^(x*y) | x = ln(2), y = 3
""".strip().splitlines()


# ---------------------------------------------------------------------------------------------------------------------


def polynomial(degree, size=9, symbols=(x,)):
    terms = 0
    for s in symbols:
        terms += sum(rng.randint(-size, size) * s**k for k in range(degree + 1))
    return terms


def text(expression):
    return str(expression).replace("**", "^").replace("log(", "ln(").replace("Abs(", "abs(")


def random_expression(depth):
    if depth == 0:
        return rng.choice(["x", "x", "y", str(rng.randint(1, 9)), f"{rng.randint(1, 9)}/{rng.randint(2, 9)}"])
    a, b = random_expression(depth - 1), random_expression(depth - 1)
    return rng.choice(
        [
            f"({a}) + ({b})",
            f"({a}) - ({b})",
            f"({a})*({b})",
            f"({a})/(1 + ({b})^2)",
            f"({a})^{rng.randint(2, 3)}",
            f"sin({a})",
            f"cos({a})",
            f"e^(({a})/4)",
            f"sqrt(1 + ({a})^2)",
            f"ln(2 + ({a})^2)",
            f"atan({a})",
        ]
    )


def real(value):
    return abs(sp.N(sp.im(value), 20)) < 1e-15


def statement(line):
    left, _, right = line.partition("=")
    return read(left) - read(right or "0")


def real_roots(f, low=-50, high=50):
    """All real zeros: exactly for what SymPy solves, else by changes of sign on a fine grid."""
    try:
        found = within(20, lambda: sp.solveset(f, x, sp.S.Reals))
        if isinstance(found, sp.FiniteSet):
            return [sp.N(r, 20) for r in found]
        if found is sp.S.EmptySet:
            return []
    except (Slow, NotImplementedError, ValueError, TypeError):
        pass
    g = sp.lambdify(x, f, "mpmath")
    roots = []
    steps = 40_000
    last = None
    for k in range(steps + 1):
        at = mpmath.mpf(low) + mpmath.mpf(high - low) * (k + mpmath.mpf("0.318")) / steps
        try:
            value = g(at)
            value = value if mpmath.im(value) == 0 else None
        except (ZeroDivisionError, ValueError):
            value = None
        if value is not None and last is not None and (last[1] < 0) != (value < 0):
            root = mpmath.findroot(g, (last[0], at), solver="anderson", tol=1e-40, verify=False)
            if abs(g(root)) < 1e-15:
                roots.append(root)
        last = None if value is None else (at, value)
    return [sp.Float(r, 20) for r in roots]


def solve_case(line):
    f = statement(line)
    if f.is_polynomial(x) or sp.together(f).is_rational_function(x):
        numerator, denominator = sp.fraction(sp.cancel(f))
        polynomial = sp.Poly(numerator, x)
        square_free = sp.Poly(sp.prod([p for p, _ in polynomial.factor_list()[1]]), x)
        found = square_free.nroots(n=25, maxsteps=500) if square_free.degree() > 0 else []
        # What makes a denominator as it was written vanish is no solution.
        written = [d for d in sp.preorder_traversal(f) if isinstance(d, sp.Pow) and d.exp.is_negative]
        found = [r for r in found if all(abs(sp.N(d.base.subs(x, r))) > 1e-9 for d in written)]
        roots = [r for r in found if real(r)]
        return {"roots": sorted((number(sp.re(r)) for r in roots), key=float), "complex": len(found) - len(roots)}
    # With logarithms and roots, a solution counts only where every part of the equation is real.
    roots = [r for r in real_roots(f) if all(real(part.subs(x, r)) for part in sp.preorder_traversal(f) if part.has(x))]
    return {"roots": sorted((number(r) for r in roots), key=float)}


def periodic_case(line):
    f = statement(line)
    grid = real_zeros_by_grid(f, -7, 7)
    return {"roots": sorted((str(sp.N(r, 17)) for r in grid), key=float), "within": [-7, 7]}


def real_zeros_by_grid(f, low, high):
    """Zeros with and without a change of sign, by Newton's method from a fine grid."""
    g, slope = sp.lambdify(x, f, "mpmath"), sp.lambdify(x, sp.diff(f, x), "mpmath")
    roots = []
    for k in range(1400):
        at = mpmath.mpf(low) + mpmath.mpf(high - low) * (k + mpmath.mpf("0.4142")) / 1400
        for _ in range(200):
            value, steepness = g(at), slope(at)
            if steepness == 0:
                break
            step = value / steepness
            at -= step
            if abs(step) < mpmath.mpf(10) ** -22:
                break
        if abs(g(at)) < 1e-20 and low < at < high and all(abs(at - r) > 1e-6 for r in roots):
            roots.append(at)
    return [sp.Float(r, 20) for r in roots]


def inequality_case(line):
    for sign in ["<=", ">=", "<", ">"]:
        if sign in line:
            left, right = (read(side) for side in line.split(sign))
            break
    found = within(60, lambda: sp.solve_univariate_inequality(sp.Rel(left, right, sign), x, relational=False))
    members = []
    samples = [sp.Rational(k, 4) for k in range(-24, 25)] + [sp.Integer(1000000000), sp.Rational(2000000001, 2)]
    for sample in samples:
        try:
            lhs, rhs = left.subs(x, sample), right.subs(x, sample)
            defined = number(lhs) is not None and number(rhs) is not None
        except (TypeError, ZeroDivisionError):
            defined = False
        truth = bool(defined and sp.Rel(lhs, rhs, sign))
        # SymPy's set and its evaluation must agree, or the case is not one.
        if found.contains(sample) not in (sp.true, sp.false) or bool(found.contains(sample)) != truth:
            if sample in (found.boundary if found.boundary.is_iterable else ()):
                continue
            raise ValueError(f"{line}: SymPy disagrees with itself at {sample}")
        members.append([str(sample), truth])
    return {"members": members}


def system_case(line):
    equations = [statement(part) for part in line.split(";")]
    symbols = sorted(set().union(*(e.free_symbols for e in equations)), key=str)
    found = within(60, lambda: sp.solve(equations, symbols, dict=True))
    solutions = []
    for solution in found:
        shown = {str(s): sp.N(v, 20) for s, v in solution.items()}
        if all(real(v) for v in shown.values()):
            solutions.append({s: number(sp.re(v)) for s, v in shown.items()})
    return {"solutions": solutions}


def integral_case(line):
    f = read(line)
    g = sp.lambdify(x, f, "mpmath")
    changes = []
    for low, high in [("1/5", "9/10"), ("11/10", "7/5"), ("2", "13/5"), ("-3/4", "-1/4"), ("-6/5", "-21/20")]:
        a, b = (mpmath.mpf(sp.Rational(v).p) / sp.Rational(v).q for v in (low, high))
        try:
            # Real all the way, and without a pole in between.
            grid = [g(a + (b - a) * k / 400) for k in range(401)]
            if any(mpmath.im(v) != 0 or abs(v) > 1e3 for v in grid):
                continue
            steps = [abs(p - q) for p, q in zip(grid, grid[1:])]
            if max(steps) > 0.1 * (1 + max(abs(v) for v in grid)):
                continue
            value = mpmath.quad(g, mpmath.linspace(a, b, 5))
        except (ZeroDivisionError, ValueError, TypeError):
            continue
        changes.append([low, high, mpmath.nstr(value, 17)])
    return {"changes": changes}


def definite_case(line):
    f, low, high = (read(part.strip()) for part in line.split("|"))
    poles = within(60, lambda: sp.singularities(f, x, sp.Interval(*sorted([low, high])))) if f.has(x) else sp.S.EmptySet
    value = within(120, lambda: sp.integrate(f, (x, low, high)))
    numeric = sp.N(value, 20)
    if not value.has(sp.Integral) and numeric.is_real and numeric.is_finite:
        return {"value": number(numeric)}
    if value.has(sp.oo, sp.zoo, sp.nan) or not numeric.is_finite:
        return {"value": "none"}
    return {"value": mpmath.nstr(mpmath.quad(sp.lambdify(x, f, "mpmath"), [mpmath.mpf(sp.N(low, 25)), mpmath.mpf(sp.N(high, 25))]), 17)}


# SymPy takes the principal value, a limit over symmetric bounds, or a formula through a pole here; these diverge.
DIVERGENT = {"1/x | -1 | 1", "x | -oo | oo", "x/(1 + x^2) | -oo | oo", "x/(x^2 - 1) | -2 | 2", "tan(x) | 0 | pi"}


def limit_case(line):
    expression, at = (part.strip() for part in line.split("|"))
    f = read(expression)
    side = "+" if at.endswith("+") else None
    place = read(at.rstrip("+"))

    def one(direction):
        value = sp.limit(f, x, place, direction)
        if isinstance(value, sp.AccumBounds) or value is sp.nan:
            return "none"
        return {sp.oo: "oo", -sp.oo: "-oo"}.get(value) or number(value)

    if side or place in (sp.oo, -sp.oo):
        return {"value": within(60, lambda: one("+"))}
    left, right = within(60, lambda: one("-")), within(60, lambda: one("+"))
    return {"value": right if left == right else "none"}


def main():
    lines = []

    def add(operation, expression, expected, **arguments):
        if expected is None or expected.get("values") == [] or expected.get("changes") == []:
            print("left out:", operation, expression)
            return
        lines.append(json.dumps({"operation": operation, "expression": expression, **arguments, **expected}))

    for line in SIMPLIFY:
        add("simplify", line, {"values": values(read(line))})
    for _ in range(40):
        line = random_expression(3)
        add("simplify", line, {"values": values(read(line))})
    for line in EXPAND:
        add("expand", line, {"values": values(sp.expand(read(line)))})
    for _ in range(10):
        line = text(polynomial(2) * polynomial(3) * polynomial(1))
        add("expand", line, {"values": values(sp.expand(read(line)))})

    randoms = []
    for _ in range(30):
        parts = [polynomial(rng.randint(1, 4)) for _ in range(rng.randint(2, 4))]
        randoms.append(text(sp.expand(sp.prod(parts))))
    for _ in range(10):
        parts = [polynomial(rng.randint(1, 2), 5, (x, y)) + rng.randint(-3, 3) * x * y for _ in range(2)]
        randoms.append(text(sp.expand(sp.prod(parts))))
    for line in FACTOR + randoms:
        f = read(line)
        if f.is_number:
            continue
        _, factors = sp.factor_list(f)
        point = next(points(sorted(f.free_symbols, key=str)))
        values_there = [number(sp.Abs(p.subs(point))) for p, k in factors for _ in range(k)]
        at = {str(s): str(v) for s, v in point.items()}
        add("factor", line, {"values": values(f), "factors": {"at": at, "values": values_there}})

    for line in DIFFERENTIATE:
        add("differentiate", line, {"values": values(sp.diff(read(line), x))}, variable="x")
    for _ in range(25):
        line = random_expression(3)
        add("differentiate", line, {"values": values(sp.diff(read(line), x))}, variable="x")
    for line, order in [("x^6", 3), ("sin(2*x)", 4), ("x*e^x", 5), ("ln(x)", 3), ("1/(x + 1)", 4)]:
        add("differentiate", line, {"values": values(sp.diff(read(line), x, order))}, variable="x", order=order)

    for line in INTEGRATE:
        add("integrate", line, integral_case(line), variable="x")
    for _ in range(12):
        top, bottom = polynomial(rng.randint(0, 3), 4), sp.prod([polynomial(1, 4) + 5, polynomial(2, 3) + 7 * x**2 + 40])
        line = f"({text(sp.expand(top))})/({text(sp.expand(bottom))})"
        add("integrate", line, integral_case(line), variable="x")
    for line in DEFINITE:
        expression, low, high = (part.strip() for part in line.split("|"))
        expected = {"value": "none"} if line in DIVERGENT else definite_case(line)
        bounds = {"from": low.replace("oo", "inf"), "to": high.replace("oo", "inf")}
        add("integrate", expression, expected, variable="x", **bounds)

    for line in SOLVE:
        add("solve", line, solve_case(line), variable="x")
    for _ in range(40):
        line = f"{text(sp.expand(polynomial(rng.randint(1, 2)) * polynomial(rng.randint(1, 3))))} = 0"
        if "x" in line:
            add("solve", line, solve_case(line), variable="x")
    for line in PERIODIC:
        add("solve", line, periodic_case(line), variable="x")
    for line in INEQUALITIES:
        try:
            add("solve", line, inequality_case(line), variable="x")
        except (NotImplementedError, ValueError, Slow) as error:
            print("left out:", line, error)
    for line in SYSTEMS:
        add("solve", line, system_case(line))
    for _ in range(10):
        left = [sum(rng.randint(-5, 5) * LOCALS[n] for n in "xyz") for _ in range(3)]
        line = "; ".join(f"{text(e)} = {rng.randint(-9, 9)}" for e in left)
        if sp.Matrix([[e.coeff(LOCALS[n]) for n in "xyz"] for e in left]).det() != 0:
            add("solve", line, system_case(line))

    for line in LIMITS:
        expression, at = (part.strip() for part in line.split("|"))
        add("limit", expression, limit_case(line), variable="x", at=at.replace("oo", "inf"))
    for line in SUBSTITUTE:
        expression, at = (part.strip() for part in line.split("|"))
        pairs = [part.split("=") for part in at.split(",")]
        replaced = read(expression).subs({read(k): read(v) for k, v in pairs}, simultaneous=True)
        add("substitute", expression, {"values": values(replaced)}, at=at)

    Path(__file__).with_name("cases.jsonl").write_text("\n".join(lines) + "\n")
    print(len(lines), "cases")


if __name__ == "__main__":
    main()
