// Timers, `performance`, randomness: what hangs on the loop, the clock and the host.
(function (kit) {
    "use strict";
    const { machine } = kit;

    class Timeout {
        #timer;
        constructor(action, wait, parameters, repeats) {
            this.#timer = kit.addTimer(action, wait, parameters, repeats);
            this.#timer.self = this;
        }
        ref() {
            kit.holdTimer(this.#timer, true);
            return this;
        }
        unref() {
            kit.holdTimer(this.#timer, false);
            return this;
        }
        hasRef() {
            return this.#timer.held;
        }
        refresh() {
            kit.refreshTimer(this.#timer);
            return this;
        }
        close() {
            kit.dropTimer(this.#timer);
            return this;
        }
        [Symbol.toPrimitive]() {
            return this.#timer.id;
        }
        static drop(value) {
            if (typeof value === "object" && value !== null && #timer in value) kit.dropTimer(value.#timer);
            else if (typeof value === "number" || typeof value === "string") {
                const timer = kit.findTimer(Number(value));
                if (timer !== undefined) kit.dropTimer(timer);
            }
        }
    }
    const drop = Timeout.drop;
    delete Timeout.drop;

    class Immediate {
        constructor(inner) {
            Object.defineProperty(this, "inner", { value: inner });
        }
        ref() {
            return this;
        }
        unref() {
            return this;
        }
        hasRef() {
            return true;
        }
    }

    const checked = (action) => {
        if (typeof action === "function") return action;
        throw Object.assign(
            new TypeError(`The "callback" argument must be of type function. Received ${kit.short(action)}`),
            { code: "ERR_INVALID_ARG_TYPE" },
        );
    };
    const timers = {
        setTimeout: (action, wait, ...parameters) => new Timeout(checked(action), Number(wait), parameters, false),
        setInterval: (action, wait, ...parameters) => new Timeout(checked(action), Number(wait), parameters, true),
        setImmediate: (action, ...parameters) => new Immediate(kit.addImmediate(checked(action), parameters)),
        clearTimeout: drop,
        clearInterval: drop,
        clearImmediate(immediate) {
            if (immediate instanceof Immediate) immediate.inner.active = false;
        },
    };
    for (const [name, value] of Object.entries(timers)) kit.define(name, value);

    const later = (start) => (wait, value, options) =>
        new Promise((resolve, reject) => {
            const timer = start(wait, () => resolve(value));
            options?.signal?.addEventListener("abort", () => {
                timer.close?.();
                reject(options.signal.reason);
            });
        });
    timers.promises = {
        setTimeout: later((wait, action) => new Timeout(action, Number(wait), [], false)),
        setImmediate: (value) => new Promise((resolve) => kit.addImmediate(resolve, [value])),
        async *setInterval(wait, value) {
            for (;;) {
                await timers.promises.setTimeout(wait);
                yield value;
            }
        },
    };
    timers.promises.scheduler = {
        wait: (wait) => timers.promises.setTimeout(wait),
        yield: () => timers.promises.setImmediate(),
    };
    Object.defineProperty(timers.setTimeout, Symbol.for("nodejs.util.promisify.custom"), {
        value: timers.promises.setTimeout,
    });
    kit.timers = timers;

    // QuickJS would lose what such a callback throws.
    kit.define("queueMicrotask", function queueMicrotask(action) {
        checked(action);
        Promise.resolve().then(() => {
            try {
                action();
            } catch (error) {
                kit.nextTick(() => {
                    throw error;
                }, []);
            }
        });
    });

    // The clock of the snapshot stood when the guest was built: this one begins with the run.
    const marks = new Map();
    const entry = (entryType, name, startTime, duration) => ({ name, entryType, startTime, duration });
    const performance = {
        now: () => machine.now(),
        get timeOrigin() {
            return Date.now() - machine.now();
        },
        mark(name) {
            const made = entry("mark", `${name}`, machine.now(), 0);
            marks.set(`${name}`, made);
            return made;
        },
        measure(name, from, to) {
            const start = marks.get(from)?.startTime ?? 0;
            return entry("measure", `${name}`, start, (marks.get(to)?.startTime ?? machine.now()) - start);
        },
        clearMarks: () => marks.clear(),
        clearMeasures() {},
        getEntriesByName: (name) => (marks.has(name) ? [marks.get(name)] : []),
        toJSON: () => ({ timeOrigin: performance.timeOrigin }),
    };
    kit.define("performance", performance);
    kit.performance = performance;

    // QuickJS seeds its own when it starts, which was when the guest was built.
    Object.defineProperty(Math, "random", { value: machine.mathRandom, writable: true, configurable: true });

    const randomBytes = (count) => Uint8Array.from(machine.random(count));
    const crypto = {
        getRandomValues(array) {
            if (!ArrayBuffer.isView(array)) throw new TypeError("The data argument must be an integer-type TypedArray");
            kit.bytesOf(array).set(randomBytes(array.byteLength));
            return array;
        },
        randomUUID() {
            const bytes = randomBytes(16);
            bytes[6] = (bytes[6] & 15) | 64;
            bytes[8] = (bytes[8] & 63) | 128;
            return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
                .join("")
                .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
        },
        randomBytes: (count) => kit.Buffer.from(randomBytes(count)),
        randomInt(from, to) {
            if (to === undefined) [from, to] = [0, from];
            return from + Math.floor(machine.mathRandom() * (to - from));
        },
    };
    crypto.webcrypto = crypto;
    kit.define("crypto", crypto);
    kit.crypto = crypto;
});
