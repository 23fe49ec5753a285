// Shown by a function that never ends.
// expect: limit cpu
console.log({ [Symbol.for("nodejs.util.inspect.custom")]() { for (;;); } });
