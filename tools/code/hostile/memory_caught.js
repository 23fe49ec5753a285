// Fills the memory, and goes on when it is told so.
// expect: limit memory or limit cpu
const data = [];
for (;;) { try { for (;;) data.push(new ArrayBuffer(10_000_000)); } catch {} }
