// A regular expression that is nested without measure.
// expect: error SyntaxError|InternalError|RangeError or limit stack
new RegExp("(".repeat(100_000) + "a" + ")".repeat(100_000)).test("a");
