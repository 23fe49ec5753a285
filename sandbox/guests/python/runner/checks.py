"""Runs tests: assert statements, functions named test_*, classes of tests, and `check(candidate)` with its call.

Every statement of the tests runs by itself, so that one failure does not hide the others. Asserts are rewritten so that
a failed comparison says what it compared.
"""

import ast
import asyncio
import inspect
import operator
import unittest

from . import errors

NAME = "tests.py"

# Failures that are told one by one, and the length of a value in them.
FAILURES = 20
VALUE_LIMIT = 300

_OPERATORS = {
    ast.Eq: (operator.eq, "=="),
    ast.NotEq: (operator.ne, "!="),
    ast.Lt: (operator.lt, "<"),
    ast.LtE: (operator.le, "<="),
    ast.Gt: (operator.gt, ">"),
    ast.GtE: (operator.ge, ">="),
    ast.Is: (operator.is_, "is"),
    ast.IsNot: (operator.is_not, "is not"),
    ast.In: (lambda left, right: left in right, "in"),
    ast.NotIn: (lambda left, right: left not in right, "not in"),
}

# The name under which rewritten tests find this module's helper.
_HELPER = "@asserts"


class Checks:
    """One run of the tests in the program's own names."""

    def __init__(self, source, namespace, progress):
        self.source = source.replace("\r\n", "\n")
        self.namespace = namespace
        self.progress = progress
        self.passed = self.total = 0
        self.failures = []
        self.error = None

    def result(self):
        return {"total": self.total, "passed": self.passed, "failures": self.failures, "error": self.error}

    def run(self):
        errors.remember(NAME, self.source)
        try:
            tree = ast.parse(self.source, NAME)
        except SyntaxError as error:
            self.error = f"line {error.lineno} of the tests: {errors.one_line(error)}"
            return
        self.lines = self.source.splitlines()
        self.functions = {
            node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        self.namespace[_HELPER] = _Asserts
        rewriter = _Rewriter(self.source)
        called = set()
        for node in tree.body:
            name = self._called(node)
            called.add(name)
            if name != "unittest.main" and not _is_main_guard(node):
                self._statement(rewriter.visit(node), name)
        for name, node in self.functions.items():
            if name.startswith("test") and name not in called:
                self._test(name, node.lineno, lambda name=name: self._call(self.namespace[name]))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                self._case(self.namespace.get(node.name))

    def _statement(self, node, name):
        code = compile(ast.Module(body=[node], type_ignores=[]), NAME, "exec")
        run = lambda: exec(code, self.namespace)  # noqa: E731
        if self._is_test(node, name):
            self._test(self._line(node.lineno), node.lineno, run)
            return
        error = self._attempt(run)
        if error is not None and self.error is None:
            self.error = f"line {node.lineno} of the tests: {errors.one_line(error)}"

    def _is_test(self, node, name):
        if name is not None and name in self.functions:
            return True
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            return False
        return any(isinstance(part, ast.Name) and part.id == _HELPER for part in ast.walk(node))

    def _called(self, node):
        """The name of the function if the statement is nothing but its call."""
        call = node.value if isinstance(node, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "asyncio.run" and len(call.args) == 1:
            call = call.args[0]
        return ast.unparse(call.func) if isinstance(call, ast.Call) else None

    def _call(self, function):
        needed = [
            parameter.name
            for parameter in inspect.signature(function).parameters.values()
            if parameter.default is parameter.empty and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]
        if needed:
            raise TypeError(f"the test needs arguments ({', '.join(needed)}); fixtures are not supported")
        result = function()
        if inspect.iscoroutine(result):
            asyncio.run(result)

    def _case(self, case):
        if not isinstance(case, type):
            return
        if not issubclass(case, unittest.TestCase):
            if case.__name__.startswith("Test"):
                self._plain_case(case)
            return
        for test in unittest.defaultTestLoader.loadTestsFromTestCase(case):
            name = f"{case.__name__}.{test._testMethodName}"
            method = getattr(test, test._testMethodName)
            line = getattr(getattr(method, "__code__", None), "co_firstlineno", None)

            def run(test=test):
                kept = _KeptError()
                test.run(kept)
                if kept.error is not None:
                    raise kept.error

            self._test(name, line, run)

    def _plain_case(self, case):
        """A class as pytest has them: an object for each test."""
        for name in dict.fromkeys(name for part in reversed(case.__mro__) for name in vars(part)):
            if not name.startswith("test") or not callable(getattr(case, name)):
                continue

            def run(name=name):
                test = case()
                getattr(test, "setup_method", lambda *_: None)()
                try:
                    self._call(getattr(test, name))
                finally:
                    getattr(test, "teardown_method", lambda *_: None)()

            line = getattr(getattr(getattr(case, name), "__code__", None), "co_firstlineno", None)
            self._test(f"{case.__name__}.{name}", line, run)

    def _test(self, name, line, run):
        self.progress(self.result() | {"error": f"did not end: {name}"})
        self.total += 1
        error = self._attempt(run)
        if error is None:
            self.passed += 1
        elif len(self.failures) < FAILURES:
            place, _ = errors.place(error, NAME)
            self.failures.append({"name": name, "line": place or line, "message": errors.one_line(error)})

    def _attempt(self, run):
        try:
            run()
        except (Exception, SystemExit) as error:
            errors.explain(error)
            return error
        return None

    def _line(self, number):
        return self.lines[number - 1].strip().removesuffix(":")[:VALUE_LIMIT]


class _KeptError(unittest.TestResult):
    """Remembers the first error of a unittest as an exception, not as text."""

    def __init__(self):
        super().__init__()
        self.error = None

    def _keep(self, info):
        self.error = self.error or info[1]

    def addError(self, test, err):
        self._keep(err)

    def addFailure(self, test, err):
        self._keep(err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._keep(err)

    def addUnexpectedSuccess(self, test):
        self.error = self.error or AssertionError("expected to fail, but passed")


def _is_main_guard(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).replace('"', "'") == "__name__ == '__main__'"


class _Rewriter(ast.NodeTransformer):
    """`assert a == b, why` becomes `if not asserts.compare(a, "==", b): raise asserts.failure(…, why)`."""

    def __init__(self, source):
        self.source = source

    def visit_Assert(self, node):
        test = node.test
        text = ast.get_source_segment(self.source, test) or ast.unparse(test)
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and type(test.ops[0]) in _OPERATORS:
            symbol = _OPERATORS[type(test.ops[0])][1]
            left, right = test.left, test.comparators[0]
            expected_left = isinstance(left, ast.Constant) and not isinstance(right, ast.Constant)
            condition = _helper("compare", left, ast.Constant(symbol), right, ast.Constant(expected_left))
        elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            condition = _helper("falsy", test.operand)
        else:
            condition = _helper("truthy", test)
        reason = [node.msg] if node.msg is not None else []
        failed = ast.If(
            test=ast.UnaryOp(op=ast.Not(), operand=condition),
            body=[ast.Raise(exc=_helper("failure", ast.Constant(text[:VALUE_LIMIT]), *reason), cause=None)],
            orelse=[],
        )
        for part in ast.walk(failed):
            if not hasattr(part, "lineno"):
                ast.copy_location(part, node)
        return ast.fix_missing_locations(ast.copy_location(failed, node))


def _helper(name, *arguments):
    function = ast.Attribute(value=ast.Name(id=_HELPER, ctx=ast.Load()), attr=name, ctx=ast.Load())
    return ast.Call(func=function, args=list(arguments), keywords=[])


class _Asserts:
    """What rewritten asserts call."""

    found = ""

    _functions = {symbol: function for function, symbol in _OPERATORS.values()}

    @classmethod
    def compare(cls, left, symbol, right, expected_left):
        result = cls._functions[symbol](left, right)
        if not result:
            got, expected = (right, left) if expected_left else (left, right)
            if symbol == "==":
                cls.found = f"got {_short(got)}, expected {_short(expected)}"
            else:
                cls.found = f"got {_short(left)} {symbol} {_short(right)}, which is false"
        return result

    @classmethod
    def truthy(cls, value):
        if not value:
            cls.found = f"got {_short(value)}"
        return value

    @classmethod
    def falsy(cls, value):
        if value:
            cls.found = f"got {_short(value)}"
        return not value

    @classmethod
    def failure(cls, text, reason=None):
        message = f"{text}: {cls.found}"
        return AssertionError(f"{reason}; {message}" if reason is not None else message)


def _short(value):
    try:
        text = repr(value)
    except Exception as error:
        text = f"<{type(value).__name__}, whose repr failed: {errors.one_line(error)}>"
    return text if len(text) <= VALUE_LIMIT else text[:VALUE_LIMIT] + "…"
