// Files written outside.
// expect: failure
fs.writeFileSync("../planted.txt", "x");
