// Prints errors without end.
// expect: limit output
for (;;) console.error("x".repeat(1000));
