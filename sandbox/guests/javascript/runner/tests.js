// `test`, `it`, `describe` and their hooks, and what tests find in place of what programs find.
(function (kit) {
    "use strict";
    const { checks } = kit;

    // `test(name, fn)`, `test(name, options, fn)`, `test(fn)`.
    const parts = (args) => {
        const action = args.findLast((part) => typeof part === "function");
        const options = args.find((part) => part !== null && typeof part === "object") ?? {};
        const name = typeof args[0] === "string" ? args[0] : action?.name || "test";
        return { name, action, how: options.skip || options.todo ? "skip" : options.only ? "only" : undefined };
    };
    const filled = (name, row, i) =>
        kit
            .inRunner(kit.format, [`${name}`.replaceAll("%#", `${i}`), ...row])
            .replace(/\$(\w+)/g, (all, key) =>
                row[0] !== null && typeof row[0] === "object" && key in row[0] ? kit.short(row[0][key]) : all,
            );

    function family(register) {
        const make =
            (how) =>
            (...args) => {
                const { name, action, how: said } = parts(args);
                register(name, action, how ?? said);
            };
        const each = (how) => (rows) => (name, action) => {
            [...rows].forEach((row, i) => {
                const values = Array.isArray(row) ? row : [row];
                const shown = (name.match(/%[sdifjoOp]/g) ?? []).length;
                const label = filled(
                    name.replaceAll("%p", "%o"),
                    values.slice(0, Math.max(shown, name.includes("$") ? 1 : 0)),
                    i,
                );
                register(
                    name.includes("$") && shown === 0 ? label.split(" {")[0] : label,
                    () => action(...values),
                    how,
                );
            });
        };
        return Object.assign(make(), {
            skip: Object.assign(make("skip"), { each: each("skip") }),
            only: Object.assign(make("only"), { each: each("only") }),
            todo: make("skip"),
            each: each(),
            concurrent: make(),
        });
    }

    const test = family((name, action, how) => checks.register(name, action, how));
    const describe = family((name, action, how) => checks.describe(name, action, how));
    const tools = {
        test,
        it: test,
        describe,
        suite: describe,
        before: (action) => checks.hook("before", action),
        after: (action) => checks.hook("after", action),
        beforeEach: (action) => checks.hook("beforeEach", action),
        afterEach: (action) => checks.hook("afterEach", action),
        expect: kit.expect,
    };
    tools.beforeAll = tools.before;
    tools.afterAll = tools.after;
    for (const name of [
        "test",
        "it",
        "describe",
        "before",
        "after",
        "beforeEach",
        "afterEach",
        "beforeAll",
        "afterAll",
        "expect",
    ]) {
        kit.define(name, tools[name]);
    }
    // Node's module is the function itself.
    kit.nodeTest = Object.assign(
        family((name, action, how) => checks.register(name, action, how)),
        tools,
    );
    kit.testModule = tools;

    /** What tests find under these names: what they assert is counted. */
    const judge = { hold: checks.hold, fail: checks.fail, caller: checks.caller };
    const [assert, expect, console] = [kit.makeAssert(judge), kit.makeExpect(judge), kit.makeConsole(judge)];
    const builtins = Object.assign(Object.create(null), { assert, "assert/strict": assert.strict });
    kit.testTools = function (program, names) {
        const main = program.replace(/\.\w+$/, "");
        const require = (name) => {
            const plain = `${name}`.replace(/^node:/, "");
            if (plain in builtins) return builtins[plain];
            if (["vitest", "@jest/globals"].includes(plain)) return { ...kit.testModule, expect };
            // The program itself, by the names that it is given.
            const file = plain.replace(/^\.\//, "").replace(/\.[cm]?js$/, "");
            if (
                plain.startsWith("./") &&
                !kit.fs.existsSync(`${file}.js`) &&
                (file === main || ["solution", "index", "program", "code"].includes(file))
            ) {
                return kit.named(names ?? kit.mainModule.exports);
            }
            return kit.require(name);
        };
        return { assert, expect, console, require };
    };
});
