// Appends without end.
// expect: limit disk
for (;;) fs.appendFileSync("full.txt", "x".repeat(100_000));
