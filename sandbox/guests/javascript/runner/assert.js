// `assert` and `assert/strict`, with Node's functions and messages that say what was found in a few words.
(function (kit) {
    "use strict";
    const { checks } = kit;
    // Programs may put something else in its place.
    const same = Object.is;

    class AssertionError extends Error {
        constructor({ message, actual, expected, operator } = {}) {
            super(message);
            this.name = "AssertionError";
            this.code = "ERR_ASSERTION";
            this.generatedMessage = false;
            this.actual = actual;
            this.expected = expected;
            this.operator = operator;
            for (const key of Object.keys(this)) Object.defineProperty(this, key, { enumerable: false });
        }
    }

    /** An error for a failed comparison; `found` says what it found, such as `got 7, expected 6`. */
    kit.assertionError = function (said, actual, expected, operator, found) {
        if (said instanceof Error) return said;
        const error = new AssertionError({
            message: said === undefined ? found : `${said}`,
            actual,
            expected,
            operator,
        });
        error.generatedMessage = said === undefined;
        if (found !== undefined)
            kit.remarks.set(error, { found, said: said === undefined ? undefined : `${said}`.slice(0, 300) });
        return error;
    };

    const short = (value) => kit.inRunner(kit.short, value);
    const equal = (left, right, strict) => kit.inRunner(kit.equal, left, right, strict);
    const gotExpected = (actual, expected) => `got ${short(actual)}, expected ${short(expected)}`;

    // For programs, what fails throws.
    const plain = {
        hold() {},
        fail(error) {
            throw error;
        },
        caller() {},
    };
    kit.plainJudge = plain;

    /** Calls a function that should throw; assertions in it are its own affair. */
    function thrownBy(action) {
        if (typeof action !== "function")
            throw new TypeError(`The "fn" argument must be of type function. Received ${short(action)}`);
        checks.nested++;
        try {
            action();
            return undefined;
        } catch (error) {
            return { error };
        } finally {
            checks.nested--;
        }
    }

    async function rejectedBy(promise) {
        try {
            await (typeof promise === "function" ? promise() : promise);
            return undefined;
        } catch (error) {
            return { error };
        }
    }

    /** Whether the error is what was expected: a class, a pattern, an object of properties, or a function that judges. */
    function fits(error, expected) {
        if (expected === undefined) return true;
        if (typeof expected === "function") {
            if (expected.prototype !== undefined && error instanceof expected) return true;
            if (Error.isPrototypeOf(expected) || expected === Error) return false;
            return expected.call({}, error) === true;
        }
        if (expected instanceof RegExp) return expected.test(String(error));
        if (expected !== null && typeof expected === "object") {
            const keys = Object.keys(expected);
            if (expected instanceof Error) keys.push("name", "message");
            return keys.every((key) =>
                expected[key] instanceof RegExp && typeof error?.[key] === "string"
                    ? expected[key].test(error[key])
                    : equal(error?.[key], expected[key], true),
            );
        }
        return false;
    }
    kit.fitsError = fits;

    /** An `assert` whose outcomes go to the judge. */
    kit.makeAssert = function (judge) {
        const judged = (ok, said, actual, expected, operator, found, line) =>
            ok ? judge.hold() : judge.fail(kit.assertionError(said, actual, expected, operator, found()), line);
        const wrongError = (what, outcome, expected) =>
            outcome === undefined
                ? `${what}`
                : `got ${kit.oneLine(outcome.error)}, expected ${typeof expected === "function" ? expected.name : short(expected)}`;

        function ok(...args) {
            const [value, said] = args;
            return judged(value, said, value, true, "==", () =>
                args.length === 0 ? "no value was given to `assert.ok()`" : `got ${short(value)}, which is not truthy`,
            );
        }
        const compare =
            (operator, holds, wording = gotExpected) =>
            (actual, expected, said) =>
                judged(holds(actual, expected), said, actual, expected, operator, () => wording(actual, expected));
        const unlike = (actual) => `got ${short(actual)}, which was not to be`;

        const throws = (what) => (action, expected, said) => {
            if (typeof expected === "string") [expected, said] = [undefined, expected];
            const outcome = thrownBy(action);
            return judged(
                outcome !== undefined && fits(outcome.error, expected),
                said,
                outcome?.error,
                expected,
                "throws",
                () => wrongError(what, outcome, expected),
            );
        };
        const rejects = async (promise, expected, said) => {
            if (typeof expected === "string") [expected, said] = [undefined, expected];
            const line = judge.caller();
            const outcome = await rejectedBy(promise);
            return judged(
                outcome !== undefined && fits(outcome.error, expected),
                said,
                outcome?.error,
                expected,
                "rejects",
                () => wrongError("nothing was rejected", outcome, expected),
                line,
            );
        };

        const assert = Object.assign(
            function assert(...args) {
                return ok(...args);
            },
            {
                ok,
                equal: compare("==", (a, b) => a == b || (a !== a && b !== b)),
                notEqual: compare("!=", (a, b) => !(a == b || (a !== a && b !== b)), unlike),
                strictEqual: compare("strictEqual", (a, b) => same(a, b)),
                notStrictEqual: compare("notStrictEqual", (a, b) => !same(a, b), unlike),
                deepEqual: compare("deepEqual", (a, b) => equal(a, b, false)),
                notDeepEqual: compare("notDeepEqual", (a, b) => !equal(a, b, false), unlike),
                deepStrictEqual: compare("deepStrictEqual", (a, b) => equal(a, b, true)),
                notDeepStrictEqual: compare("notDeepStrictEqual", (a, b) => !equal(a, b, true), unlike),
                match: compare(
                    "match",
                    (text, pattern) => typeof text === "string" && pattern.test(text),
                    (text, pattern) => `got ${short(text)}, expected a match of ${pattern}`,
                ),
                doesNotMatch: compare(
                    "doesNotMatch",
                    (text, pattern) => typeof text === "string" && !pattern.test(text),
                    (text, pattern) => `got ${short(text)}, expected no match of ${pattern}`,
                ),
                fail: (said) => judged(false, said ?? "Failed", undefined, undefined, "fail", () => undefined),
                ifError: (value) =>
                    judged(
                        value === null || value === undefined,
                        undefined,
                        value,
                        null,
                        "ifError",
                        () => `got ${short(value)}, expected no error`,
                    ),
                throws: throws("nothing was thrown"),
                doesNotThrow(action, said) {
                    const outcome = thrownBy(action);
                    return judged(
                        outcome === undefined,
                        typeof said === "string" ? said : undefined,
                        outcome?.error,
                        undefined,
                        "doesNotThrow",
                        () => `it threw ${kit.oneLine(outcome.error)}`,
                    );
                },
                rejects,
                async doesNotReject(promise, said) {
                    const line = judge.caller();
                    const outcome = await rejectedBy(promise);
                    return judged(
                        outcome === undefined,
                        typeof said === "string" ? said : undefined,
                        outcome?.error,
                        undefined,
                        "doesNotReject",
                        () => `it was rejected with ${kit.oneLine(outcome.error)}`,
                        line,
                    );
                },
                AssertionError,
            },
        );
        assert.strict = Object.assign(
            function strict(...args) {
                return ok(...args);
            },
            assert,
            {
                equal: assert.strictEqual,
                notEqual: assert.notStrictEqual,
                deepEqual: assert.deepStrictEqual,
                notDeepEqual: assert.notDeepStrictEqual,
            },
        );
        assert.strict.strict = assert.strict;
        return assert;
    };
    kit.assert = kit.makeAssert(plain);
    kit.define("assert", kit.assert);
});
