// An error whose message never ends.
// expect: limit cpu
throw Object.defineProperty(new Error(), "message", { get() { for (;;); } });
