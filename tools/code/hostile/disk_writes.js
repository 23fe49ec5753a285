// Writes without end.
// expect: limit disk or limit files
for (let n = 0; ; n++) fs.writeFileSync(`${n}.txt`, "x".repeat(1_000_000));
