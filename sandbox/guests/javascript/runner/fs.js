// `fs` and `fs/promises`: the functions that read and write whole files, and folders.
(function (kit) {
    "use strict";
    const { machine } = kit;

    const numbers = {
        ENOENT: -2,
        EIO: -5,
        EACCES: -13,
        EEXIST: -17,
        ENOTDIR: -20,
        EISDIR: -21,
        EPERM: -1,
        ENOSPC: -28,
        EROFS: -30,
        ENOTEMPTY: -39,
        EDQUOT: -122,
    };

    /** The value of an outcome, or its error as Node would throw it. */
    function done(outcome, call, path, to) {
        if (outcome.code === undefined) return outcome.value;
        const where = path === undefined ? "" : ` '${path}'${to === undefined ? "" : ` -> '${to}'`}`;
        const error = new Error(`${outcome.code}: ${outcome.why}, ${call}${where}`);
        Error.captureStackTrace(error, done);
        throw Object.assign(error, {
            errno: numbers[outcome.code] ?? -1,
            code: outcome.code,
            syscall: call,
            ...(path === undefined ? {} : { path }),
            ...(to === undefined ? {} : { dest: to }),
        });
    }

    function pathOf(value) {
        if (value === 0) return "/dev/stdin";
        if (typeof value === "string") {
            if (value.includes("\0"))
                throw Object.assign(new TypeError("The argument 'path' must be a string without null bytes."), {
                    code: "ERR_INVALID_ARG_VALUE",
                });
            return value.toWellFormed();
        }
        if (value instanceof Uint8Array) return machine.decodeLossy(kit.bytesOf(value));
        if (typeof value?.href === "string" && value.protocol === "file:") return decodeURIComponent(value.pathname);
        throw Object.assign(
            new TypeError(
                `The "path" argument must be of type string or an instance of Buffer or URL. Received ${kit.short(value)}`,
            ),
            { code: "ERR_INVALID_ARG_TYPE" },
        );
    }

    const encodingIn = (options) => (typeof options === "string" ? options : options?.encoding) ?? undefined;
    const dataOf = (data, options) => {
        if (typeof data === "string") {
            const encoding = encodingIn(options);
            return encoding === undefined || /^utf-?8$/i.test(encoding)
                ? data.toWellFormed()
                : kit.bytesOf(kit.Buffer.from(data, encoding));
        }
        if (ArrayBuffer.isView(data)) return kit.bytesOf(data);
        throw Object.assign(
            new TypeError(
                `The "data" argument must be of type string or an instance of Buffer, TypedArray, or DataView. Received ${kit.short(data)}`,
            ),
            { code: "ERR_INVALID_ARG_TYPE" },
        );
    };

    class Stats {
        constructor([size, isFolder, changed]) {
            this.size = size;
            this.mode = isFolder ? 0o40755 : 0o100644;
            this.mtimeMs = this.ctimeMs = this.atimeMs = this.birthtimeMs = changed;
            this.mtime = this.ctime = this.atime = this.birthtime = new Date(changed);
            Object.defineProperty(this, "folder", { value: isFolder === 1 });
        }
        isFile() {
            return !this.folder;
        }
        isDirectory() {
            return this.folder;
        }
        isSymbolicLink() {
            return false;
        }
    }

    class Dirent {
        constructor(name, parentPath, folder) {
            this.name = name;
            this.parentPath = this.path = parentPath;
            Object.defineProperty(this, "folder", { value: folder });
        }
        isFile() {
            return !this.folder;
        }
        isDirectory() {
            return this.folder;
        }
        isSymbolicLink() {
            return false;
        }
    }

    function entries(path, options) {
        const found = [];
        const walk = (folder, before) => {
            for (const name of done(machine.list(folder), "scandir", folder)) {
                const isFolder = name.endsWith("/");
                const plain = isFolder ? name.slice(0, -1) : name;
                found.push(options?.withFileTypes ? new Dirent(plain, folder, isFolder) : before + plain);
                if (isFolder && options?.recursive) walk(`${folder}/${plain}`, `${before}${plain}/`);
            }
        };
        walk(path, "");
        return found;
    }

    let folders = 0;
    const fs = {
        readFileSync(path, options) {
            const name = pathOf(path);
            const encoding = encodingIn(options);
            if (encoding !== undefined && /^utf-?8$/i.test(encoding)) return done(machine.readText(name), "open", name);
            const bytes = new kit.Buffer(done(machine.read(name), "open", name));
            return encoding === undefined || encoding === "buffer" ? bytes : bytes.toString(encoding);
        },
        writeFileSync(path, data, options) {
            const name = pathOf(path);
            done(machine.save(name, dataOf(data, options), options?.flag ?? "w"), "open", name);
        },
        appendFileSync(path, data, options) {
            const name = pathOf(path);
            done(machine.save(name, dataOf(data, options), options?.flag ?? "a"), "open", name);
        },
        existsSync(path) {
            try {
                return machine.exists(pathOf(path));
            } catch {
                return false;
            }
        },
        readdirSync: (path, options) => entries(pathOf(path), options),
        mkdirSync(path, options) {
            const name = pathOf(path);
            done(machine.makeFolder(name, Boolean(options?.recursive)), "mkdir", name);
        },
        mkdtempSync(before) {
            const name = `${pathOf(before)}${String(folders++).padStart(6, "0")}`;
            done(machine.makeFolder(name, false), "mkdtemp", name);
            return name;
        },
        rmSync(path, options) {
            const name = pathOf(path);
            const found = machine.look(name);
            if (found.code !== undefined) {
                if (options?.force && found.code === "ENOENT") return;
                done(found, "rm", name);
            }
            if (found.value[1] === 0) return void done(machine.remove(name), "rm", name);
            if (!options?.recursive)
                throw Object.assign(new Error(`Path is a directory: rm returned EISDIR (is a directory) ${name}`), {
                    code: "ERR_FS_EISDIR",
                });
            done(machine.removeFolder(name, true), "rm", name);
        },
        rmdirSync(path, options) {
            const name = pathOf(path);
            done(machine.removeFolder(name, Boolean(options?.recursive)), "rmdir", name);
        },
        unlinkSync(path) {
            const name = pathOf(path);
            done(machine.remove(name), "unlink", name);
        },
        renameSync(from, to) {
            const [old, fresh] = [pathOf(from), pathOf(to)];
            done(machine.rename(old, fresh), "rename", old, fresh);
        },
        copyFileSync(from, to) {
            const [old, fresh] = [pathOf(from), pathOf(to)];
            done(machine.copy(old, fresh), "copyfile", old, fresh);
        },
        truncateSync(path, length = 0) {
            const name = pathOf(path);
            done(machine.truncate(name, length), "open", name);
        },
        statSync(path, options) {
            const name = pathOf(path);
            const found = machine.look(name);
            if (found.code === "ENOENT" && options?.throwIfNoEntry === false) return undefined;
            return new Stats(done(found, "stat", name));
        },
        lstatSync: (path, options) => fs.statSync(path, options),
        accessSync(path) {
            const name = pathOf(path);
            done(machine.look(name), "access", name);
        },
        realpathSync: (path) => kit.path.resolve(pathOf(path)),
        constants: { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 },
        Stats,
        Dirent,
    };

    fs.promises = { constants: fs.constants };
    for (const name of Object.keys(fs).filter((name) => name.endsWith("Sync"))) {
        const short = name.slice(0, -4);
        const act = fs[name];
        fs.promises[short] = async (...args) => act(...args);
        fs[short] = (...args) => {
            const callback = args.pop();
            if (typeof callback !== "function") {
                throw Object.assign(
                    new TypeError(`The "cb" argument must be of type function. Received ${kit.short(callback)}`),
                    { code: "ERR_INVALID_ARG_TYPE" },
                );
            }
            let result;
            let error = null;
            try {
                result = act(...args);
            } catch (thrown) {
                error = thrown;
            }
            kit.addImmediate(callback, short === "exists" ? [result] : error === null ? [null, result] : [error]);
        };
    }
    kit.fs = fs;
    kit.define("fs", fs);
});
