// Prints without end.
// expect: limit output
for (;;) console.log("x".repeat(1000));
