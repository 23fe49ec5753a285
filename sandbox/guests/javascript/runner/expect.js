// `expect(value).toBe(…)`, as Jest and Vitest have it.
(function (kit) {
    "use strict";
    // Programs may put something else in its place.
    const same = Object.is;
    const short = (value) => kit.inRunner(kit.short, value);
    const equal = (left, right, strict) => kit.inRunner(kit.equal, left, right, strict);

    // Placeholders such as `expect.any(Number)`.
    class Like {
        constructor(test, text) {
            Object.defineProperty(this, "test", { value: test });
            Object.defineProperty(this, Symbol.for("nodejs.util.inspect.custom"), { value: () => text });
        }
    }

    /** Equality of values, not of prototypes; undefined properties do not count. */
    function alike(actual, expected, seen = new Map()) {
        if (expected instanceof Like) return expected.test(actual);
        if (same(actual, expected)) return true;
        if (actual === null || expected === null || typeof actual !== "object" || typeof expected !== "object")
            return false;
        const kind = kit.kindOf(actual);
        if (kind !== kit.kindOf(expected)) return false;
        if (kind !== "array" && kind !== "object" && kind !== "other") {
            return kind === "error" ? actual.message === expected.message : equal(actual, expected, false);
        }
        if (seen.get(actual) === expected) return true;
        seen.set(actual, expected);
        const keys = (object) =>
            Reflect.ownKeys(object).filter(
                (key) =>
                    Object.prototype.propertyIsEnumerable.call(object, key) &&
                    (kind === "array" || object[key] !== undefined),
            );
        if (kind === "array" && actual.length !== expected.length) return false;
        const [left, right] = [keys(actual), keys(expected)];
        return (
            left.length === right.length &&
            right.every((key) => Object.hasOwn(actual, key) && alike(actual[key], expected[key], seen))
        );
    }

    /** Whether the object has the properties of the other, at any depth. */
    const holds = (actual, expected) =>
        actual !== null &&
        typeof actual === "object" &&
        Object.keys(expected).every((key) =>
            expected[key] !== null &&
            typeof expected[key] === "object" &&
            !(expected[key] instanceof Like) &&
            !Array.isArray(expected[key])
                ? holds(actual[key], expected[key])
                : alike(actual[key], expected[key]),
        );

    const property = (object, path) =>
        (Array.isArray(path) ? path : `${path}`.split(/[.[\]]+/).filter((part) => part !== "")).reduce(
            ({ there, value }, key) =>
                there && value !== null && value !== undefined && Object(value)[key] !== undefined
                    ? { there: true, value: value[key] }
                    : { there: there && value != null && key in Object(value), value: value?.[key] },
            { there: true, value: object },
        );

    function throwing(value) {
        if (typeof value !== "function") return { error: value };
        kit.checks.nested++;
        try {
            value();
            return undefined;
        } catch (error) {
            return { error };
        } finally {
            kit.checks.nested--;
        }
    }

    const matchesError = (error, expected) => {
        if (expected === undefined) return true;
        const message = error instanceof Error ? error.message : `${error?.message ?? error}`;
        if (typeof expected === "string") return message.includes(expected);
        if (expected instanceof RegExp) return expected.test(message);
        if (typeof expected === "function") return error instanceof expected;
        return message === expected?.message;
    };

    const matchers = {
        toBe: (actual, expected) => same(actual, expected),
        toEqual: (actual, expected) => alike(actual, expected),
        toStrictEqual: (actual, expected) =>
            expected instanceof Like ? alike(actual, expected) : equal(actual, expected, true),
        toBeTruthy: (actual) => Boolean(actual),
        toBeFalsy: (actual) => !actual,
        toBeNull: (actual) => actual === null,
        toBeUndefined: (actual) => actual === undefined,
        toBeDefined: (actual) => actual !== undefined,
        toBeNaN: (actual) => Number.isNaN(actual),
        toBeGreaterThan: (actual, expected) => actual > expected,
        toBeGreaterThanOrEqual: (actual, expected) => actual >= expected,
        toBeLessThan: (actual, expected) => actual < expected,
        toBeLessThanOrEqual: (actual, expected) => actual <= expected,
        toBeCloseTo: (actual, expected, digits = 2) =>
            actual === expected || Math.abs(actual - expected) < 10 ** -digits / 2,
        toBeInstanceOf: (actual, expected) => actual instanceof expected,
        toBeTypeOf: (actual, expected) => typeof actual === expected,
        toContain: (actual, expected) =>
            typeof actual === "string" ? actual.includes(expected) : [...actual].includes(expected),
        toContainEqual: (actual, expected) => [...actual].some((item) => alike(item, expected)),
        toHaveLength: (actual, expected) => actual?.length === expected,
        toHaveProperty(actual, path, ...expected) {
            const found = property(actual, path);
            return found.there && (expected.length === 0 || alike(found.value, expected[0]));
        },
        toMatch: (actual, expected) =>
            typeof expected === "string" ? actual.includes(expected) : expected.test(actual),
        toMatchObject: (actual, expected) => holds(actual, expected),
        toThrow(actual, expected) {
            const outcome = throwing(actual);
            return outcome !== undefined && matchesError(outcome.error, expected);
        },
    };
    matchers.toThrowError = matchers.toThrow;

    function found(name, isNot, actual, expected) {
        let got = short(actual);
        if (name.startsWith("toThrow")) {
            const outcome = throwing(actual);
            got = outcome === undefined ? "no error" : kit.oneLine(outcome.error);
        }
        if (!isNot && ["toBe", "toEqual", "toStrictEqual"].includes(name))
            return `got ${got}, expected ${short(expected[0])}`;
        return `got ${got}, expected ${isNot ? "not " : ""}${name}(${expected.map((value) => (typeof value === "function" ? value.name : short(value))).join(", ")})`;
    }

    kit.makeExpect = function (judge) {
        const about = (actual, isNot, line) => {
            const judged = {};
            for (const [name, holds] of Object.entries(matchers)) {
                judged[name] = (...expected) =>
                    holds(actual, ...expected) !== isNot
                        ? judge.hold()
                        : judge.fail(
                              kit.assertionError(
                                  undefined,
                                  actual,
                                  expected[0],
                                  name,
                                  found(name, isNot, actual, expected),
                              ),
                              line,
                          );
            }
            return judged;
        };
        // The matchers of what a promise comes to.
        const awaited = (promise, wanted, isNot) => {
            const judged = {};
            for (const name of Object.keys(matchers)) {
                judged[name] = async (...expected) => {
                    const line = judge.caller();
                    let outcome;
                    try {
                        outcome = {
                            how: "resolves",
                            value: await (typeof promise === "function" ? promise() : promise),
                        };
                    } catch (error) {
                        outcome = { how: "rejects", value: error };
                    }
                    if (outcome.how === wanted) return about(outcome.value, isNot, line)[name](...expected);
                    return judge.fail(
                        kit.assertionError(
                            undefined,
                            outcome.value,
                            expected[0],
                            wanted,
                            `the promise ${outcome.how === "rejects" ? "was rejected" : "was fulfilled"} with ${short(outcome.value)}`,
                        ),
                        line,
                    );
                };
            }
            return judged;
        };
        const expect = (actual) =>
            Object.assign(about(actual, false), {
                not: Object.assign(about(actual, true), {
                    resolves: awaited(actual, "resolves", true),
                    rejects: awaited(actual, "rejects", true),
                }),
                resolves: Object.assign(awaited(actual, "resolves", false), { not: awaited(actual, "resolves", true) }),
                rejects: Object.assign(awaited(actual, "rejects", false), { not: awaited(actual, "rejects", true) }),
            });
        const ofClass = (value, Class) => value !== null && value !== undefined && Object(value) instanceof Class;
        return Object.assign(expect, {
            any: (Class) => new Like((value) => ofClass(value, Class), `any ${Class.name}`),
            anything: () => new Like((value) => value !== null && value !== undefined, "anything"),
            arrayContaining: (items) =>
                new Like(
                    (value) => Array.isArray(value) && items.every((item) => value.some((one) => alike(one, item))),
                    `array containing ${short(items)}`,
                ),
            objectContaining: (part) => new Like((value) => holds(value, part), `object containing ${short(part)}`),
            stringContaining: (part) =>
                new Like(
                    (value) => typeof value === "string" && value.includes(part),
                    `string containing ${short(part)}`,
                ),
            stringMatching: (pattern) =>
                new Like(
                    (value) => typeof value === "string" && new RegExp(pattern).test(value),
                    `string matching ${pattern}`,
                ),
            closeTo: (number, digits = 2) =>
                new Like((value) => matchers.toBeCloseTo(value, number, digits), `close to ${number}`),
        });
    };
    kit.expect = kit.makeExpect(kit.plainJudge);
});
