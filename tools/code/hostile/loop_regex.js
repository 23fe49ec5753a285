// A regular expression that backtracks for ever.
// expect: limit cpu or error InternalError
console.log(/(a+)+$/.test("a".repeat(40) + "b"));
