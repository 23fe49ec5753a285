// `process`, without a host behind it.
(function (kit) {
    "use strict";
    const { machine, EventEmitter } = kit;

    const stream = (number) => {
        const out = new EventEmitter();
        return Object.assign(out, {
            isTTY: false,
            fd: number,
            columns: 80,
            writable: true,
            write(data, encoding, callback) {
                kit.write(number, typeof data === "string" ? data : machine.decodeLossy(kit.bytesOf(data)));
                const done = typeof encoding === "function" ? encoding : callback;
                if (typeof done === "function") kit.nextTick(done, []);
                return true;
            },
            end(data) {
                if (data !== undefined) out.write(data);
            },
        });
    };

    // What comes in is there as a whole: it is given out in one piece, when somebody first listens.
    const stdin = new EventEmitter();
    let begun = false;
    const begin = () => {
        if (begun) return;
        begun = true;
        kit.addImmediate(() => {
            const text = machine.readText("/dev/stdin").value ?? "";
            if (text !== "") stdin.emit("data", stdin.decoded ? text : kit.Buffer.from(text));
            stdin.emit("end");
            stdin.emit("close");
        }, []);
    };
    Object.assign(stdin, {
        isTTY: false,
        fd: 0,
        setEncoding() {
            Object.defineProperty(stdin, "decoded", { value: true, configurable: true });
            return stdin;
        },
        resume() {
            begin();
            return stdin;
        },
        pause: () => stdin,
        on(event, listener) {
            EventEmitter.prototype.on.call(stdin, event, listener);
            if (event === "data" || event === "end") begin();
            return stdin;
        },
        async *[Symbol.asyncIterator]() {
            const text = machine.readText("/dev/stdin").value ?? "";
            if (text !== "") yield stdin.decoded ? text : kit.Buffer.from(text);
        },
    });
    stdin.addListener = stdin.on;

    const hrtime = (since) => {
        const nanos = BigInt(Math.round(machine.now() * 1e6)) + 1_000_000_000n;
        const [seconds, rest] = [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)];
        if (since === undefined) return [seconds, rest];
        const [a, b] = [seconds - since[0], rest - since[1]];
        return b < 0 ? [a - 1, b + 1e9] : [a, b];
    };
    hrtime.bigint = () => BigInt(Math.round(machine.now() * 1e6)) + 1_000_000_000n;

    const process = new EventEmitter();
    Object.assign(process, {
        title: "node",
        version: "v20.0.0",
        versions: { node: "20.0.0" },
        arch: "wasm32",
        platform: "linux",
        release: { name: "node" },
        argv: ["node", "/box/main.js"],
        execArgv: [],
        execPath: "node",
        env: {},
        pid: 1,
        ppid: 0,
        stdin,
        stdout: stream(1),
        stderr: stream(2),
        cwd: () => "/box",
        chdir() {
            throw new Error("process.chdir is not supported: the working folder is the only one");
        },
        exit(code = process.exitCode) {
            const number = Number(code ?? 0);
            kit.exit(Number.isFinite(number) ? number & 255 : 1);
        },
        abort: () => kit.exit(134),
        nextTick(action, ...parameters) {
            if (typeof action !== "function")
                throw new TypeError(`The "callback" argument must be of type function. Received ${kit.short(action)}`);
            kit.nextTick(action, parameters);
        },
        hrtime,
        uptime: () => machine.now() / 1e3,
        memoryUsage: Object.assign(
            () => ({ rss: 16 << 20, heapTotal: 8 << 20, heapUsed: 4 << 20, external: 0, arrayBuffers: 0 }),
            { rss: () => 16 << 20 },
        ),
        cpuUsage: () => ({ user: Math.round(machine.now() * 1e3), system: 0 }),
        emitWarning: (warning) => kit.write(2, `Warning: ${warning instanceof Error ? warning.message : warning}\n`),
        umask: () => 0o22,
    });
    Object.defineProperty(process, "exitCode", {
        configurable: true,
        enumerable: true,
        get: () => kit.exitCode,
        set(code) {
            kit.exitCode = code === undefined || code === null ? undefined : Number(code) & 255;
        },
    });
    Object.defineProperty(process, Symbol.toStringTag, { value: "process", configurable: true });
    kit.process = process;
    kit.define("process", process);
});
