// `require`, and what `import` needs: the builtin modules, and files of the program's folder.
(function (kit) {
    "use strict";
    const { machine, path, fs, world } = kit;
    const folder = "/box";

    const builtins = {
        assert: kit.assert,
        "assert/strict": kit.assert.strict,
        buffer: { Buffer: kit.Buffer, atob, btoa },
        console,
        crypto: kit.crypto,
        events: kit.EventEmitter,
        fs,
        "fs/promises": fs.promises,
        path,
        "path/posix": path,
        perf_hooks: { performance: kit.performance },
        process: kit.process,
        readline: kit.readline,
        "readline/promises": kit.readline.promises,
        test: kit.nodeTest,
        timers: kit.timers,
        "timers/promises": kit.timers.promises,
        url: kit.url,
        util: kit.util,
        "util/types": kit.util.types,
        vitest: kit.testModule,
        "@jest/globals": kit.testModule,
    };
    // Without the prefix, Node takes these for packages.
    const prefixed = new Set(["test"]);

    function builtin(name) {
        const plain = name.startsWith("node:") ? name.slice(5) : name;
        return Object.hasOwn(builtins, plain) && (name !== plain || !prefixed.has(plain)) ? plain : undefined;
    }

    function missing(name) {
        const isFile = /^[./]/.test(name);
        const known = Object.keys(builtins)
            .filter((name) => !/[/@]|vitest/.test(name))
            .join(", ");
        const why = isFile
            ? "there is no such file in the working folder"
            : `there are no packages here; there are files of the working folder (./name.js) and ${known}`;
        return Object.assign(new Error(`Cannot find module '${name}': ${why}`), { code: "MODULE_NOT_FOUND" });
    }

    /** The module that a name means in a file: the name of a builtin one, or the path of a file. */
    function resolve(name, base) {
        name = `${name}`;
        const known = builtin(name);
        if (known !== undefined) return known;
        if (!/^(?:\.{0,2}\/|\.{1,2}$|file:)/.test(name)) throw missing(name);
        const from = path.dirname(path.resolve(folder, `${base ?? ""}`));
        const full = name.startsWith("file:")
            ? decodeURIComponent(name.replace(/^file:\/\//, ""))
            : path.resolve(from, name);
        for (const ending of ["", ".js", ".mjs", ".cjs", ".json", "/index.js"]) {
            const found = machine.look(full + ending);
            if (found.code === undefined && found.value[1] === 0) return full + ending;
        }
        throw missing(name);
    }

    const loaded = new Map();

    function requireFrom(base) {
        const require = (name) => {
            if (typeof name !== "string")
                throw new TypeError(`The "id" argument must be of type string. Received ${kit.short(name)}`);
            const full = resolve(name, base);
            return full.startsWith("/") ? load(full).exports : builtins[full];
        };
        require.resolve = (name) => resolve(name, base);
        require.main = kit.mainModule;
        require.cache = {};
        return require;
    }

    const isModule = (source) => /^\s*(?:import\s*[\w${*"']|export\s)/m.test(source);
    const shortened = (file) => (file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file);

    /** Runs a file as a module of the older kind. */
    function load(file) {
        if (loaded.has(file)) return loaded.get(file);
        const module = { exports: {}, id: file, filename: file, loaded: false, children: [], paths: [] };
        loaded.set(file, module);
        try {
            const source = fs.readFileSync(file, "utf8");
            const name = shortened(file);
            kit.remember(name, source);
            if (file.endsWith(".json")) {
                module.exports = JSON.parse(source);
            } else if (file.endsWith(".mjs") || isModule(source)) {
                module.exports = namesOf(machine.evaluate(source, name, "module"));
            } else {
                const result = machine.evaluate(
                    `(function (exports, require, module, __filename, __dirname) {${source}\n})`,
                    name,
                    "script",
                );
                if ("refused" in result) throw result.refused;
                Reflect.apply(result.value, module.exports, [
                    module.exports,
                    requireFrom(file),
                    module,
                    file,
                    path.dirname(file),
                ]);
            }
        } catch (error) {
            loaded.delete(file);
            throw error;
        }
        module.loaded = true;
        return module;
    }

    function namesOf(result) {
        if ("refused" in result) throw result.refused;
        if ("thrown" in result) throw result.thrown;
        kit.settle(result.promise);
        return result.names;
    }

    /** The source of a module that `import` asks for. */
    function source(full) {
        if (!full.startsWith("/")) return reexported(full, builtins[full]);
        const text = fs.readFileSync(full, "utf8");
        kit.remember(shortened(full), text);
        if (full.endsWith(".json")) return `export default ${text}`;
        if (full.endsWith(".cjs") || (!isModule(text) && /\b(?:module\.exports|exports\.\w+)\s*=/.test(text)))
            return reexported(full, load(full).exports);
        return text;
    }

    function reexported(full, exports) {
        const names =
            exports !== null && (typeof exports === "object" || typeof exports === "function")
                ? Object.keys(exports)
                : [];
        const plain = names.filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== "default");
        return [
            `const all = globalThis[Symbol.for('toolwright.require')].require(${JSON.stringify(full)}); export default all;`,
            ...plain.map((name) => `const _${name} = all.${name}; export { _${name} as ${name} };`),
        ].join("\n");
    }

    kit.mainModule = { exports: {}, id: ".", filename: `${folder}/main.js`, loaded: false, children: [], paths: [] };
    kit.require = requireFrom(`${folder}/main.js`);
    Object.defineProperty(world, Symbol.for("toolwright.require"), {
        value: Object.freeze({
            resolve,
            source,
            require: (full) => (full.startsWith("/") ? load(full).exports : builtins[full]),
        }),
    });
    kit.define("require", kit.require);
    kit.define("module", kit.mainModule);
    kit.define("exports", kit.mainModule.exports);
    kit.define("__filename", kit.mainModule.filename);
    kit.define("__dirname", folder);
});
