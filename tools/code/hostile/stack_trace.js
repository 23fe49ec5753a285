// Takes hold of how stacks are written.
// expect: failure
Error.prepareStackTrace = () => { for (const x of [1]) throw x; };
Object.defineProperty(Error.prototype, "stack", { get() { throw new RangeError("no stack"); } });
throw new Error("hidden");
