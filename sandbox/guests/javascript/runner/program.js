// Runs the program and its tests, and tells the host what came of them.
(function (kit) {
    "use strict";
    const { machine, checks, world } = kit;

    // Longer values say no more to whoever reads them.
    const VALUE = 10_000;
    const TESTS = "tests.js";

    let outcome;
    let request;
    let exiting = false;
    let names;
    let scope;

    function report(tests = outcome.tests) {
        machine.report(JSON.stringify({ ...outcome, tests }));
    }

    /** Tells the host how far the tests are, in case they never end. */
    kit.progress = function (what) {
        report({ ...checks.result(), error: what });
    };

    kit.pending = () => new kit.InnerError("it waits for a promise that nothing settles");

    /** The exit code of the run. */
    kit.run = function (text) {
        request = JSON.parse(text);
        request.name ||= "main.js";
        request.code = (request.code || "").replaceAll("\r\n", "\n");
        outcome = { ok: true, error: null, value: null, tests: null };
        checks.requested = typeof request.tests === "string";
        machine.now();
        let code = 0;
        const error = guarded(program);
        if (error !== undefined) code = failed(error.thrown);
        if (!exiting) afterProgram(error);
        code ||= guarded(() => kit.process.emit("exit", kit.exitCode ?? 0)) === undefined ? 0 : 1;
        report();
        return code || kit.exitCode || 0;
    };

    /** Calls it; `{thrown}` if that ends with an error. */
    function guarded(action) {
        kit.ended = undefined;
        try {
            action();
            return undefined;
        } catch (thrown) {
            return { thrown: kit.isStop(thrown) ? kit.ended.error : thrown };
        }
    }

    function failed(error) {
        outcome.ok = false;
        outcome.error = kit.summary(error, request.name);
        return 1;
    }

    function afterProgram(error) {
        if (!checks.requested && checks.queue.length === 0) return;
        if (error !== undefined) {
            checks.error = `not run: the program ended with ${kit.oneLine(error.thrown)}`;
        } else {
            tests();
        }
        outcome.tests = checks.result();
    }

    function program() {
        kit.remember(request.name, request.code);
        const { kind, value, promise, names: exported } = evaluated(request.code, request.name);
        if (kind === "module") {
            names = exported;
            kit.runLoop();
            kit.settle(promise);
            return;
        }
        kit.runLoop();
        let last = kind === "async" ? kit.settle(value)?.value : value;
        if (last !== null && typeof last === "object" && kit.kindOf(last) === "promise") {
            const [how, result] = machine.promiseState(last);
            last = how === "fulfilled" ? result : undefined;
        }
        outcome.value = represented(last);
    }

    /** Evaluates source as what it is: a script, a script with `await`, or a module. */
    function evaluated(code, name) {
        const kinds = ["script"];
        if (/\bawait\b/.test(code)) kinds.push("async");
        if (/\b(?:import|export)\b/.test(code)) kinds.push("module");
        let refused;
        for (const kind of kinds) {
            let source = code;
            if (kind === "module" && checks.requested)
                source = `${code}\n;globalThis["@scope"]((source) => eval(source));`;
            if (kind === "module") offerScope();
            const result = machine.evaluate(source, name, kind);
            if ("thrown" in result) throw result.thrown;
            if (!("refused" in result)) return { kind, ...result };
            const error = result.refused;
            const place = kit.place(error, name);
            const reach = error?.name !== "SyntaxError" ? Infinity : (place?.line ?? 0) * 1e6 + (place?.column ?? 0);
            // What went furthest is what it was meant to be.
            if (refused === undefined || reach > refused.reach) refused = { error, reach };
        }
        throw refused.error;
    }

    /** Lets the last line of a module hand out a function that evaluates inside of it. */
    function offerScope() {
        Object.defineProperty(world, "@scope", {
            configurable: true,
            value(evaluate) {
                scope = evaluate;
                delete world["@scope"];
            },
        });
    }

    function represented(value) {
        // A directive, and what a program hands out to others, are no results.
        if (value === undefined || value === "use strict" || value === kit.mainModule.exports) return null;
        try {
            const text = typeof value === "string" ? value : kit.inspect(value);
            return text.length > VALUE ? `${text.slice(0, VALUE)}…` : text;
        } catch (error) {
            return `<${typeof value}, which cannot be shown: ${kit.oneLine(error)}>`;
        }
    }

    function tests() {
        checks.began = true;
        kit.clearLoop();
        const error = guarded(() => {
            if (checks.requested) body();
            kit.runLoop();
            checks.runQueue();
            kit.runLoop();
        });
        if (error !== undefined && checks.error === null) checks.error = told(error.thrown);
        // Tests that throw by themselves have nothing to count.
        if (error === undefined && checks.total === 0 && checks.requested && /\bthrow\b/.test(request.tests)) {
            checks.total = checks.passed = 1;
        }
    }

    function told(error) {
        const line = kit.outermost(error, TESTS)?.line;
        return line === undefined ? kit.oneLine(error) : `line ${line} of the tests: ${kit.oneLine(error)}`;
    }

    /** What the program exports, and what else it names, exported or not. */
    kit.named = (exports) =>
        exports === null || typeof exports !== "object"
            ? exports
            : new Proxy(exports, {
                  get(exports, key) {
                      if (key in exports || typeof key !== "string" || !/^[A-Za-z_$][\w$]*$/.test(key))
                          return exports[key];
                      try {
                          return scope === undefined ? machine.evaluate(key, request.name, "script").value : scope(key);
                      } catch {
                          return undefined;
                      }
                  },
              });

    /** Runs the tests as the body of a function, so that their names may be those of the program. */
    function body() {
        const source = request.tests.replaceAll("\r\n", "\n");
        kit.remember(TESTS, source);
        kit.progress("did not end");
        const plain = kit.required(source);
        const parameters = ["assert", "expect", "console", "require", "compare$", "caught$", "default$"];
        const wrapped = (source) => `(async function (${parameters.join(", ")}) { {${source}\n} })`;
        let result = evaluateTests(wrapped(kit.guarded(plain)));
        if ("refused" in result) result = evaluateTests(wrapped(plain));
        if ("refused" in result) throw result.refused;
        if ("thrown" in result) throw result.thrown;
        const { assert, expect, console, require } = kit.testTools(request.name, names);
        const byDefault = (exports) =>
            exports !== null && typeof exports === "object" && "default" in exports ? exports.default : exports;
        kit.settle(
            Reflect.apply(result.value, undefined, [
                assert,
                expect,
                console,
                require,
                checks.compare,
                checks.caught,
                byDefault,
            ]),
        );
    }

    function evaluateTests(source) {
        if (scope === undefined) return machine.evaluate(source, TESTS, "script");
        kit.evaluating = TESTS;
        try {
            return { value: scope(source) };
        } catch (error) {
            return { refused: error };
        }
    }

    /** `process.exit`. */
    kit.exit = function (code) {
        if (exiting) machine.exit(code);
        exiting = true;
        guarded(() => kit.process.emit("exit", code));
        if (checks.began) {
            if (code !== 0) checks.error ??= `the tests ended the program with exit code ${code}`;
            outcome.tests = checks.result();
        } else {
            if (code !== 0) {
                const frame = kit.frames(new Error().stack).find((frame) => frame.file === request.name);
                outcome.ok = false;
                outcome.error = {
                    type: "Exit",
                    message: String(code),
                    line: frame?.line ?? null,
                    text: frame === undefined ? null : (kit.lineOf(request.name, frame.line) ?? null),
                    trace: null,
                };
                if (checks.requested) checks.error = `not run: the program ended itself with exit code ${code}`;
            } else if (checks.requested) {
                tests();
            }
            if (checks.requested) outcome.tests = checks.result();
        }
        report();
        machine.exit(code);
    };
});
