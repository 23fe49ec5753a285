// Typed arrays without end.
// expect: limit memory
const data = [];
for (;;) data.push(new Uint8Array(10_000_000).fill(1));
