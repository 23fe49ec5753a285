// `error.stack` as programs know it: the name and the message above the frames, and only frames of the program.
(function (kit) {
    "use strict";

    const { get } = Object.getOwnPropertyDescriptor(Error.prototype, "stack");
    Object.defineProperty(Error.prototype, "stack", {
        configurable: true,
        enumerable: false,
        get() {
            const raw = get.call(this);
            return typeof raw === "string" ? kit.inRunner(kit.stackOf, this, raw) : raw;
        },
        set(value) {
            Object.defineProperty(this, "stack", { value, writable: true, configurable: true });
        },
    });

    const capture = Error.captureStackTrace;
    Object.defineProperty(Error, "captureStackTrace", {
        configurable: true,
        writable: true,
        value: function captureStackTrace(target, above) {
            capture(target, above ?? captureStackTrace);
            const own = Object.getOwnPropertyDescriptor(target, "stack");
            if (own !== undefined && typeof own.value === "string") {
                Object.defineProperty(target, "stack", { ...own, value: kit.inRunner(kit.stackOf, target, own.value) });
            }
        },
    });
    Error.stackTraceLimit = 20;
});
