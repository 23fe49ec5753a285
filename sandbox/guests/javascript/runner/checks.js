// Counts what tests come to. Assertions at the top of the tests count one by one; `test`, `it` and their kin count as a
// whole, with the assertions in them.
(function (kit) {
    "use strict";

    // Failures that are told one by one, the length of a value in them, and how many assertions are reported as they pass.
    const FAILURES = 20;
    const VALUE = 300;
    const OFTEN = 500;

    const NAME = "tests.js";
    const checks = {
        requested: false,
        began: false,
        total: 0,
        passed: 0,
        failures: [],
        error: null,
        /** The test that runs, or null between tests. */
        active: null,
        /** How many functions of `assert.throws` and the like are being called. */
        nested: 0,
        queue: [],
        scopes: [{ name: "", before: [], after: [], beforeEach: [], afterEach: [], skipped: false }],
        only: false,
    };
    kit.checks = checks;

    /** What an AssertionError found, such as `got 7, expected 6`. */
    const found = new WeakMap();
    kit.remarks = found;

    kit.short = function (value) {
        let text;
        try {
            text = kit.inspect(value, { breakLength: Infinity, compact: 3 });
        } catch (error) {
            text = `<${typeof value}, which cannot be shown: ${kit.oneLine(error)}>`;
        }
        return text.length > VALUE ? `${text.slice(0, VALUE)}…` : text;
    };

    checks.result = () => ({
        total: checks.total,
        passed: checks.passed,
        failures: checks.failures,
        error: checks.error,
    });

    /** An assertion of the tests that holds. */
    checks.hold = function () {
        if (checks.active !== null || checks.nested > 0) return;
        checks.total++;
        checks.passed++;
        if (checks.total < OFTEN || checks.total % OFTEN === 0)
            kit.progress(`did not end after ${checks.total} of them`);
    };

    /** An assertion of the tests that does not; it throws inside of a test. `line` is where, if the error cannot say. */
    checks.fail = function (error, line) {
        if (checks.active !== null || checks.nested > 0) throw error;
        checks.caught(error, line);
    };

    /** What a guarded statement of the tests threw, such as the error of a function that it called. */
    checks.caught = function (error, line = kit.place(error, NAME)?.line) {
        if (checks.active !== null || checks.nested > 0) throw error;
        checks.total++;
        failure(found.get(error)?.statement ?? kit.lineOf(NAME, line) ?? "assertion", line, error);
    };

    const onOneLine = (text) => text.replace(/\s*\n\s*/g, " ").replace(/;$/, "");

    function failure(name, line, error) {
        if (checks.failures.length >= FAILURES) return;
        name = onOneLine(String(name)).slice(0, VALUE);
        const remark = found.get(error);
        let message = kit.oneLine(error);
        if (remark !== undefined) {
            const there = kit.lineOf(NAME, line) ?? "";
            const statement =
                remark.statement ??
                (/^(?:await\s+)?(?:assert|expect|console\.assert)\b/.test(there) ? there : undefined);
            message = [
                remark.said === undefined ? "" : `${remark.said}; `,
                statement === undefined ? "" : `${onOneLine(statement)}: `,
                remark.found ?? "",
            ].join("");
        }
        checks.failures.push({ name, line: line ?? null, message });
    }

    /** The line of the tests that calls, for what fails later. */
    checks.caller = () => kit.frames(new Error().stack).find((frame) => frame.file === NAME)?.line;

    const operators = {
        "===": (a, b) => a === b,
        "!==": (a, b) => a !== b,
        "==": (a, b) => a == b,
        "!=": (a, b) => a != b,
        "<": (a, b) => a < b,
        ">": (a, b) => a > b,
        "<=": (a, b) => a <= b,
        ">=": (a, b) => a >= b,
    };

    /** `assert(left operator right, said)`, as `rewrite.js` writes it. */
    checks.compare = function (left, operator, right, statement, said) {
        if (operators[operator](left, right)) return checks.hold();
        const text =
            operator === "===" || operator === "=="
                ? `got ${kit.short(left)}, expected ${kit.short(right)}`
                : `got ${kit.short(left)} ${operator} ${kit.short(right)}, which is false`;
        const error = kit.assertionError(said ?? text, left, right, operator);
        found.set(error, {
            found: text,
            statement,
            said:
                said === undefined
                    ? undefined
                    : `${typeof said === "string" ? said : kit.oneLine(said)}`.slice(0, VALUE),
        });
        return checks.fail(error);
    };

    checks.describe = function (name, body, how) {
        const scope = {
            name: String(name ?? ""),
            before: [],
            after: [],
            beforeEach: [],
            afterEach: [],
            skipped: how === "skip",
        };
        checks.scopes.push(scope);
        try {
            const result = body?.();
            if (kit.kindOf(result) === "promise") kit.settle(result);
        } finally {
            checks.scopes.pop();
        }
    };

    checks.hook = (kind, action) => checks.scopes.at(-1)[kind].push(action);

    checks.register = function (name, action, how) {
        const scopes = [...checks.scopes];
        if (how === "skip" || typeof action !== "function" || scopes.some((scope) => scope.skipped)) return;
        const label = [...scopes.map((scope) => scope.name), String(name)].filter((part) => part !== "").join(" > ");
        const line = kit.frames(new Error().stack).find((frame) => frame.file === NAME)?.line;
        const entry = { label, action, scopes, line, only: how === "only" };
        checks.only ||= entry.only;
        if (checks.active !== null) run(entry);
        else checks.queue.push(entry);
    };

    /** Runs the tests that were registered, also those that they register. */
    checks.runQueue = function () {
        const begun = new Set();
        const ended = [];
        while (checks.queue.length > 0) {
            const entry = checks.queue.shift();
            if (checks.only && !entry.only) continue;
            const fresh = entry.scopes.filter((scope) => !begun.has(scope));
            for (const scope of fresh) {
                begun.add(scope);
                ended.unshift(...scope.after);
            }
            run(
                entry,
                fresh.flatMap((scope) => scope.before),
            );
        }
        for (const action of ended) attempt(action, []);
    };

    function run({ label, action, scopes, line }, first = []) {
        const outer = checks.active;
        kit.progress(`did not end: ${label}`);
        checks.active = label;
        const each = (kind) => scopes.flatMap((scope) => scope[kind]);
        let error = steps([...first, ...each("beforeEach")]);
        error ??= attempt(action, [contextOf(label)]);
        error = error ?? steps(each("afterEach").reverse());
        checks.active = outer;
        checks.total++;
        if (error === undefined) checks.passed++;
        else failure(label, kit.place(error.thrown, NAME)?.line ?? line, error.thrown);
    }

    function steps(actions) {
        for (const action of actions) {
            const error = attempt(action, []);
            if (error !== undefined) return error;
        }
        return undefined;
    }

    /** Calls a function and waits for what it promises; `{thrown}` if that ends badly. */
    function attempt(action, parameters) {
        try {
            const wantsDone =
                parameters.length > 0 &&
                /^(?:async\s*)?(?:function\b[^(]*)?\(?\s*done\b/.test(Function.prototype.toString.call(action));
            let finish;
            const waited = wantsDone
                ? new Promise((resolve, reject) => {
                      finish = (error) => (error ? reject(error) : resolve());
                  })
                : undefined;
            const result = Reflect.apply(action, undefined, wantsDone ? [finish] : parameters);
            kit.settle(waited ?? result);
            return undefined;
        } catch (thrown) {
            if (kit.isStop(thrown)) throw thrown;
            return { thrown };
        }
    }

    /** What tests of `node:test` get as their argument. */
    const contextOf = (label) => ({
        name: label,
        test: (name, ...rest) => checks.register(name, rest.at(-1)),
        diagnostic() {},
        skip() {},
        todo() {},
        after() {},
        before() {},
    });
});
